//! Encoding rows into the body of an object.

use std::borrow::BorrowMut;

use bytes::Bytes;

use super::Batch;
use super::compression::Compression;
use crate::backend::jsonl::{BodyWriter, LineEncoder};
use crate::backend::objects::{Kind, Upload};
use crate::backend::progress::Context;
use crate::backend::source::{LatestTimestamp, Snapshot, TableRows, damaged_copy};
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{TableName, Watermark};

/// How many bytes of body are gathered before they are handed to the upload.
const CHUNK: usize = 256 << 10;

/// Rows being encoded into the lines of a body.
pub struct Body<S: BorrowMut<Snapshot>> {
    table: TableName,
    rows: TableRows<S>,
    encoder: LineEncoder,
    writer: BodyWriter,
    compression: Compression,
    ended: bool,
    /// Only for ingestion: other batches do not have to end at their newest row.
    latest: Option<LatestTimestamp>,
}

/// What went into a body.
pub struct Streamed {
    pub rows: u64,
    /// Size as stored.
    pub bytes: u64,
    pub newest: Option<Watermark>,
    /// Whether `newest` is certain to agree with what the server counted.
    exact: bool,
}

impl<S: BorrowMut<Snapshot>> Body<S> {
    /// The body of `rows`, none of which may have been read yet.
    ///
    /// # Errors
    /// The timestamp columns of a batch are missing from the columns of `rows`.
    pub fn new(
        backend: &Backend,
        table: &TableName,
        kind: Kind,
        rows: TableRows<S>,
    ) -> Result<Self> {
        let profile = backend.profile();
        let columns = rows.columns();
        let compression = Compression::new(profile.objects.compression);
        let latest = (kind == Kind::Ingest).then(|| {
            let named = profile.timestamp_columns(table);
            LatestTimestamp::new(table, columns, named, rows.timezone())
        });
        Ok(Self {
            encoder: LineEncoder::new(columns.to_vec()),
            writer: BodyWriter::new(profile.objects.format),
            compression: compression.map_err(|error| encoding(table, error))?,
            ended: false,
            latest: latest.transpose()?,
            table: table.clone(),
            rows,
        })
    }

    /// Encodes all rows into `upload`. If the future is dropped before it completes, the upload is
    /// left to be aborted.
    pub async fn stream(mut self, upload: &mut dyn Upload, context: &Context) -> Result<Streamed> {
        let (mut rows, mut bytes) = (0, 0);
        while let Some(chunk) = self.chunk().await? {
            let (told, length) = (rows, chunk.len() as u64);
            if length > 0 {
                upload.write(chunk).await?;
            }
            (rows, bytes) = (self.writer.rows(), bytes + length);
            context.progress.add(rows - told, length);
        }
        Ok(self.streamed(bytes))
    }

    /// Returns the next bytes of the body, possibly none; `None` after the last of them.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if self.ended {
            return Ok(None);
        }
        while let Some(row) = self.rows.next().await? {
            if let Some(latest) = &mut self.latest {
                latest.observe(&row)?;
            }
            self.writer
                .write_row(&self.encoder, row.tuple())
                .map_err(|error| encoding(&self.table, error))?;
            if self.writer.ready() >= CHUNK {
                // The next chunk is likely to be as large, even if a single row exceeds the limit.
                let next = Vec::with_capacity(self.writer.ready() + CHUNK / 8);
                let chunk = self.writer.take(next);
                let chunk = self.compression.push(chunk).await;
                let chunk = chunk.map_err(|error| encoding(&self.table, error))?;
                return Ok(Some(Bytes::from(chunk)));
            }
        }
        self.ended = true;
        let rest = self.compression.finish(self.writer.finish()).await;
        let rest = rest.map_err(|error| encoding(&self.table, error))?;
        Ok(Some(Bytes::from(rest)))
    }

    /// Whether all rows have been encoded and the last bytes of the body taken.
    pub const fn is_ended(&self) -> bool {
        self.ended
    }

    /// What has been encoded so far, into this many bytes.
    pub fn streamed(&self, bytes: u64) -> Streamed {
        Streamed {
            rows: self.writer.rows(),
            bytes,
            newest: self.latest.as_ref().and_then(LatestTimestamp::newest),
            exact: self.latest.as_ref().is_some_and(LatestTimestamp::is_exact),
        }
    }
}

impl Streamed {
    /// Compares what was encoded with what was counted.
    ///
    /// # Errors
    /// [`Error::CountMismatch`] and [`Error::NewestMismatch`] if these are not the rows of `batch`.
    pub fn verify(&self, table: &TableName, batch: &Batch) -> Result<()> {
        if self.rows != batch.rows {
            return Err(Error::CountMismatch {
                table: table.clone(),
                counted: batch.rows,
                encoded: self.rows,
            });
        }
        if self.exact && self.newest != Some(batch.to) {
            return Err(Error::NewestMismatch {
                table: table.clone(),
                counted: batch.to,
                encoded: self.newest,
            });
        }
        Ok(())
    }
}

fn encoding(table: &TableName, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    damaged_copy(format!("encoding rows of {table}"), error)
}
