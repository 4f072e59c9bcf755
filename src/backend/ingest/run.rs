//! One table, batch after batch.

use super::again::Attempts;
use super::attempt::{Attempt, Done};
use super::few::Few;
use super::ground::Ground;
use super::report::{IngestOptions, IngestReport};
use crate::backend::error::ErrorReport;
use crate::backend::progress::{Context, Phase};
use crate::backend::provenance::Provenance;
use crate::backend::source::TableRows;
use crate::backend::standing::Position;
use crate::backend::write::Batch;
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::TableName;

impl Backend {
    /// Ingests what is pending in `table`, as the next objects. What was written stays written even if a
    /// later batch fails: the report has both.
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
        IngestReport {
            table: table.clone(),
            outcome: done.outcome(&ended),
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
            let attempt = Attempt::begin(self, table, done, context);
            let ended = if self.is_whole(table) {
                attempt.ingest_whole().await
            } else {
                attempt.ingest(self.rows_per_object(options)).await
            };
            let Err(error) = ended else {
                return Ok(());
            };
            let progressed = done.objects.len() > before;
            attempts
                .again(self, table, error, progressed, context)
                .await?;
            // Once a table has been written whole, another run would add nothing; only the values may need
            // recovery.
            if self.is_whole(table) && progressed {
                let ground = self.ground(table, &mut done.recovered, context).await?;
                ground.leave().await;
                return Ok(());
            }
        }
    }
}

impl Attempt<'_> {
    /// Ingests what is pending, in objects of at most `limit` rows.
    async fn ingest(mut self, limit: u64) -> Result<()> {
        self.context().progress.enter(Phase::Reading);
        let mut ground = self.ground().await?;
        if ground.is_doubtful && self.done.objects.is_empty() {
            let clock = ground.horizon.clock;
            // The session is given back first, as there may be no other.
            ground.leave().await;
            let table = self.table;
            let doubts = self.backend.doubts(table, clock);
            let doubts = self.run.context.until_cancelled(doubts).await;
            self.done.doubts = match doubts {
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                // Doubts say what may be wrong; they stop nothing.
                doubts => doubts.unwrap_or_else(|error| {
                    tracing::warn!(%table, error = &error as &dyn std::error::Error, "the newest object was not looked at");
                    Vec::new()
                }),
            };
            ground = self.ground().await?;
        }
        while self.batch(&mut ground, limit).await? {
            self.end_batch();
        }
        ground.leave().await;
        Ok(())
    }

    /// Steps 3 to 8: one object of at most `limit` rows, then the two pointers to it. Once the object exists
    /// it counts, so a request to cancel leaves a few seconds to write both. Returns `false` if nothing is
    /// pending.
    async fn batch(&mut self, ground: &mut Ground, limit: u64) -> Result<bool> {
        let position = ground.position;
        self.context().progress.enter(Phase::Counting);
        let (to, by) = match self.commit_few(ground, limit).await? {
            Few::Committed(to, by) => (to, by),
            Few::Nothing => return Ok(false),
            Few::Unknown => {
                let batch = self.context().until_cancelled(ground.batch(limit)).await?;
                let Some(batch) = batch else {
                    return Ok(false);
                };
                (batch.watermark, self.commit_batch(ground, &batch).await?)
            }
        };
        let (backend, table) = (self.backend, self.table);
        let storing = async {
            let timestamp =
                backend.write_timestamp_ahead(table, to, position.timestamp_version, &by);
            let timestamp = timestamp.await?;
            let sequence_id = backend.write_seq_id(table, position.next_id(), &by).await?;
            Ok((timestamp, sequence_id))
        };
        let (timestamp_version, sequence_version) = self.store(storing).await?;
        ground.position = Position {
            watermark: Some(to),
            sequence_id: Some(position.next_id()),
            timestamp_version: Some(timestamp_version),
            sequence_version: Some(sequence_version),
        };
        Ok(true)
    }

    /// Steps 5 and 6 for rows that were counted.
    async fn commit_batch(&mut self, ground: &mut Ground, batch: &Batch) -> Result<Provenance> {
        let left = batch.rows + ground.rows_left();
        self.context().progress.expect_rows_left(left);
        let position = ground.position;
        // A timestamp that cannot be stored must be noticed before there is an object that it belongs to.
        let timestamp_name = self.backend.profile().timestamp_parameter(self.table)?;
        self.backend
            .timestamp_text(self.table, &timestamp_name, batch.watermark)?;
        let snapshot = ground.snapshot()?;
        let rows = TableRows::collect(snapshot, batch.from, batch.to.successor(), None);
        let rows = self.context().until_cancelled(rows).await?;
        self.commit(&position, rows, batch).await
    }
}
