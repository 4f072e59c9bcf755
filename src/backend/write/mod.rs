//! Writing one object: from rows on their way to the commit.

mod body;
mod compression;
mod uncounted;

use std::borrow::BorrowMut;

use super::backfill::BackfillId;
use super::ingest::Position;
use super::jsonl::Column;
use super::objects::{Commit, Kind, Metadata, NewObject, ObjectKey, Upload};
use super::progress::{Context, Phase};
use super::provenance::RunId;
use super::sequence::SequenceId;
use super::source::{Cut, Snapshot, TableRows};
use super::{Backend, Error, Result, TableName, Watermark};

use body::Body;
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

/// What an object is to hold, known before its first byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
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

impl Contents {
    /// What the object says of itself.
    fn metadata(&self, columns: &[Column], sequence_id: SequenceId, run: &Run) -> Metadata {
        Metadata {
            kind: self.kind,
            from: self.from,
            to: self.to,
            watermark: self.watermark,
            sequence_id,
            rows: self.rows,
            run: run.id,
            schema: schema_hash(columns),
            backfill: self.backfill.clone(),
        }
    }
}

impl From<Cut> for Contents {
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
    /// Writes `rows`, which are those of `contents`, as object `sequence_id` of `table`, and returns its
    /// key. The object exists with all rows and its metadata, or not at all.
    ///
    /// Where the store says that the key exists, the metadata tells whether that is this very run,
    /// whose first answer was lost: then it is written.
    ///
    /// # Errors
    /// [`Error::ObjectExists`] where somebody else has written this number,
    /// [`Error::CommitConflict`] where somebody is just writing it, [`Error::CountMismatch`] and
    /// [`Error::NewestMismatch`] where the rows are not those that were counted,
    /// [`Error::Cancelled`], [`Error::Unavailable`]. In all of them the upload is aborted.
    pub async fn write_table_data_to_s3<S: BorrowMut<Snapshot> + Send>(
        &self,
        table: &TableName,
        rows: TableRows<S>,
        contents: &Contents,
        sequence_id: SequenceId,
        run: &Run,
    ) -> Result<Written> {
        self.write_rows(table, rows, contents, sequence_id, run, None)
            .await
    }

    /// [`Self::write_table_data_to_s3`] for rows that follow on `position`: where the values are no longer as
    /// they were there, nothing is committed. That is what keeps the number of the object the only one that anybody would
    /// use now: after an edit of the sequence id, or where consumers remove objects, the key alone does not.
    ///
    /// # Errors
    /// Also [`Error::Interfered`].
    pub(super) async fn write_rows<S: BorrowMut<Snapshot> + Send>(
        &self,
        table: &TableName,
        rows: TableRows<S>,
        contents: &Contents,
        sequence_id: SequenceId,
        run: &Run,
        position: Option<&Position>,
    ) -> Result<Written> {
        self.refuse_read_only(&format!("writing object {sequence_id} of {table}"))?;
        let object = self
            .new_object(table, rows.columns(), contents, sequence_id, run)
            .await?;
        let (key, expected) = (object.key.clone(), object.metadata.clone());
        let mut upload = self.inner.objects.create(object).await?;
        let body = Body::new(self, table, contents.kind, rows)?;
        run.context.progress.enter(Phase::Copying);
        let streamed = tokio::select! {
            streamed = body.stream(upload.as_mut(), &run.context) => streamed,
            () = run.context.cancel.cancelled() => Err(Error::Cancelled),
        };
        let bytes = match streamed
            .and_then(|streamed| streamed.verify(table, contents).map(|()| streamed.bytes))
        {
            Ok(bytes) => bytes,
            Err(error) => return Err(give_up(upload, error).await),
        };
        let object = (key, expected);
        let key = self.complete(table, upload, object, run, position).await?;
        Ok(Written {
            key,
            rows: contents.rows,
            bytes,
        })
    }

    /// Makes the object exist that `upload` has all rows of: at this key, with this metadata. Where the
    /// values are no longer as they were at `position`, it gives up instead. Returns the key.
    async fn complete(
        &self,
        table: &TableName,
        upload: Box<dyn Upload>,
        (key, metadata): (ObjectKey, Metadata),
        run: &Run,
        position: Option<&Position>,
    ) -> Result<ObjectKey> {
        run.context.progress.enter(Phase::Committing);
        if let Some(position) = position
            && let Err(error) = self.still_at(table, position).await
        {
            return Err(give_up(upload, error).await);
        }
        match upload.commit().await {
            Ok(Commit::Created) => {}
            Ok(Commit::Exists) => self.own_object(table, &key, &metadata).await?,
            Ok(Commit::Conflict) => {
                return Err(Error::CommitConflict {
                    table: table.clone(),
                    key,
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

    async fn new_object(
        &self,
        table: &TableName,
        columns: &[Column],
        contents: &Contents,
        sequence_id: SequenceId,
        run: &Run,
    ) -> Result<NewObject> {
        let metadata = contents.metadata(columns, sequence_id, run);
        let objects = &self.profile().objects;
        Ok(NewObject {
            key: self.key_for_writing(table, &metadata).await?,
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

/// A short hash of column names and types (64-bit FNV-1a in hexadecimal): it changes when the shape
/// of the rows does.
fn schema_hash(columns: &[Column]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in columns
        .iter()
        .flat_map(|column| format!("{}\0{}\0", column.name, column.type_name).into_bytes())
    {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}
