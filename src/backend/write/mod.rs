//! Writing one object: from the first row to the commit.

mod body;
mod compression;
mod shape;
#[cfg(test)]
mod tests;
mod uncounted;

use std::borrow::BorrowMut;
use std::time::Duration;

use tokio::time::timeout;

use super::objects::{Commit, Kind, Metadata, NewObject, Upload};
use super::progress::{Context, Phase};
use super::provenance::RunId;
use super::source::{Cut, Snapshot, TableRows};
use super::standing::Position;
use super::{Backend, Error, Result};
use crate::vocabulary::{BackfillId, ObjectKey, SequenceId, TableName, Watermark};

use body::Body;
use shape::Shape;
pub use uncounted::Uncounted;

/// How long a run that was cancelled waits for its upload to be aborted.
const ABORTING: Duration = Duration::from_secs(2);

/// One run of ingestion: the id that marks its writes, and how it is watched and cancelled.
#[derive(Debug, Clone)]
pub struct Run {
    pub id: RunId,
    pub context: Context,
}

impl Run {
    /// A new run, watched and cancelled through `context`.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self {
            id: RunId::random(),
            context,
        }
    }
}

/// The object to be written, and by which run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    table: &'a TableName,
    sequence_id: SequenceId,
    run: &'a Run,
    /// Where the stored values were read; nothing is committed once they have changed. As long as they have not,
    /// every other run would use the same number now. That its key is free does not show this: after an edit of
    /// the sequence id, or if consumers remove objects, it may be free although another run has used the number.
    after: Option<Position>,
}

impl<'a> Target<'a> {
    /// The object after `position`, to be committed only while the stored values are as they were there.
    pub const fn after(table: &'a TableName, position: &Position, run: &'a Run) -> Self {
        Self {
            table,
            sequence_id: position.next_id(),
            run,
            after: Some(*position),
        }
    }
}

/// The rows that go into one object, as its metadata describes them: newer rows, an older range, or a whole
/// table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub kind: Kind,
    /// The bounds, as recorded in the object's metadata ([`Metadata`]).
    pub from: Option<Watermark>,
    pub to: Watermark,
    /// The table's watermark once the object counts.
    pub watermark: Watermark,
    pub rows: u64,
    /// The backfill that the object is a part of.
    pub backfill: Option<BackfillId>,
}

impl Batch {
    /// The metadata of the object.
    fn metadata(&self, shape: &Shape, sequence_id: SequenceId, run: &Run) -> Metadata {
        Metadata {
            kind: self.kind,
            from: self.from,
            to: self.to,
            watermark: self.watermark,
            sequence_id,
            rows: self.rows,
            run: run.id,
            schema: shape.schema.clone(),
            timezone: shape
                .timezone
                .filter(|_| self.kind != Kind::Snapshot)
                .map(str::to_owned),
            row_time: (self.kind != Kind::Snapshot).then(|| shape.row_time.clone()),
            backfill: self.backfill.clone(),
        }
    }
}

impl From<Cut> for Batch {
    /// A batch of rows newer than the watermark, which it advances.
    fn from(cut: Cut) -> Self {
        Self {
            kind: Kind::Ingest,
            from: cut.after,
            to: cut.to,
            watermark: cut.to,
            rows: cut.rows,
            backfill: None,
        }
    }
}

/// An object that has been committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub key: ObjectKey,
    pub rows: u64,
    /// Size of the body as stored.
    pub bytes: u64,
}

impl Backend {
    /// Writes `rows`, which are those of `batch`, as object `sequence_id` of `table`, and returns its key. The
    /// object exists with all its rows and metadata, or not at all.
    ///
    /// If the store says that the key exists, the metadata shows whether this very run wrote the object and the
    /// first answer was lost: in that case the write has succeeded.
    ///
    /// # Errors
    /// [`Error::ObjectExists`] if somebody else has written this number, [`Error::CommitConflict`] if somebody is
    /// writing it right now, [`Error::CountMismatch`] and [`Error::NewestMismatch`] if the rows are not those
    /// that were counted, [`Error::Cancelled`], [`Error::Unavailable`] if the store or the source cannot be
    /// reached, [`Error::Denied`] if one of them refuses, [`Error::ReadOnly`] if the profile is read-only. In
    /// each case the upload is aborted.
    pub async fn write_table_data_to_s3<S: BorrowMut<Snapshot> + Send>(
        &self,
        table: &TableName,
        rows: TableRows<S>,
        batch: &Batch,
        sequence_id: SequenceId,
        run: &Run,
    ) -> Result<Written> {
        let target = Target {
            table,
            sequence_id,
            run,
            after: None,
        };
        self.write_rows(&target, rows, batch).await
    }

