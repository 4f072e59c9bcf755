//! Everything that touches the outside; knows no terminal.
//!
//! [`Backend`] has one method for each verb of the product, over one [`Profile`]. Seven of them are the core
//! operations that the system is made of. Ingestion uses the same building blocks, but passes on values that
//! it has already read, whereas these operations read them again:
//!
//! | operation | what it does |
//! |---|---|
//! | [`Backend::get_timestamp`] | the stored watermark of a table |
//! | [`Backend::write_timestamp`] | stores the watermark |
//! | [`Backend::collect_table_data`] | streams the rows newer than a watermark |
//! | [`find_latest_timestamp`] | the newest value of the named columns over rows |
//! | [`Backend::write_table_data_to_s3`] | writes rows as one object, if its key is absent |
//! | [`Backend::get_seq_id`] | the stored sequence id of a table |
//! | [`Backend::write_seq_id`] | stores the sequence id, only if it is exactly one more |
//!
//! [`ingest`] says how a batch is committed, and [`standing`] where ingestion continues from.
//!
//! | module | what it is |
//! |---|---|
//! | [`source`] | PostgreSQL: its catalog, the horizon, snapshots to count and copy in |
//! | [`parameters`], [`objects`] | the two stores, each in AWS and on this machine |
//! | [`aws`] | the clients of both services, and what their errors mean |
//! | [`jsonl`] | rows to JSON Lines, and back |
//! | [`tables`], [`status`] | which tables are selected; where each stands |
//! | [`stored`] | the two values of a table: reading them, and writing over a version that was read |
//! | [`table_objects`] | the objects of a table: their keys, their contents, the claims on their numbers |
//! | [`provenance`], `authorship` | who wrote a version of a value; which writes of a value count |
//! | [`standing`] | what the values and the objects say together |
//! | [`mod@write`] | rows on their way into one object |
//! | [`ingest`], [`backfill`], [`preview`] | new rows, an older range, and what would be written |
//! | [`edits`] | deliberate changes of the two values |
//! | [`doctor`], [`finding`] | what is wrong and what puts it right; the codes of what is found |
//! | [`check`], `grant`, [`reach`] | every permission tried; how a missing one is granted; who is out of reach |
//! | [`journal`], [`os_user`], `sqlite` | every change made from this machine; by whom; files shared by programs |
//! | [`progress`] | how far a verb has come, and the request to stop it |
//! | [`error`], [`advice`] | what can go wrong; the commands that messages suggest |

pub mod advice;
mod authorship;
pub mod aws;
pub mod backfill;
pub mod check;
pub mod doctor;
pub mod edits;
pub mod error;
pub mod finding;
mod grant;
pub mod ingest;
pub mod journal;
pub mod jsonl;
pub mod objects;
pub mod os_user;
pub mod parameters;
pub mod preview;
pub mod progress;
pub mod provenance;
pub mod reach;
pub mod source;
mod sqlite;
pub mod standing;
pub mod status;
pub mod stored;
pub mod table_objects;
pub mod tables;
pub mod write;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{ObjectStoreConfig, ParameterStoreConfig, Profile, Safety};
use aws::Aws;
use journal::{Change, Found, Journal, JournalEntry, JournalSearch};
use objects::{ObjectStore, local::LocalObjects, s3::S3Store};
use parameters::{ParameterStore, local::LocalParameters, ssm::SsmStore};
use progress::Progress;
use source::Source;
use source::connect::{Environment, SourcePool};

pub use error::{Error, Result};
pub use source::find_latest_timestamp;

/// The product's verbs over one profile. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct Backend {
    inner: Arc<Inner>,
    /// Whether to pause between attempts; simulations do not.
    pauses: bool,
    /// Counts what is read from objects.
    progress: Arc<Progress>,
}

struct Inner {
    profile: Profile,
    source: Arc<dyn Source>,
    parameters: Arc<dyn ParameterStore>,
    objects: Arc<dyn ObjectStore>,
    journal: Journal,
}

/// The source and the two stores of a profile.
#[derive(Debug, Clone)]
pub struct Stores {
    pub source: Arc<dyn Source>,
    pub parameters: Arc<dyn ParameterStore>,
    pub objects: Arc<dyn ObjectStore>,
}

