//! The exact lines that ingestion would write.

use super::Backend;
use super::error::Result;
use super::ingest::{IngestOptions, PlannedObject};
use super::jsonl::LineEncoder;
use super::source::{Snapshot, TableRows, damaged_copy};
use super::table_objects::listing::LOOKED_AT;
use crate::vocabulary::TableName;

/// The first lines of what ingestion would write next.
#[derive(Debug, Clone)]
pub struct Preview {
    pub table: TableName,
    /// The next object, with its bounds; `None` if nothing is pending.
    pub object: Option<PlannedObject>,
    /// Whole lines, without their line breaks: at most as many as asked for, and at most a few megabytes.
    pub lines: Vec<String>,
}

/// What ingestion would write next, line by line; memory stays bounded whatever its size.
pub struct PreviewLines {
    /// The next object, with its bounds; `None` if nothing is pending.
    pub object: Option<PlannedObject>,
    table: TableName,
    rows: Option<(TableRows<Snapshot>, LineEncoder)>,
    line: Vec<u8>,
}

impl Backend {
    /// Up to `limit` of the lines that ingestion would write as the next object of `table`.
    ///
    /// # Errors
    /// The errors that would stop ingestion before its first byte.
    pub async fn preview(&self, table: &TableName, limit: usize) -> Result<Preview> {
        let mut preview = self.preview_lines(table, Some(limit)).await?;
        let mut lines = Vec::new();
        let mut bytes = 0;
        while let Some(line) = preview.next_line().await? {
            bytes += line.len();
            if bytes > LOOKED_AT && !lines.is_empty() {
                break;
            }
            lines.push(line);
        }
        Ok(Preview {
            table: table.clone(),
            object: preview.object,
            lines,
        })
    }

    /// The lines that ingestion would write as the next object of `table`, all of them or up to `limit`,
    /// encoded as ingestion would encode them.
    ///
    /// # Errors
    /// The errors that would stop ingestion before its first byte.
    pub async fn preview_lines(
        &self,
        table: &TableName,
        limit: Option<usize>,
    ) -> Result<PreviewLines> {
        let (mut ground, _) = self.survey(table).await?;
        let (object, batch) = if self.is_whole(table) {
            (Some(self.planned_whole(table, &mut ground).await?), None)
        } else {
            let limit = self.rows_per_object(IngestOptions::default());
            let batch = ground.batch(limit).await?;
            let planned = batch.as_ref();
            let object = planned.map(|batch| self.planned(table, &ground.position, batch));
            (object, batch)
        };
        let mut lines = PreviewLines {
            table: table.clone(),
            object,
            rows: None,
            line: Vec::new(),
        };
        let rows = match (batch, ground.snapshot.take()) {
            (Some(batch), Some(snapshot)) => {
                TableRows::collect(snapshot, batch.from, batch.to.successor(), limit).await?
            }
            (None, Some(snapshot)) if lines.object.is_some() => {
                TableRows::collect_all(snapshot, limit).await?
            }
            (_, snapshot) => {
                ground.snapshot = snapshot;
                ground.leave().await;
                return Ok(lines);
            }
        };
        let encoder = LineEncoder::new(rows.columns().to_vec());
        lines.rows = Some((rows, encoder));
        Ok(lines)
    }
}

impl PreviewLines {
    /// The table.
    #[must_use]
    pub const fn table(&self) -> &TableName {
        &self.table
    }

    /// The next line, without its line break; `None` after the last one.
    ///
    /// # Errors
    /// [`Unavailable`](super::Error::Unavailable) if the connection breaks.
    pub async fn next_line(&mut self) -> Result<Option<String>> {
        let Some((rows, encoder)) = &mut self.rows else {
            return Ok(None);
        };
        let Some(row) = rows.next().await? else {
            if let Some((rows, _)) = self.rows.take() {
                rows.into_snapshot().close().await;
            }
            return Ok(None);
        };
        self.line.clear();
        let done = encoder.encode_row(row.tuple(), &mut self.line);
        done.map_err(|error| damaged_copy(format!("encoding rows of {}", self.table), error))?;
        Ok(Some(String::from_utf8_lossy(&self.line).into_owned()))
    }
}
