//! One table, batch after batch.

use std::time::Instant;

use super::again::Attempts;
use super::commit::Done;
use super::few::Few;
use super::ground::{Ground, Position};
use super::report::{ErrorReport, IngestOptions, IngestReport, Outcome};
use crate::backend::progress::{Context, Phase};
use crate::backend::provenance::Provenance;
use crate::backend::source::{Cut, TableRows};
use crate::backend::write::Run;
use crate::backend::{Backend, Error, Result, TableName};

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
            tracing::info!(%table, error = error as &dyn std::error::Error, "ingestion stopped");
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
            is_held: done.is_held,
            doubts: done.doubts,
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
        let mut attempts = Attempts::default();
        loop {
            let before = done.objects.len();
            let ended = if self.is_whole(table) {
                self.attempt_whole(done, table, context).await
            } else {
                self.attempt(done, table, options, context).await
            };
            let Err(error) = ended else {
                return Ok(());
            };
            let progressed = done.objects.len() > before;
            attempts
                .again(self, table, error, progressed, context)
                .await?;
            // Once a table has been written whole, another run has no more to add.
            if self.is_whole(table) && progressed {
                let ground = self.ground(table, &mut done.recovered, context).await?;
                ground.leave().await;
                return Ok(());
            }
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
        done.is_held = ground.horizon.is_held();
        if ground.is_doubtful && done.objects.is_empty() {
            let clock = ground.horizon.clock;
            // Its session is given back first: there may be no other to be had.
            ground.leave().await;
            let doubts = context.until_cancelled(self.doubts(table, clock));
            // They say what may be wrong, and stop nothing.
            done.doubts = doubts.await.unwrap_or_else(|error| {
                tracing::warn!(%table, error = &error as &dyn std::error::Error, "the newest object was not looked at");
                Vec::new()
            });
            ground = self.ground(table, &mut done.recovered, context).await?;
        }
        let limit = self.rows_per_object(options);
        while self.batch(table, &mut ground, limit, &run, done).await? {
            if let Some(object) = done.objects.last_mut() {
                object.seconds = started.elapsed().as_secs_f64();
            }
            started = Instant::now();
        }
        ground.leave().await;
        Ok(())
    }

    /// Steps 3 to 8: one object of at most `limit` rows, then the two pointers to it. Once the object
    /// exists it counts, so that a wish to cancel is not heard before both are written. `false` if nothing
    /// is pending.
    async fn batch(
        &self,
        table: &TableName,
        ground: &mut Ground,
        limit: u64,
        run: &Run,
        done: &mut Done,
    ) -> Result<bool> {
        let position = ground.position;
        run.context.progress.enter(Phase::Counting);
        let (to, by) = match self.commit_few(table, ground, limit, run, done).await? {
            Few::Committed(to, by) => (to, by),
            Few::Nothing => return Ok(false),
            Few::Unknown => match run.context.until_cancelled(ground.cut(limit)).await? {
                None => return Ok(false),
                Some(cut) => (
                    cut.to,
                    self.commit_cut(table, ground, &cut, run, done).await?,
                ),
            },
        };
        let timestamp_version = self
            .write_timestamp_ahead(table, to, position.timestamp_version, &by)
            .await?;
        let sequence_version = self.write_seq_id(table, position.next_id(), &by).await?;
        ground.position = Position {
            watermark: Some(to),
            sequence_id: Some(position.next_id()),
            timestamp_version: Some(timestamp_version),
            sequence_version: Some(sequence_version),
        };
        Ok(true)
    }

    /// Steps 5 and 6 for rows that were counted.
    async fn commit_cut(
        &self,
        table: &TableName,
        ground: &mut Ground,
        cut: &Cut,
        run: &Run,
        done: &mut Done,
    ) -> Result<Provenance> {
        let left = cut.rows + ground.rows_left();
        run.context.progress.expect_rows_left(left);
        let position = ground.position;
        // What cannot be stored must be known before there is an object that it would belong to.
        let timestamp_name = self.profile().timestamp_parameter(table)?;
        self.timestamp_text(table, &timestamp_name, cut.to)?;
        let snapshot = ground.snapshot()?;
        let rows = TableRows::collect(snapshot, cut.after, cut.to.successor(), None);
        let rows = run.context.until_cancelled(rows).await?;
        self.commit_rows(table, rows, &(*cut).into(), &position, run, done)
            .await
    }
}