impl Stores {
    /// Opens the source and the stores that `profile` names; reaches none of them yet.
    ///
    /// # Errors
    /// [`Error::Setting`] if the source's URL makes no sense.
    pub async fn of(profile: &Profile) -> Result<Self> {
        let source = SourcePool::new(&profile.source, &Environment::of_process())?;
        let mut aws = None;
        let parameters: Arc<dyn ParameterStore> = match &profile.parameters.store {
            ParameterStoreConfig::Local { path } => Arc::new(LocalParameters::new(path)),
            ParameterStoreConfig::Ssm => {
                let aws = aws.insert(Box::pin(Aws::load(&profile.aws)).await);
                let rate = profile.parameters.writes_per_second;
                Arc::new(SsmStore::new(aws).with_write_rate(rate))
            }
        };
        let objects: Arc<dyn ObjectStore> = match (&profile.objects.store, aws) {
            (ObjectStoreConfig::Local { path }, _) => Arc::new(LocalObjects::new(path)),
            (ObjectStoreConfig::S3 { bucket }, loaded) => {
                let aws = match loaded {
                    Some(aws) => aws,
                    None => Box::pin(Aws::load(&profile.aws)).await,
                };
                let region = profile.objects.region.as_deref();
                let store = S3Store::new(&aws.in_region(region), bucket);
                Arc::new(store.with_headers(&profile.objects.headers))
            }
        };
        Ok(Self {
            source: Arc::new(source),
            parameters,
            objects,
        })
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("profile", &self.inner.profile.name)
            .finish_non_exhaustive()
    }
}

impl Backend {
    /// Opens everything that `profile` names; reaches nothing yet.
    ///
    /// # Errors
    /// [`Error::Setting`] if the source's URL makes no sense.
    pub async fn open(profile: Profile, journal: Journal) -> Result<Self> {
        let stores = Stores::of(&profile).await?;
        Ok(Self::with_stores(profile, stores, journal))
    }

    /// A backend over a source and stores that are already open, whatever they are.
    #[must_use]
    pub fn with_stores(profile: Profile, stores: Stores, journal: Journal) -> Self {
        let inner = Inner {
            source: stores.source,
            parameters: stores.parameters,
            objects: stores.objects,
            profile,
            journal,
        };
        Self {
            inner: Arc::new(inner),
            pauses: true,
            progress: Arc::default(),
        }
    }

    /// This backend, never waiting for time to pass: for simulations, in which the schedule decides when
    /// another process gets its turn.
    #[must_use]
    pub fn without_pauses(self) -> Self {
        Self {
            pauses: false,
            ..self
        }
    }

    /// The profile it was opened for.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.inner.profile
    }

    /// What is being waited for that is neither the source nor a store, in half a sentence: a person who has
    /// to answer, say.
    #[must_use]
    pub fn awaited(&self) -> Option<String> {
        self.inner.source.awaited()
    }

    /// The newest `limit` changes made from this machine, newest first.
    ///
    /// # Errors
    /// [`Error::Journal`] naming the file that cannot be read.
    pub async fn journal(&self, limit: usize) -> Result<Vec<JournalEntry>> {
        self.search_journal(limit, JournalSearch::default(), &|_| ())
            .await
    }

    /// Like [`Self::journal`], for the changes that match `search`; those found on the way are reported to
    /// `found`.
    ///
    /// # Errors
    /// [`Error::Journal`] naming the file that cannot be read.
    pub async fn search_journal(
        &self,
        limit: usize,
        search: JournalSearch,
        found: &(dyn Fn(Found) + Send + Sync),
    ) -> Result<Vec<JournalEntry>> {
        self.inner.journal.newest(limit, search, found).await
    }

    /// Records a change in the journal. If the journal cannot be written, the work goes on regardless.
    async fn record(&self, change: Change) {
        let profile = &self.profile().name;
        self.inner.journal.record(profile, change).await;
    }

    /// Waits a while, so that other processes can finish what they are doing.
    async fn pause(&self, pause: Duration) {
        if self.pauses {
            tokio::time::sleep(pause).await;
        }
    }

    fn is_read_only(&self) -> bool {
        self.profile().safety == Safety::ReadOnly
    }

    /// # Errors
    /// [`Error::ReadOnly`] if the profile allows no writes.
    fn refuse_read_only(&self, doing: &str) -> Result<()> {
        if self.is_read_only() {
            return Err(Error::ReadOnly {
                profile: self.profile().name.clone(),
                doing: doing.to_owned(),
            });
        }
        Ok(())
    }
}
