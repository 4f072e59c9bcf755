//! The newest object of a table, and how far its rows go.

use chrono_tz::Tz;

use crate::backend::{
    Backend, Error, Result,
    aws::AwsCause,
    error::chain,
    objects::{Kind, Metadata, ObjectHead},
    standing::end_in,
    table_objects::contents::{Contents, Marks},
    table_objects::keys::NumberedKey,
};
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

use super::diagnosis::Evidence;

/// The newest object, and what its rows show if its metadata does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tip {
    pub sequence_id: SequenceId,
    pub head: ObjectHead,
    /// The zone in which timestamps without one are read.
    pub timezone: Tz,
    /// `None` for an object of highwater, which need not be read, and for one that cannot be read.
    pub contents: Option<Contents>,
    /// Why it cannot be read, though it exists.
    pub damage: Option<String>,
}

impl Tip {
    /// What the object says about the table's watermark; `None` for an object of another program, and for one
    /// that holds a whole table.
    pub fn metadata(&self) -> Option<&Metadata> {
        let metadata = self.head.metadata.as_ref()?;
        (metadata.kind != Kind::Snapshot).then_some(metadata)
    }

    /// The table's watermark once this object counts, by its metadata or by its newest row.
    pub fn watermark(&self) -> Option<Watermark> {
        match (self.metadata(), &self.contents) {
            (Some(metadata), _) => end_in(metadata, self.timezone),
            (None, Some(contents)) => contents.newest,
            (None, None) => None,
        }
    }

    /// Whether its rows follow directly on `timestamp`, so that nobody has stored yet that it exists.
    pub fn follows(&self, timestamp: Watermark) -> bool {
        match (self.metadata(), &self.contents) {
            (Some(metadata), _) => {
                metadata.kind == Kind::Ingest && metadata.from == Some(timestamp)
            }
            (None, Some(contents)) => contents.all_newer_than(timestamp),
            (None, None) => false,
        }
    }

    /// `evidence` with what is known about the object.
    pub fn evidence(&self, evidence: Evidence) -> Evidence {
        let metadata = self.head.metadata.as_ref();
        let evidence = evidence
            .with("object", &self.head.key)
            .with("object_sequence_id", self.sequence_id)
            .with("object_modified", Watermark::from(self.head.modified))
            .with(
                "object_run",
                metadata.map(|metadata| metadata.run.to_string()),
            )
            .with(
                "object_watermark",
                self.metadata().map(|metadata| metadata.watermark),
            )
            .with("object_rows", metadata.map(|metadata| metadata.rows))
            .with("object_damage", &self.damage);
        match &self.contents {
            Some(contents) => of_contents(contents, evidence),
            None => evidence,
        }
    }
}

/// `evidence` with what was read of the rows.
pub(super) fn of_contents(contents: &Contents, evidence: Evidence) -> Evidence {
    evidence
        .with("object_rows", contents.rows)
        .with("object_oldest_row", contents.oldest)
        .with("object_newest_row", contents.newest)
        .with("object_rows_above_timestamp", contents.above)
        .with(
            "object_rows_without_timestamp",
            Some(contents.untimed).filter(|untimed| *untimed > 0),
        )
}

impl Backend {
    /// The newest of `keys`. It is read if no metadata says how far it goes; its rows are then compared with
    /// `marks`.
    pub(super) async fn tip(
        &self,
        table: &TableName,
        keys: &[NumberedKey],
        marks: Marks,
    ) -> Result<Option<Tip>> {
        let Some(NumberedKey { sequence_id, key }) = keys.iter().max() else {
            return Ok(None);
        };
        let Some(head) = self.inner.objects.head(key).await? else {
            return Ok(None);
        };
        let (contents, damage) = match &head.metadata {
            Some(_) => (None, None),
            None => match self.whole_or_damaged(table, key, marks).await? {
                Ok(contents) => (Some(contents), None),
                Err(damage) => (None, Some(damage)),
            },
        };
        Ok(Some(Tip {
            sequence_id: *sequence_id,
            head,
            timezone: self.profile().source.timezone,
            contents,
            damage,
        }))
    }

    /// What is in an object of another program; the inner error says why its body cannot be read as rows.
    ///
    /// # Errors
    /// Those of [`Backend::object_contents`] that do not concern the body.
    pub(super) async fn whole_or_damaged(
        &self,
        table: &TableName,
        key: &ObjectKey,
        marks: Marks,
    ) -> Result<Result<Contents, String>> {
        match self.object_contents(table, key, marks).await {
            Ok(contents) => Ok(Ok(contents)),
            Err(error) if says_of_body(&error) => Ok(Err(chain(&error).join(": "))),
            Err(error) => Err(error),
        }
    }
}

/// Whether the body is at fault: what a service of AWS says about the object, for example that it is
/// archived, is no damage.
fn says_of_body(error: &Error) -> bool {
    matches!(error, Error::Failed { cause, .. } if !cause.is::<AwsCause>())
}
