//! One table, batch after batch.

use std::time::{Duration, Instant};

use super::ground::{Ground, Position};
use super::report::{ErrorReport, IngestOptions, IngestReport, ObjectWritten, Outcome};
use crate::backend::journal::Change;
use crate::backend::progress::{Context, Phase};
use crate::backend::provenance::Provenance;
use crate::backend::sequence::SequenceId;
use crate::backend::source::{Cut, TableRows};
use crate::backend::write::{Run, Written};
use crate::backend::{Backend, Error, Result, TableName, Watermark};

/// How often a table is started again because other writers interfered.
const ATTEMPTS: u32 = 5;

/// Pause before the second attempt; each further one is longer by it.
const PAUSE: Duration = Duration::from_millis(100);

impl Backend {
    /// Ingests what is pending of `table`, as the next objects. What was written stays written also
    /// where a later batch fails: the report tells both.
    pub async fn ingest(
        &self,
        table: &TableName,
        options: IngestOptions,
        context: &Context,
    ) -> IngestReport {
        let mut objects = Vec::new();
        let ended = self
            .ingest_into(&mut objects, table, options, context)
            .await;
        if let Err(error) = &ended {
            tracing::warn!(%table, error = error as &dyn std::error::Error, "ingestion stopped");
        }
        let outcome = match &ended {
            Ok(()) if objects.is_empty() => Outcome::NothingPending,
            Ok(()) => Outcome::Written,
            Err(Error::Cancelled) if objects.is_empty() => Outcome::Skipped,
            Err(_) => Outcome::Failed,
        };
        IngestReport {
            table: table.clone(),
            outcome,
            objects,
            recovered: Vec::new(),
            error: ended.err().as_ref().map(ErrorReport::from),
        }
    }

    async fn ingest_into(
        &self,
        objects: &mut Vec<ObjectWritten>,
        table: &TableName,
        options: IngestOptions,
        context: &Context,
    ) -> Result<()> {
        self.refuse_read_only(&format!("ingesting {table}"))?;
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.attempt(objects, table, options, context).await {
                Err(error) if error.is_interference() && attempts < ATTEMPTS => {
                    tracing::info!(%table, attempts, error = &error as &dyn std::error::Error, "starting again");
                    tokio::time::sleep(PAUSE * attempts).await;
                }
                Err(error) if error.is_interference() => {
                    return Err(Error::Contended {
                        table: table.clone(),
                        attempts,
                        last: error.to_string(),
                    });
                }
                ended => return ended,
            }
        }
    }

    async fn attempt(
        &self,
        objects: &mut Vec<ObjectWritten>,
        table: &TableName,
        options: IngestOptions,
        context: &Context,
    ) -> Result<()> {
        let run = Run::new(context.clone());
        context.progress.enter(Phase::Reading);
        let mut started = Instant::now();
        let mut ground = context.until_cancelled(self.ground(table)).await?;
        let limit = self.rows_per_object(options);
        loop {
            context.progress.enter(Phase::Counting);
            let Some(cut) = context.until_cancelled(ground.cut(limit)).await? else {
                break;
            };
            context.progress.expect_more_rows(cut.rows);
            let sequence_id = ground.position.next_id();
            let written = self.batch(table, &mut ground, &cut, &run).await?;
            objects.push(ObjectWritten {
                key: written.key,
                sequence_id,
                rows: cut.rows,
                bytes: written.bytes,
                from: cut.after,
                to: cut.to,
                seconds: started.elapsed().as_secs_f64(),
            });
            started = Instant::now();
        }
        ground.leave().await;
        Ok(())
    }

    /// Steps 5 to 8: one object, then the two pointers to it. Once the object exists it counts, so
    /// that a wish to cancel is not heard before both are written.
    async fn batch(
        &self,
        table: &TableName,
        ground: &mut Ground,
        cut: &Cut,
        run: &Run,
    ) -> Result<Written> {
        let position = ground.position;
        let sequence_id = position.next_id();
        // What cannot be stored must be known before there is an object that it would belong to.
        let timestamp_name = self.profile().timestamp_parameter(table)?;
        self.timestamp_text(table, &timestamp_name, cut.to)?;
        let Some(snapshot) = &mut ground.snapshot else {
            return Err(Error::Invalid(format!(
                "{table}: there is no snapshot to read from"
            )));
        };
        let rows = TableRows::collect(snapshot, cut.after, cut.to.successor(), None);
        let rows = run.context.until_cancelled(rows).await?;
        let written = self
            .write_table_data_to_s3(table, rows, cut, sequence_id, run)
            .await?;
        run.context.progress.object_committed();
        self.record_batch(table, &written, cut, &position, run)
            .await;
        let by = Provenance::Run {
            run: run.id,
            sequence_id,
        };
        let timestamp_version = self
            .write_timestamp_after(table, cut.to, position.timestamp_version, &by)
            .await?;
        self.write_seq_id(table, sequence_id, &by).await?;
        ground.position = Position {
            watermark: Some(cut.to),
            sequence_id: Some(sequence_id),
            timestamp_version: Some(timestamp_version),
        };
        Ok(written)
    }

    async fn record_batch(
        &self,
        table: &TableName,
        written: &Written,
        cut: &Cut,
        before: &Position,
        run: &Run,
    ) {
        let position = |at: Option<Watermark>, id: Option<SequenceId>| {
            let at = at.map_or_else(|| "nothing".to_owned(), |at| at.to_string());
            let id = id.map_or_else(|| "nothing".to_owned(), |id| id.to_string());
            format!("{at} · {id}")
        };
        let next = before.next_id();
        self.record(Change {
            table: table.clone(),
            action: "ingest",
            what: written.key.to_string(),
            before: Some(position(before.watermark, before.sequence_id)),
            after: position(Some(cut.to), Some(next)),
            reason: format!("{} rows, run {}", cut.rows, run.id),
        })
        .await;
    }
}
