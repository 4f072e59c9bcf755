//! Reading rows from a snapshot.

use std::borrow::BorrowMut;
use std::sync::Arc;

use chrono_tz::Tz;

use super::copy::{CopyStream, RowCopy};
use super::snapshot::Snapshot;
use crate::backend::error::Result;
use crate::backend::jsonl::{Column, Row, TupleReader};
use crate::vocabulary::Watermark;

/// Rows of one table as they are read, each with its column names.
///
/// Memory is bounded: one row at a time, and what the connection has buffered. The rows own their snapshot, or
/// borrow one. If they are dropped before their end, the statement is ended, and the session with it.
pub struct TableRows<S: BorrowMut<Snapshot> = Snapshot> {
    stream: CopyStream,
    reader: TupleReader,
    columns: Arc<[Column]>,
    snapshot: S,
}

impl<S: BorrowMut<Snapshot>> TableRows<S> {
    /// Starts to stream the rows `after < ts < before`, at most `limit` of them, in no particular
    /// order.
    ///
    /// # Errors
    /// The error of the source or of the connection.
    pub async fn collect(
        mut snapshot: S,
        after: Option<Watermark>,
        before: Watermark,
        limit: Option<usize>,
    ) -> Result<Self> {
        let copy = snapshot.borrow_mut().copy(after, before, limit).await?;
        Ok(Self::of(copy, snapshot))
    }

    /// Starts to stream all rows, at most `limit` of them, in no particular order.
    ///
    /// # Errors
    /// The error of the source or of the connection.
    pub async fn collect_all(mut snapshot: S, limit: Option<usize>) -> Result<Self> {
        let copy = snapshot.borrow_mut().copy_all(limit).await?;
        Ok(Self::of(copy, snapshot))
    }

    fn of(copy: RowCopy, snapshot: S) -> Self {
        Self {
            reader: TupleReader::new(copy.columns.len()),
            columns: copy.columns.into(),
            stream: copy.stream,
            snapshot,
        }
    }

    /// The columns of every row.
    #[must_use]
    pub const fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }

    /// The zone in which timestamps without one are read.
    #[must_use]
    pub fn timezone(&self) -> Tz {
        self.snapshot.borrow().timezone()
    }

    /// Returns the next row; `None` after the last one.
    ///
    /// # Errors
    /// [`Unavailable`](crate::backend::Error::Unavailable) if the connection breaks,
    /// [`Failed`](crate::backend::Error::Failed) if the stream is damaged.
    pub async fn next(&mut self) -> Result<Option<Row<'_>>> {
        loop {
            match self.reader.advance() {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => return Err(self.snapshot.borrow().damaged(error)),
            }
            match self.stream.next().await {
                Some(chunk) => self.reader.push(chunk?),
                None => return self.ended(),
            }
        }
        Ok(Some(Row::current(&self.columns, &self.reader)))
    }

    /// Returns the snapshot, for further use. Only for rows that have all been read.
    pub fn into_snapshot(self) -> S {
        self.snapshot
    }

    /// Nothing follows: that is the end of the rows only if the stream itself says so.
    fn ended(&self) -> Result<Option<Row<'_>>> {
        let finished = self.reader.finish();
        finished.map_err(|error| self.snapshot.borrow().damaged(error))?;
        Ok(None)
    }
}
