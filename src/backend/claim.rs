//! Objects named after the clock.
//!
//! Where a key holds the date or the time of the run, two writers of the same number miss each
//! other. The run therefore first creates a claim, at a key that holds nothing but the table and the
//! number; it says under which key the object will be. Whoever finds the claim of another run knows
//! that the number is taken, and where to look for its object. The commit is still the object.

use bytes::Bytes;
use chrono::{Days, NaiveDate, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::error::{Cause, Service};
use super::objects::{Commit, Metadata, NewObject, ObjectHead, ObjectKey};
use super::{Backend, Error, Result, SequenceId, TableName, Watermark};

/// Largest claim that is read, in bytes; a claim is a few hundred.
const LARGEST: u64 = 64 << 10;
/// How many days are listed at once.
const DAYS_AT_ONCE: usize = 8;

/// Body of a claim.
#[derive(Debug, Serialize, Deserialize)]
struct Claim {
    /// The exact key of the object.
    key: String,
    run: String,
}

/// Where the claim of an object is.
fn claim_key(table: &TableName, sequence_id: SequenceId) -> ObjectKey {
    ObjectKey::new(format!(
        "_highwater/claims/{}/{sequence_id:08}.json",
        table.qualified()
    ))
}

impl Backend {
    /// The key at which `metadata.run` is to write its object: claimed first where the template
    /// names objects after the clock.
    ///
    /// # Errors
    /// [`Error::ObjectExists`] where another run has claimed the number, [`Error::CommitConflict`]
    /// where one is just doing it, [`Error::Unavailable`].
    pub(super) async fn key_for_writing(
        &self,
        table: &TableName,
        metadata: &Metadata,
    ) -> Result<ObjectKey> {
        if let Some(key) = self.key_of(table, metadata.sequence_id) {
            return Ok(key);
        }
        let key = self.key_at(table, metadata.sequence_id);
        let at = claim_key(table, metadata.sequence_id);
        let claim = Claim {
            key: key.to_string(),
            run: metadata.run.to_string(),
        };
        let body =
            serde_json::to_vec(&claim).map_err(|error| self.claim_failed(&at, error.into()))?;
        let mut upload = self
            .inner
            .objects
            .create(NewObject {
                key: at.clone(),
                metadata: metadata.clone(),
                content_type: "application/json",
                content_encoding: None,
            })
            .await?;
        upload.write(Bytes::from(body)).await?;
        match upload.commit().await? {
            Commit::Created => Ok(key),
            Commit::Conflict => Err(Error::CommitConflict {
                table: table.clone(),
                key: at,
            }),
            Commit::Exists => match self.claim(&at).await? {
                Some(claim) if claim.run == metadata.run.to_string() => {
                    Ok(ObjectKey::new(claim.key))
                }
                claim => Err(Error::ObjectExists {
                    table: table.clone(),
                    key: claim.map_or(at, |claim| ObjectKey::new(claim.key)),
                }),
            },
        }
    }

    /// The object `sequence_id` of a table whose objects are named after the clock: at its claimed
    /// key, or, where another program wrote it without a claim, found in the listings of the days
    /// since the stored timestamp.
    pub(super) async fn find_dated(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        since: Option<Watermark>,
    ) -> Result<Option<ObjectHead>> {
        let key = match self.claim(&claim_key(table, sequence_id)).await? {
            Some(claim) => Some(ObjectKey::new(claim.key)),
            None => self.find_unclaimed(table, sequence_id, since).await?,
        };
        match key {
            Some(key) => self.inner.objects.head(&key).await,
            None => Ok(None),
        }
    }

    async fn find_unclaimed(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        since: Option<Watermark>,
    ) -> Result<Option<ObjectKey>> {
        let profile = self.profile();
        let template = profile.key_template(table);
        let mut prefixes: Vec<String> = match since {
            None => vec![template.prefix(&profile.env, table)],
            Some(since) => days(since)
                .map(|day| template.prefix_of_number(&profile.env, table, sequence_id, day))
                .collect(),
        };
        prefixes.dedup();
        let searches = stream::iter(prefixes).map(|prefix| self.search(table, sequence_id, prefix));
        let found: Vec<Option<ObjectKey>> = searches.buffered(DAYS_AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().next())
    }

    async fn search(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        prefix: String,
    ) -> Result<Option<ObjectKey>> {
        let keys = self.keys_under(table, &prefix).await?;
        Ok(keys
            .into_iter()
            .find(|(id, _)| *id == sequence_id)
            .map(|(_, key)| key))
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

/// The days since a watermark, today included, with one more at both ends for clocks that differ.
fn days(since: Watermark) -> impl Iterator<Item = NaiveDate> {
    let day = |day: NaiveDate, step: fn(NaiveDate, Days) -> Option<NaiveDate>| {
        step(day, Days::new(1)).unwrap_or(day)
    };
    let first = day(
        since.to_datetime().date_naive(),
        NaiveDate::checked_sub_days,
    );
    let last = day(Utc::now().date_naive(), NaiveDate::checked_add_days);
    first.iter_days().take_while(move |day| *day <= last)
}
