//! Rows on their way into the body of an object.

use std::borrow::BorrowMut;

use bytes::Bytes;

use super::Contents;
use super::compression::Compression;
use crate::backend::error::Service;
use crate::backend::jsonl::{BodyWriter, LineEncoder};
use crate::backend::objects::{Kind, Upload};
use crate::backend::progress::Context;
use crate::backend::source::{LatestTimestamp, Snapshot, TableRows};
use crate::backend::{Backend, Error, Result, TableName, Watermark};

/// How many bytes of body are gathered before the upload takes them.
const CHUNK: usize = 256 << 10;

/// Rows on their way into the lines of a body.
pub struct Body<S: BorrowMut<Snapshot>> {
    table: TableName,
    rows: TableRows<S>,
    encoder: LineEncoder,
    writer: BodyWriter,
    compression: Compression,
    sent: Sent,
    /// Only a batch of newer rows ends at the newest of them.
    latest: Option<LatestTimestamp>,
}

/// What went into a body.
pub struct Streamed {
    rows: u64,
    /// As stored.
    pub bytes: u64,
    newest: Option<Watermark>,
    /// Whether `newest` is certain to agree with the server.
    exact: bool,
}

impl<S: BorrowMut<Snapshot>> Body<S> {
    /// The body of `rows`, none of which has been read.
    ///
    /// # Errors
    /// The timestamp columns of a batch cannot be found among the columns of `rows`.
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
            sent: Sent::default(),
            latest: latest.transpose()?,
            table: table.clone(),
            rows,
        })
    }

    /// Encodes all rows into `upload`. Dropped before its end, it leaves the upload to be aborted.
    pub async fn stream(mut self, upload: &mut dyn Upload, context: &Context) -> Result<Streamed> {
        while let Some(row) = self.rows.next().await? {
            if let Some(latest) = &mut self.latest {
                latest.observe(&row)?;
            }
            self.writer
                .write_row(&self.encoder, row.tuple())
                .map_err(|error| encoding(&self.table, error))?;
            if self.writer.ready() >= CHUNK {
                // The next chunk is likely to be as large, also where a single row is.
                let next = Vec::with_capacity(self.writer.ready() + CHUNK / 8);
                let chunk = self.writer.take(next);
                let chunk = self.compression.push(chunk).await;
                let chunk = chunk.map_err(|error| encoding(&self.table, error))?;
                self.sent
                    .send(upload, chunk, self.writer.rows(), context)
                    .await?;
            }
        }
        let rows = self.writer.rows();
        let rest = self.compression.finish(self.writer.finish()).await;
        let rest = rest.map_err(|error| encoding(&self.table, error))?;
        self.sent.send(upload, rest, rows, context).await?;
        Ok(Streamed {
            rows,
            bytes: self.sent.bytes,
            newest: self.latest.as_ref().and_then(LatestTimestamp::newest),
            exact: self.latest.as_ref().is_some_and(LatestTimestamp::is_exact),
        })
    }
}

/// What has been handed to the upload so far.
#[derive(Default)]
struct Sent {
    rows: u64,
    bytes: u64,
}

impl Sent {
    /// Hands on the next bytes of the body, after which `rows` rows have been encoded.
    async fn send(
        &mut self,
        upload: &mut dyn Upload,
        chunk: Vec<u8>,
        rows: u64,
        context: &Context,
    ) -> Result<()> {
        let bytes = chunk.len() as u64;
        if bytes > 0 {
            upload.write(Bytes::from(chunk)).await?;
        }
        context.progress.add(rows - self.rows, bytes);
        self.rows = rows;
        self.bytes += bytes;
        Ok(())
    }
}

impl Streamed {
    /// Holds what was encoded against what was counted.
    ///
    /// # Errors
    /// [`Error::CountMismatch`] and [`Error::NewestMismatch`] where these are not the rows of `contents`.
    pub fn verify(&self, table: &TableName, contents: &Contents) -> Result<()> {
        if self.rows != contents.rows {
            return Err(Error::CountMismatch {
                table: table.clone(),
                counted: contents.rows,
                encoded: self.rows,
            });
        }
        if self.exact && self.newest != Some(contents.to) {
            return Err(Error::NewestMismatch {
                table: table.clone(),
                counted: contents.to,
                encoded: self.newest,
            });
        }
        Ok(())
    }
}

fn encoding(table: &TableName, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Failed {
        service: Service::Source,
        place: "the COPY stream".to_owned(),
        doing: format!("encoding rows of {table}"),
        cause: error.into(),
    }
}
