//! The whole table of payments: extracted, which is the floor, and ingested.

use std::time::{Duration, Instant};

use tokio_postgres::Client;

use crate::floor::{self, throw_away};
use crate::ingestion::Ingestion;
use crate::payments::{self, TABLE};
use crate::setting::Result;

/// The existing table of payments.
pub struct Whole {
    url: String,
    pub rows: u64,
    pub client: Client,
    /// The statement that extracts all rows as binary COPY.
    pub copy: String,
}

impl Whole {
    /// The table with `rows` rows, read once before anything is measured.
    pub async fn of(url: String, rows: u64) -> Result<Self> {
        let client = payments::connect(&url, rows).await?;
        let copy = floor::binary_copy(TABLE, &floor::columns(&client, TABLE).await?);
        let whole = Self {
            url,
            rows,
            client,
            copy,
        };
        whole.extract(&whole.copy).await?;
        Ok(whole)
    }

    /// The time of a binary COPY whose bytes are thrown away.
    pub async fn extract(&self, copy: &str) -> Result<Duration> {
        let start = Instant::now();
        throw_away(&self.client, copy).await?;
        Ok(start.elapsed())
    }

    /// The ingestion of the table into one object, in the store that `objects` describes.
    pub const fn ingestion(&self, objects: String) -> Ingestion<'_> {
        Ingestion {
            url: self.url.as_str(),
            tables: &[TABLE],
            rows: self.rows,
            objects,
        }
    }
}
