//! Objects named after the clock, and objects that consumers remove.
//!
//! If a key holds the date or the time of the run, two writers of the same number miss each other. So the run
//! first creates a claim, at a key that holds nothing but the table and the number; the claim records the key
//! of the object to come. Whoever finds a claim looks for the object there, and writes it there if it is
//! absent. The commit is still the object.
//!
//! If consumers remove objects after use, each object is claimed as well, and claims stay. Its rows are written
//! again only if a consumer takes the object away between its commit and the writing of the two values, and at
//! just that moment the run dies, or another run of the same number is between its last look at the values and
//! its commit. A claim describes the run that made it; a run that finishes what another has claimed leaves a claim
//! of its own beside it, with the run's id in its name.

use bytes::Bytes;
use chrono::{Days, NaiveDate, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::backend::{
    Backend, Error, Result,
    error::{Cause, Service},
    objects::{Commit, Metadata, NewObject, ObjectHead, ObjectSummary},
};
use crate::config::{Consumers, template::KeyTemplate};
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

/// Largest claim that is read, in bytes; a claim is a few hundred.
const LARGEST: u64 = 64 << 10;
/// How many days are listed concurrently.
pub(super) const DAYS_AT_ONCE: usize = 8;
/// Beyond this many days, one listing of all objects of the table is quicker than one for each day.
const MOST_DAYS: usize = 60;
/// The same limit if a listing by days contains the objects of all tables.
const MOST_DAYS_AMONG_OTHERS: usize = 400;

/// The body of a claim.
#[derive(Debug, Serialize, Deserialize)]
struct Claim {
    /// The exact key of the object.
    key: String,
    run: String,
    /// The `env` of the profile; absent from claims of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    env: Option<String>,
}

/// Why a claim cannot be continued from.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    #[error(
        "{table}: object {sequence_id} was claimed as {key} by a profile whose env is {env:?}, not {own:?}; if objects are named after the clock, or removed by consumers, each profile needs a bucket of its own"
    )]
    OfAnotherEnv {
        table: TableName,
        sequence_id: SequenceId,
        key: String,
        env: String,
        own: String,
    },

    #[error(
        "{table}: object {sequence_id} was claimed as {key}, which does not fit the present objects.key and objects.compression, and its run died before writing it; with the earlier settings the next run writes it, or remove {at} to give it another name"
    )]
    UnderAnotherName {
        table: TableName,
        sequence_id: SequenceId,
        key: ObjectKey,
        /// The key of the claim.
        at: ObjectKey,
    },
}

/// The key of an object's claim. Slashes and dots in a name do not create another folder.
fn claim_key(table: &TableName, sequence_id: SequenceId) -> ObjectKey {
    ObjectKey::new(format!("{}{sequence_id:08}.json", claim_prefix(table)))
}

/// The key at which a run claims an object that another run has claimed before.
fn finishing_key(table: &TableName, metadata: &Metadata) -> ObjectKey {
    let (prefix, number) = (claim_prefix(table), metadata.sequence_id);
    ObjectKey::new(format!("{prefix}{number:08}-{}.json", metadata.run))
}

/// The number of the object that `key` claims, under this prefix.
pub(in crate::backend) fn claimed_number(prefix: &str, key: &ObjectKey) -> Option<SequenceId> {
    let name = key.as_str().strip_prefix(prefix)?.strip_suffix(".json")?;
    let number = name.split_once('-').map_or(name, |(number, _)| number);
    number.parse().ok()
}

/// The prefix of the keys of a table's claims.
pub(in crate::backend) fn claim_prefix(table: &TableName) -> String {
    let name = table.to_string().replace('%', "%25").replace('/', "%2F");
    format!("_highwater/claims/{name}/")
}

impl Backend {
    /// Whether a claim is made before every object of `table`.
    pub(in crate::backend) fn makes_claims(&self, table: &TableName) -> bool {
        self.profile().key_template(table).is_dated() || self.consumers_remove()
    }

