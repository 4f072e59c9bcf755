//! The exact lines that ingestion would write.

use super::error::{Cause, Error, Result, Service};
use super::ingest::{IngestOptions, PlannedObject};
use super::jsonl::LineEncoder;
use super::source::TableRows;
use super::{Backend, SequenceId, TableName};

/// The first lines of what ingestion would write next.
#[derive(Debug, Clone)]
pub struct Preview {
    pub table: TableName,
    /// The next object, with its bounds; `None` if nothing is pending.
    pub object: Option<PlannedObject>,
    /// Whole lines, without their line breaks, at most as many as asked for.
    pub lines: Vec<String>,
}

impl Backend {
    /// Up to `limit` of the lines that ingestion would write as the next object of `table`, encoded
    /// as it would encode them.
    ///
    /// # Errors
    /// Those that ingestion would stop with before its first byte.
    pub async fn preview(&self, table: &TableName, limit: usize) -> Result<Preview> {
        let stored = self.stored(table).await?;
        let newest = self.sound(table, &stored).await?;
        let horizon = self.horizon().await?;
        let mut preview = Preview {
            table: table.clone(),
            object: None,
            lines: Vec::new(),
        };
        let snapshot = self.snapshot(table).await?;
        let Some(before) = horizon.at else {
            return Ok(preview);
        };
        let max_rows = self.rows_per_object(IngestOptions::default());
        let Some(cut) = snapshot.cut(newest.watermark, before, max_rows).await? else {
            return Ok(preview);
        };
        let sequence_id = newest
            .sequence_id
            .map_or(SequenceId::FIRST, SequenceId::next);
        preview.object = Some(PlannedObject {
            key: self.key_at(table, sequence_id),
            sequence_id,
            rows: cut.rows,
            from: cut.after,
            to: cut.to,
        });
        let mut rows =
            TableRows::collect(snapshot, cut.after, cut.to.successor(), Some(limit)).await?;
        let encoder = LineEncoder::new(rows.columns().to_vec());
        let mut line = Vec::new();
        while let Some(row) = rows.next().await? {
            line.clear();
            encoder
                .encode_row(row.tuple(), &mut line)
                .map_err(|error| Error::Failed {
                    service: Service::Source,
                    place: "the COPY stream".to_owned(),
                    doing: format!("encoding rows of {table}"),
                    cause: Cause::from(error),
                })?;
            preview
                .lines
                .push(String::from_utf8_lossy(&line).into_owned());
        }
        rows.into_snapshot().close().await;
        Ok(preview)
    }
}
