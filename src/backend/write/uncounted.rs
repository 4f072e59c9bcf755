//! Writing a small batch without counting its rows first.
//!
//! Metadata is normally sent before the body. A small body is still in the store's buffer when its last
//! row has been read, so its metadata can be set at that point.

use std::borrow::BorrowMut;

use bytes::Bytes;
use chrono_tz::Tz;

use super::body::Body;
use super::shape::Shape;
use super::{Batch, Run, Target, Written, abort, give_up};
use crate::backend::objects::{Kind, Metadata, Upload};
use crate::backend::progress::Phase;
use crate::backend::source::{Cut, Snapshot, TableRows};
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{SequenceId, TableName, Watermark};

/// Bytes of body that such a batch may have. Every store accepts this many before it has to be told the
/// object's metadata ([`Upload::describe`]).
const MOST: u64 = 6 << 20;

/// What became of rows that had not been counted.
pub enum Uncounted {
    Written(Batch, Written),
    /// There are none.
    Nothing,
    /// There are more of them than expected. Nothing was written, and the snapshot can still be read.
    Many,
    /// They are larger than expected. Nothing was written, and the snapshot is of no further use.
    Large,
}

/// Rows being encoded into an object.
struct Draft<S: BorrowMut<Snapshot>> {
    table: TableName,
    shape: Shape,
    body: Body<S>,
    /// The watermark before these rows.
    after: Option<Watermark>,
    sequence_id: SequenceId,
    run: Run,
    /// How many rows there may be.
    most: u64,
    /// Bytes of body so far.
    bytes: u64,
}

/// What is known of the rows after reading some of them.
enum Read {
    /// There may be more.
    Some,
    All(Batch),
    Unfit(Uncounted),
}

impl<S: BorrowMut<Snapshot>> Draft<S> {
    async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let chunk = self.body.chunk().await?;
        self.bytes += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        Ok(chunk)
    }

    /// # Errors
    /// [`Error::Bug`] if none of the rows has a timestamp.
    fn read(&self) -> Result<Read> {
        if self.bytes > MOST {
            return Ok(Read::Unfit(Uncounted::Large));
        }
        if !self.body.is_ended() {
            return Ok(Read::Some);
        }
        let streamed = self.body.streamed(self.bytes);
        if streamed.rows == 0 {
            return Ok(Read::Unfit(Uncounted::Nothing));
        }
        if streamed.rows > self.most {
            return Ok(Read::Unfit(Uncounted::Many));
        }
        let to = streamed.newest.ok_or_else(|| {
            let table = &self.table;
            Error::Bug(format!(
                "{table}: rows were selected by a timestamp that none of them has"
            ))
        })?;
        let cut = Cut {
            after: self.after,
            to,
            rows: streamed.rows,
        };
        Ok(Read::All(cut.into()))
    }

    /// A placeholder for the batch while its rows are still being read.
    fn unknown(&self) -> Batch {
        let to = self.after.unwrap_or_else(Watermark::now);
        Batch {
            kind: Kind::Ingest,
            from: self.after,
            to,
            watermark: to,
            rows: 0,
            backfill: None,
        }
    }

    /// Writes `first` and everything that follows, as long as it fits, into an upload begun with the
    /// metadata of `begun`, then gives the upload the metadata of what it holds.
    async fn fill(
        &mut self,
        first: Bytes,
        upload: &mut dyn Upload,
        begun: &Batch,
        storable: impl Fn(Watermark) -> Result<()> + Send + Sync,
    ) -> Result<Read> {
        let mut next = Some(first);
        while let Some(chunk) = next
            && self.bytes <= MOST
        {
            if !chunk.is_empty() {
                upload.write(chunk).await?;
            }
            next = self.chunk().await?;
        }
        let read = self.read()?;
        if let Read::All(batch) = &read {
            storable(batch.to)?;
            if batch != begun && !upload.describe(self.metadata(batch)) {
                return Ok(Read::Unfit(Uncounted::Many));
            }
        }
        Ok(read)
    }

    fn metadata(&self, batch: &Batch) -> Metadata {
        batch.metadata(&self.shape, self.sequence_id, &self.run)
    }
}

impl Backend {
    /// Whether batches of `table` can be written without having been counted: the newest timestamp among
    /// the rows read has to be certain to agree with the server, and there must be no claim, which would
    /// have to record what is in the object before it is begun.
    pub(in crate::backend) fn may_write_uncounted(&self, table: &TableName) -> bool {
        self.profile().source.timezone == Tz::UTC && !self.makes_claims(table)
    }

    /// Writes `rows`, which are newer than the watermark and at most one more than `most`, as `target`,
    /// unless they turn out to be more than `most` or larger than a few megabytes. `storable` checks the
    /// newest timestamp among them before the object is committed.
    ///
    /// # Errors
    /// As [`Backend::write_rows`], and the errors of `storable`.
    pub(in crate::backend) async fn write_uncounted<S: BorrowMut<Snapshot> + Send>(
        &self,
        target: &Target<'_>,
        rows: TableRows<S>,
        most: u64,
        storable: impl Fn(Watermark) -> Result<()> + Send + Sync,
    ) -> Result<Uncounted> {
        let (table, context) = (target.table, &target.run.context);
        self.refuse_writing(target)?;
        let mut draft = Draft {
            table: table.clone(),
            shape: self.shape(table, rows.columns()),
            body: Body::new(self, table, Kind::Ingest, rows)?,
            after: target.after.and_then(|position| position.watermark),
            sequence_id: target.sequence_id,
            run: target.run.clone(),
            most,
            bytes: 0,
        };
        let first = context.until_cancelled(draft.chunk()).await?;
        let begun = match draft.read()? {
            Read::Some => draft.unknown(),
            Read::All(batch) => batch,
            Read::Unfit(why) => return Ok(why),
        };
        let object = self.new_object(target, &draft.shape, &begun);
        let object = context.until_cancelled(object).await?;
        let key = object.key.clone();
        let mut upload = self.inner.objects.create(object).await?;
        context.progress.enter(Phase::Copying);
        let filling = draft.fill(first.unwrap_or_default(), upload.as_mut(), &begun, storable);
        let batch = match context.until_cancelled(filling).await {
            Ok(Read::All(batch)) => batch,
            Ok(Read::Unfit(why)) => {
                abort(upload).await;
                return Ok(why);
            }
            Ok(Read::Some) => {
                let error = Error::Bug(format!("{table}: rows were left unread"));
                return Err(give_up(upload, error).await);
            }
            Err(error) => return Err(give_up(upload, error).await),
        };
        context.progress.expect_rows_left(batch.rows);
        context.progress.add(batch.rows, draft.bytes);
        let (rows, bytes) = (batch.rows, draft.bytes);
        let object = (key, draft.metadata(&batch));
        let key = self.complete(target, upload, object).await?;
        Ok(Uncounted::Written(batch, Written { key, rows, bytes }))
    }
}
