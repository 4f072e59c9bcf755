//! Encodes the rows of a binary COPY into lines as an ingestion does, but without a store.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use highwater::backend::jsonl::{BodyWriter, LineEncoder, TupleReader};
use highwater::config::BodyFormat;
use tokio_postgres::Client;

use crate::setting::Result;

/// The encoded bytes are passed on in parts of this size, as in an upload.
const PART: usize = 8 << 20;

/// Encodes every row, and returns the size of the lines in bytes.
pub async fn encode(client: &Client, copy: &str, encoder: &LineEncoder, rows: u64) -> Result<u64> {
    let mut stream = pin!(client.copy_out(copy).await?);
    let mut reader = TupleReader::new(encoder.columns().len());
    let mut body = BodyWriter::new(BodyFormat::Jsonl);
    let mut part = Vec::new();
    let mut bytes = 0;
    while let Some(chunk) = stream.try_next().await? {
        reader.push(chunk);
        while let Some(tuple) = reader.next_tuple()? {
            body.write_row(encoder, tuple)?;
        }
        if body.ready() >= PART {
            part = body.take(part);
            bytes += std::hint::black_box(&part).len() as u64;
        }
    }
    reader.finish()?;
    assert_eq!(body.rows(), rows, "every row arrives");
    bytes += body.finish().len() as u64;
    Ok(bytes)
}
