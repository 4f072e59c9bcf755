//! The bytes of a binary COPY as they arrive.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use tokio_postgres::CopyOutStream;

use super::connect::failure;
use crate::backend::error::{Cause, Error, Result, Service};
use crate::backend::jsonl::Column;

/// The error of a row that arrived but cannot be understood.
pub(in crate::backend) fn damaged_copy(doing: String, cause: impl Into<Cause>) -> Error {
    Error::Failed {
        service: Service::Source,
        place: "the COPY stream".to_owned(),
        doing,
        cause: cause.into(),
    }
}

/// Rows being copied out of a snapshot.
pub struct RowCopy {
    /// The columns of every row, in the order of the fields.
    pub columns: Vec<Column>,
    pub stream: CopyStream,
}

/// The chunks of a binary COPY (PostgreSQL documentation, COPY, "Binary Format"), split at
/// arbitrary places.
pub struct CopyStream(Chunks);

enum Chunks {
    /// The server sends each row as a chunk of its own, so this is polled for every row, and a
    /// virtual call is avoided.
    Postgres {
        stream: Pin<Box<CopyOutStream>>,
        place: String,
        doing: String,
    },
    Other(BoxStream<'static, Result<Bytes>>),
}

impl CopyStream {
    /// The chunks that any other source yields.
    pub fn new(chunks: impl Stream<Item = Result<Bytes>> + Send + 'static) -> Self {
        Self(Chunks::Other(chunks.boxed()))
    }

    /// The chunks that PostgreSQL at `place` sends while it is `doing` this.
    pub(super) fn of_postgres(stream: CopyOutStream, place: &str, doing: String) -> Self {
        Self(Chunks::Postgres {
            stream: Box::pin(stream),
            place: place.to_owned(),
            doing,
        })
    }

    /// Returns the next chunk; `None` after the last one.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::backend::Error::Unavailable) if the connection breaks.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        match &mut self.0 {
            Chunks::Postgres {
                stream,
                place,
                doing,
            } => {
                let chunk = stream.next().await?;
                Some(chunk.map_err(|error| failure::failure(place, doing.as_str(), error)))
            }
            Chunks::Other(chunks) => chunks.next().await,
        }
    }
}