    /// [`Self::write_table_data_to_s3`], subject to the conditions of `target`.
    ///
    /// # Errors
    /// Also [`Error::Interfered`] if the stored values have changed.
    pub(super) async fn write_rows<S: BorrowMut<Snapshot> + Send>(
        &self,
        target: &Target<'_>,
        rows: TableRows<S>,
        batch: &Batch,
    ) -> Result<Written> {
        let (table, run) = (target.table, target.run);
        self.refuse_writing(target)?;
        let shape = self.shape(table, rows.columns());
        let object = self.new_object(target, &shape, batch);
        let object = run.context.until_cancelled(object).await?;
        let body = Body::new(self, table, batch.kind, rows)?;
        let (key, expected) = (object.key.clone(), object.metadata.clone());
        let mut upload = self.inner.objects.create(object).await?;
        run.context.progress.enter(Phase::Copying);
        let streamed = tokio::select! {
            streamed = body.stream(upload.as_mut(), &run.context) => streamed,
            () = run.context.cancel.cancelled() => Err(Error::Cancelled),
        };
        let bytes = match streamed
            .and_then(|streamed| streamed.verify(table, batch).map(|()| streamed.bytes))
        {
            Ok(bytes) => bytes,
            Err(error) => return Err(give_up(upload, error).await),
        };
        let key = self.complete(target, upload, (key, expected)).await?;
        Ok(Written {
            key,
            rows: batch.rows,
            bytes,
        })
    }

    /// Commits the object whose rows `upload` has received in full, at this key and with this metadata, and
    /// returns the key. If the stored values have changed, aborts the upload instead. Once the store has been asked
    /// to create the object, a stop gives it a few seconds to answer; it may exist all the same after that.
    async fn complete(
        &self,
        target: &Target<'_>,
        upload: Box<dyn Upload>,
        (key, metadata): (ObjectKey, Metadata),
    ) -> Result<ObjectKey> {
        let (table, context) = (target.table, &target.run.context);
        context.progress.enter(Phase::Committing);
        if let Some(position) = &target.after
            && let Err(error) = context
                .until_cancelled(self.still_at(table, position))
                .await
        {
            return Err(give_up(upload, error).await);
        }
        let committing = self.commit(table, upload, (key, metadata));
        context.until_given_up(committing).await
    }

    async fn commit(
        &self,
        table: &TableName,
        upload: Box<dyn Upload>,
        (key, metadata): (ObjectKey, Metadata),
    ) -> Result<ObjectKey> {
        match upload.commit().await {
            Ok(Commit::Created) => {}
            Ok(Commit::Exists) => self.own_object(table, &key, &metadata).await?,
            Ok(Commit::Conflict(answer)) => {
                return Err(Error::CommitConflict {
                    table: table.clone(),
                    key,
                    answer,
                });
            }
            // The values must not be stored before the object is on disk.
            Err(error @ Error::Unsynced { .. }) => return Err(error),
            // The answer is lost, but the object may exist all the same.
            Err(error) => {
                if self.own_object(table, &key, &metadata).await.is_err() {
                    return Err(error);
                }
            }
        }
        Ok(key)
    }

    fn refuse_writing(&self, target: &Target<'_>) -> Result<()> {
        let (table, sequence_id) = (target.table, target.sequence_id);
        self.refuse_read_only(&format!("writing object {sequence_id} of {table}"))
    }

    async fn new_object(
        &self,
        target: &Target<'_>,
        shape: &Shape,
        batch: &Batch,
    ) -> Result<NewObject> {
        let metadata = batch.metadata(shape, target.sequence_id, target.run);
        let objects = &self.profile().objects;
        Ok(NewObject {
            key: self.key_for_writing(target.table, &metadata).await?,
            metadata,
            content_type: objects.format.content_type(),
            content_encoding: objects.compression.content_encoding(),
        })
    }

    /// Checks that the object at `key` is the one that was to be written: the same run, the same rows. An earlier
    /// attempt of the same run may have had different bounds.
    ///
    /// # Errors
    /// [`Error::ObjectExists`] if it is not, [`Error::Unavailable`].
    async fn own_object(
        &self,
        table: &TableName,
        key: &ObjectKey,
        expected: &Metadata,
    ) -> Result<()> {
        let head = self.inner.objects.head(key).await?;
        if head.and_then(|head| head.metadata).as_ref() == Some(expected) {
            return Ok(());
        }
        Err(Error::ObjectExists {
            table: table.clone(),
            key: key.clone(),
        })
    }
}

/// Aborts an upload that has failed, and returns the original error: a failure of the clean-up is only logged.
async fn give_up(upload: Box<dyn Upload>, error: Error) -> Error {
    if !matches!(error, Error::Cancelled) {
        abort(upload).await;
        return error;
    }
    // Nobody who has cancelled is to wait for a store that does not answer; if the program goes on, so does this.
    let aborting = tokio::spawn(abort(upload));
    if timeout(ABORTING, aborting).await.is_err() {
        tracing::warn!(
            "the store does not answer the request to abort an upload, whose parts may stay"
        );
    }
    error
}

/// Aborts an upload. If that fails, the upload is later found to be abandoned.
async fn abort(upload: Box<dyn Upload>) {
    if let Err(abort) = upload.abort().await {
        tracing::warn!(
            error = &abort as &dyn std::error::Error,
            "an upload could not be aborted"
        );
    }
}
