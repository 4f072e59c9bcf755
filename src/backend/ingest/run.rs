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

/// How often a table is started again because other writers interfered, without an object of its
/// own in between.
const ATTEMPTS: u32 = 10;

/// Pause before the second attempt; each further one is longer by it.
const PAUSE: Duration = Duration::from_millis(100);

/// What has been done so far, whatever comes of the rest.
#[derive(Default)]
struct Done {
    objects: Vec<ObjectWritten>,
    recovered: Vec<String>,
}

impl Backend {
    /// Ingests what is pending of `table`, as the next objects. What was written stays written also
    /// where a later batch fails: the report tells both.
    pub async fn ingest(
        &self,
        table: &TableName,
        options: IngestOptions,
        context: &Context,
    ) -> IngestReport {
        let mut done = Done::default();
        let ended = self.ingest_into(&mut done, table, options, context).await;
        if let Err(error) = &ended {
            tracing::warn!(%table, error = error as &dyn std::error::Error, "ingestion stopped");
        }
        let outcome = match &ended {
            Ok(()) if done.objects.is_empty() => Outcome::NothingPending,
            Ok(()) => Outcome::Written,
            Err(Error::Cancelled) if done.objects.is_empty() => Outcome::Skipped,
            Err(_) => Outcome::Failed,
        };
        IngestReport {
            table: table.clone(),
            outcome,
            objects: done.objects,
            recovered: done.recovered,
            error: ended.err().as_ref().map(ErrorReport::from),
        }
    }

    async fn ingest_into(
        &self,
        done: &mut Done,
        table: &TableName,
        options: IngestOptions,
        context: &Context,
    ) -> Result<()> {
        self.refuse_read_only(&format!("ingesting {table}"))?;
        let mut attempts = 0;
        loop {
            let before = done.objects.len();
            let Err(error) = self.attempt(done, table, options, context).await else {
                return Ok(());
            };
            if !error.is_interference() {
                return Err(error);
            }
            attempts = if done.objects.len() > before {
                1
            } else {
                attempts + 1
            };
            if attempts == ATTEMPTS {
                return Err(Error::Contended {
                    table: table.clone(),
                    attempts,
                    last: error.to_string(),
                });
            }
            tracing::info!(%table, attempts, error = &error as &dyn std::error::Error, "starting again");
            let pause = async {
                tokio::time::sleep(PAUSE * attempts).await;
                Ok(())
            };
            context.until_cancelled(pause).await?;
        }
    }

    async fn attempt(
        &self,
        done: &mut Done,
        table: &TableName,
        options: IngestOptions,
        context: &Context,
    ) -> Result<()> {
        let run = Run::new(context.clone());
        context.progress.enter(Phase::Reading);
        let mut started = Instant::now();
        let mut ground = self.ground(table, &mut done.recovered, context).await?;
        let limit = self.rows_per_object(options);
        loop {
            context.progress.enter(Phase::Counting);
            let Some(cut) = context.until_cancelled(ground.cut(limit)).await? else {
                break;
            };
            context.progress.expect_more_rows(cut.rows);
            self.batch(table, &mut ground, &cut, &run, &mut done.objects)
                .await?;
            if let Some(object) = done.objects.last_mut() {
                object.seconds = started.elapsed().as_secs_f64();
            }
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
        objects: &mut Vec<ObjectWritten>,
    ) -> Result<()> {
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
        objects.push(object_written(&written, cut, sequence_id));
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
        Ok(())
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

/// What is reported of an object, before it is known how long it took.
fn object_written(written: &Written, cut: &Cut, sequence_id: SequenceId) -> ObjectWritten {
    ObjectWritten {
        key: written.key.clone(),
        sequence_id,
        rows: cut.rows,
        bytes: written.bytes,
        from: cut.after,
        to: cut.to,
        seconds: 0.0,
    }
}