    /// Returns the key at which `metadata.run` is to write its object. If the table makes claims, the key is
    /// claimed first.
    ///
    /// # Errors
    /// [`ClaimError::UnderAnotherName`] if the number was claimed under a key that the table's objects no
    /// longer have, [`Error::CommitConflict`] if another run is claiming it right now, or its claim has just
    /// been removed, [`Error::Unavailable`].
    pub(in crate::backend) async fn key_for_writing(
        &self,
        table: &TableName,
        metadata: &Metadata,
    ) -> Result<ObjectKey> {
        let key = self.key_at(table, metadata.sequence_id);
        if !self.makes_claims(table) {
            return Ok(key);
        }
        let at = claim_key(table, metadata.sequence_id);
        match self.put_claim(&at, &key, metadata).await? {
            Commit::Created => Ok(key),
            Commit::Conflict(answer) => Err(Error::CommitConflict {
                table: table.clone(),
                key: at,
                answer,
            }),
            // Whoever claimed it, the object decides: it is created at the claimed key if it is not there.
            Commit::Exists => match self.claim(&at).await? {
                Some(claim) => self.taken_over(table, &at, claim, metadata).await,
                None => Err(Error::CommitConflict {
                    table: table.clone(),
                    key: at,
                    answer: "the claim was there, and is gone".to_owned(),
                }),
            },
        }
    }

    /// Creates a claim at `at`, which says that the object described by `metadata` will be at `key`.
    async fn put_claim(
        &self,
        at: &ObjectKey,
        key: &ObjectKey,
        metadata: &Metadata,
    ) -> Result<Commit> {
        let claim = Claim {
            key: key.to_string(),
            run: metadata.run.to_string(),
            env: Some(self.profile().env.clone()),
        };
        let body =
            serde_json::to_vec(&claim).map_err(|error| self.claim_failed(at, error.into()))?;
        let claim = NewObject {
            key: at.clone(),
            metadata: metadata.clone(),
            content_type: "application/json",
            content_encoding: None,
        };
        let mut upload = self.inner.objects.create(claim).await?;
        upload.write(Bytes::from(body)).await?;
        upload.commit().await
    }

    /// Returns the key at which `metadata.run` is to write the object of a number that was claimed before, at
    /// `at`.
    async fn taken_over(
        &self,
        table: &TableName,
        at: &ObjectKey,
        claim: Claim,
        metadata: &Metadata,
    ) -> Result<ObjectKey> {
        let is_own = claim.run == metadata.run.to_string();
        let key = self.claimed_key(table, metadata.sequence_id, at, claim)?;
        // Once the object is gone, nothing else records what was in it.
        if self.consumers_remove() && !is_own {
            let at = finishing_key(table, metadata);
            if let Commit::Conflict(answer) = self.put_claim(&at, &key, metadata).await? {
                return Err(Error::CommitConflict {
                    table: table.clone(),
                    key: at,
                    answer,
                });
            }
        }
        Ok(key)
    }

    /// Finds object `sequence_id` of a table whose objects are named after the clock: at its claimed key, or,
    /// if another program wrote it without a claim, in the listings of the days since the stored timestamp.
    pub(in crate::backend) async fn find_dated(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        since: Option<Watermark>,
    ) -> Result<Option<ObjectHead>> {
        let key = match self.claim(&claim_key(table, sequence_id)).await? {
            // The claim may have been made when objects had different names.
            Some(claim) => Some(ObjectKey::new(claim.key)),
            None => self.find_unclaimed(table, sequence_id, since).await?,
        };
        match key {
            Some(key) => self.inner.objects.head(&key).await,
            None => Ok(None),
        }
    }

