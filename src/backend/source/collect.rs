//! Rows on their way out of a snapshot.

use std::borrow::BorrowMut;
use std::pin::Pin;
use std::sync::Arc;

use chrono_tz::Tz;
use futures_util::StreamExt;
use tokio_postgres::CopyOutStream;

use super::snapshot::Snapshot;
use crate::backend::error::{Error, Result, Service};
use crate::backend::jsonl::{Column, DecodeError, Row, TupleReader};
use crate::backend::watermark::Watermark;

/// Rows of one table on their way, each with its column names.
///
/// Memory is bounded: one row at a time, and what the connection has buffered. Lives in a snapshot of its own, or in one that it is
/// lent; dropped before its end, it ends the statement and the session with it.
pub struct TableRows<S: BorrowMut<Snapshot> = Snapshot> {
    stream: Pin<Box<CopyOutStream>>,
    reader: TupleReader,
    columns: Arc<[Column]>,
    snapshot: S,
}

impl<S: BorrowMut<Snapshot>> TableRows<S> {
    /// Starts to stream the rows `after < ts < before`, at most `limit` of them, in no particular
    /// order.
    ///
    /// # Errors
    /// What PostgreSQL or the connection says.
    pub async fn collect(
        mut snapshot: S,
        after: Option<Watermark>,
        before: Watermark,
        limit: Option<usize>,
    ) -> Result<Self> {
        let source = snapshot.borrow_mut();
        let columns = source.table.encoded_columns();
        let list: Vec<String> = columns.iter().map(Column::select_expression).collect();
        let limit = limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
        let statement = format!(
            "COPY (SELECT {} FROM {} WHERE {}{limit}) TO STDOUT (FORMAT binary)",
            list.join(", "),
            source.table.name.quoted(),
            source.time.between(after, before)
        );
        let stream = source.connection.copy_out(&statement).await;
        let stream = stream.map_err(|error| source.failure("collecting rows", error))?;
        Ok(Self {
            reader: TupleReader::new(columns.len()),
            columns: columns.into(),
            stream: Box::pin(stream),
            snapshot,
        })
    }

    /// The columns of every row.
    #[must_use]
    pub const fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }

    /// The zone of timestamps without one.
    #[must_use]
    pub fn timezone(&self) -> Tz {
        self.snapshot.borrow().timezone
    }

    /// The next row; `None` after the last one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the connection breaks, [`Error::Failed`] where the stream is
    /// damaged.
    pub async fn next(&mut self) -> Result<Option<Row<'_>>> {
        loop {
            match self.reader.advance() {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => return Err(damaged(self.snapshot.borrow(), error)),
            }
            match self.stream.next().await {
                Some(Ok(chunk)) => self.reader.push(chunk),
                Some(Err(error)) => {
                    return Err(self.snapshot.borrow().failure("collecting rows", error));
                }
                None => return self.ended(),
            }
        }
        Row::parse(&self.columns, self.reader.tuple())
            .map(Some)
            .map_err(|error| damaged(self.snapshot.borrow(), error))
    }

    /// The snapshot, to go on in it. For rows that have all been read.
    pub fn into_snapshot(self) -> S {
        self.snapshot
    }

    /// Nothing follows: that is the end only if the stream says so itself.
    fn ended(&self) -> Result<Option<Row<'_>>> {
        let snapshot = self.snapshot.borrow();
        self.reader
            .finish()
            .map_err(|error| damaged(snapshot, error))?;
        Ok(None)
    }
}

fn damaged(snapshot: &Snapshot, error: DecodeError) -> Error {
    Error::Failed {
        service: Service::Source,
        place: snapshot.connection.place().to_owned(),
        doing: format!("reading rows of {}", snapshot.table.name),
        cause: error.into(),
    }
}
