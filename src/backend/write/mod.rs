//! Writing one object: from rows on their way to the commit.

mod body;
mod compression;
mod shape;
mod uncounted;

use std::borrow::BorrowMut;

use super::backfill::BackfillId;
use super::objects::{Commit, Kind, Metadata, NewObject, Upload};
use super::progress::{Context, Phase};
use super::provenance::RunId;
use super::source::{Cut, Snapshot, TableRows};
use super::standing::Position;
use super::{Backend, Error, Result};
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

use body::Body;
use shape::Shape;
pub use uncounted::Uncounted;

/// One run of the ingestion, as its writes are marked, and those who watch it.
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

/// The object that is to be written, and in whose name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    table: &'a TableName,
    sequence_id: SequenceId,
    run: &'a Run,
    /// Where the stored values were read; nothing is committed once they have changed. That is what keeps
    /// the number the only one that anybody would use now: after an edit of the sequence id, or where
    /// consumers remove objects, its key may be free although another run has used it.
    after: Option<Position>,
}

impl<'a> Target<'a> {
    /// The object after `position`, as long as the stored values are as they were there.
    pub const fn after(table: &'a TableName, position: &Position, run: &'a Run) -> Self {
        Self {
            table,
            sequence_id: position.next_id(),
            run,
            after: Some(*position),
        }
    }
}

/// The rows that go into one object, as its metadata tells of them: newer ones, an older range, or a whole table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub kind: Kind,
    /// The bounds, as the object's metadata says them ([`Metadata`]).
    pub from: Option<Watermark>,
    pub to: Watermark,
    /// The table's watermark once the object counts.
    pub watermark: Watermark,
    pub rows: u64,
    /// The backfill that the object is a part of.
    pub backfill: Option<BackfillId>,
}

impl Batch {
    /// What the object says of itself.
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
    /// A batch of rows newer than the watermark, which it moves.
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
    /// Writes `rows`, which are those of `batch`, as object `sequence_id` of `table`, and returns its
    /// key. The object exists with all rows and its metadata, or not at all.
    ///
    /// Where the store says that the key exists, the metadata tells whether that is this very run,
    /// whose first answer was lost: then it is written.
    ///
    /// # Errors
    /// [`Error::ObjectExists`] where somebody else has written this number,
    /// [`Error::CommitConflict`] where somebody is just writing it, [`Error::CountMismatch`] and
    /// [`Error::NewestMismatch`] where the rows are not those that were counted,
    /// [`Error::Cancelled`], [`Error::Unavailable`] where the store or the source cannot be reached,
    /// [`Error::Denied`] where one of them refuses, [`Error::ReadOnly`] where the profile does. In all of
    /// them the upload is aborted.
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

    /// [`Self::write_table_data_to_s3`], with all that `target` demands.
    ///
    /// # Errors
    /// Also [`Error::Interfered`] where the stored values have changed.
    pub(super) async fn write_rows<S: BorrowMut<Snapshot> + Send>(
        &self,
        target: &Target<'_>,
        rows: TableRows<S>,
        batch: &Batch,
    ) -> Result<Written> {
        let (table, run) = (target.table, target.run);
        self.refuse_writing(target)?;
        let shape = self.shape(table, rows.columns());
        let object = self.new_object(target, &shape, batch).await?;
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

    /// Makes the object exist that `upload` has all rows of: at this key, with this metadata. Where the
    /// stored values have changed, it gives up instead. Returns the key.
    async fn complete(
        &self,
        target: &Target<'_>,
        upload: Box<dyn Upload>,
        (key, metadata): (ObjectKey, Metadata),
    ) -> Result<ObjectKey> {
        let table = target.table;
        target.run.context.progress.enter(Phase::Committing);
        if let Some(position) = &target.after
            && let Err(error) = self.still_at(table, position).await
        {
            return Err(give_up(upload, error).await);
        }
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
            // The answer is lost, and the object may exist all the same.
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

    /// Whether the object at `key` is the one that was to be written: the same run, the same rows.
    /// An earlier attempt of the same run may have had other bounds.
    ///
    /// # Errors
    /// [`Error::ObjectExists`] where it is not, [`Error::Unavailable`].
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

/// Aborts an upload that has failed. What went wrong is reported, not that the clean-up failed too.
async fn give_up(upload: Box<dyn Upload>, error: Error) -> Error {
    abort(upload).await;
    error
}

/// Aborts an upload. One that cannot be aborted is found as abandoned later.
async fn abort(upload: Box<dyn Upload>) {
    if let Err(abort) = upload.abort().await {
        tracing::warn!(
            error = &abort as &dyn std::error::Error,
            "an upload could not be aborted"
        );
    }
}