    /// Refuses to continue after an object that the stored sequence id does not include yet, if a profile of
    /// another `env` has claimed its number. Claims are named by table and number alone: if two profiles write
    /// to one bucket and only `{env}` keeps their objects apart, each would take the other's objects for its
    /// own.
    ///
    /// # Errors
    /// [`ClaimError::OfAnotherEnv`] if that is so, and the errors of reading the claim.
    pub(in crate::backend) async fn check_claim(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
    ) -> Result<()> {
        let profile = self.profile();
        if !profile.key_template(table).names_env() {
            return Ok(());
        }
        let Some(claim) = self.claim(&claim_key(table, sequence_id)).await? else {
            return Ok(());
        };
        match claim.env {
            Some(env) if env != profile.env => Err(ClaimError::OfAnotherEnv {
                table: table.clone(),
                sequence_id,
                key: claim.key,
                env,
                own: profile.env.clone(),
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// Returns what the claim of an object says about it; `None` if there is no claim made by this program.
    pub(in crate::backend) async fn claimed(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
    ) -> Result<Option<Metadata>> {
        let at = claim_key(table, sequence_id);
        let head = self.inner.objects.head(&at).await?;
        Ok(head.and_then(|head| head.metadata))
    }

    /// Returns what the claim of the highest number says; `None` if nothing was ever claimed. Of several claims
    /// of that number, it is the one with the lowest watermark: there is no telling which of their runs wrote
    /// the object.
    pub(in crate::backend) async fn newest_claim(
        &self,
        table: &TableName,
    ) -> Result<Option<Metadata>> {
        let prefix = claim_prefix(table);
        let claims = self.listed_under(&prefix).await?;
        let number = |claim: &ObjectSummary| claimed_number(&prefix, &claim.key);
        let Some(newest) = claims.iter().filter_map(number).max() else {
            return Ok(None);
        };
        let mut least: Option<Metadata> = None;
        for claim in claims.iter().filter(|claim| number(claim) == Some(newest)) {
            let head = self.inner.objects.head(&claim.key).await?;
            let metadata = head.and_then(|head| head.metadata);
            let of_both = least.into_iter().chain(metadata);
            least = of_both.min_by_key(|metadata| metadata.watermark);
        }
        Ok(least)
    }

    /// Whether consumers delete or move objects after use, so that only its claim shows that an absent object
    /// existed.
    pub(in crate::backend) fn consumers_remove(&self) -> bool {
        self.profile().objects.consumers == Consumers::Remove
    }

    /// Returns the key recorded in a claim, if the object of this table and number can have it.
    ///
    /// # Errors
    /// [`ClaimError::UnderAnotherName`] if it cannot.
    fn claimed_key(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        at: &ObjectKey,
        claim: Claim,
    ) -> Result<ObjectKey> {
        let key = ObjectKey::new(claim.key);
        let profile = self.profile();
        let number = profile
            .key_template(table)
            .matches(&profile.env, table, &key);
        if number == Some(sequence_id) {
            return Ok(key);
        }
        Err(ClaimError::UnderAnotherName {
            table: table.clone(),
            sequence_id,
            key,
            at: at.clone(),
        }
        .into())
    }

    /// Finds an object that nobody has claimed, on the days since the stored timestamp; on any day, if there is
    /// none.
    async fn find_unclaimed(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        since: Option<Watermark>,
    ) -> Result<Option<ObjectKey>> {
        let profile = self.profile();
        let template = profile.key_template(table);
        let most = most_days(template);
        let Some(since) = since.filter(|since| days(*since).count() <= most) else {
            let after = since.and_then(|since| days(since).next());
            let after = after.map(|day| template.before_day(&profile.env, table, day));
            let prefix = template.prefix(&profile.env, table);
            return self.search(table, sequence_id, prefix, after).await;
        };
        let mut prefixes: Vec<String> = days(since)
            .map(|day| template.prefix_of_number(&profile.env, table, sequence_id, day))
            .collect();
        prefixes.dedup();
        let searches =
            stream::iter(prefixes).map(|prefix| self.search(table, sequence_id, prefix, None));
        let found: Vec<Option<ObjectKey>> = searches.buffered(DAYS_AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().next())
    }

    async fn search(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        prefix: String,
        after: Option<ObjectKey>,
    ) -> Result<Option<ObjectKey>> {
        let keys = self.keys_under(table, &prefix, after).await?;
        let found = keys.into_iter().find(|one| one.sequence_id == sequence_id);
        Ok(found.map(|found| found.key))
    }

    async fn claim(&self, at: &ObjectKey) -> Result<Option<Claim>> {
        let body = self.inner.objects.read(at, 0, LARGEST).await?;
        body.map(|body| {
            serde_json::from_slice(&body).map_err(|error| self.claim_failed(at, error.into()))
        })
        .transpose()
    }

    fn claim_failed(&self, at: &ObjectKey, cause: Cause) -> Error {
        Error::Failed {
            service: Service::Objects,
            place: self.inner.objects.place().to_owned(),
            doing: format!("reading the claim {at}"),
            cause,
        }
    }
}

/// How many days of objects under `template` are listed one by one rather than all at once.
pub(super) fn most_days(template: &KeyTemplate) -> usize {
    if template.names_table_before_date() {
        MOST_DAYS
    } else {
        MOST_DAYS_AMONG_OTHERS
    }
}

/// The days since a watermark, including today, with one more at either end to allow for clocks that differ.
fn days(since: Watermark) -> impl Iterator<Item = NaiveDate> {
    let day = |day: NaiveDate, step: fn(NaiveDate, Days) -> Option<NaiveDate>| {
        step(day, Days::new(1)).unwrap_or(day)
    };
    let today = Utc::now().date_naive();
    // No run has reached a watermark in the future.
    let first = since.to_datetime().date_naive().min(today);
    let first = day(first, NaiveDate::checked_sub_days);
    let last = day(today, NaiveDate::checked_add_days);
    first.iter_days().take_while(move |day| *day <= last)
}
