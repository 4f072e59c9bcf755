//! One table, batch after batch.

use std::time::{Duration, Instant};

use super::report::{
    ErrorReport, IngestOptions, IngestPlan, IngestReport, ObjectWritten, Outcome, PlannedObject,
};
use crate::backend::journal::Change;
use crate::backend::parameters::Version;
use crate::backend::progress::{Context, Phase};
use crate::backend::provenance::Provenance;
use crate::backend::sequence::SequenceId;
use crate::backend::source::{Cut, Snapshot, TableRows};
use crate::backend::standing::Newest;
use crate::backend::stored::{Stored, expect_version};
use crate::backend::write::{Run, Written};
use crate::backend::{Backend, Error, Result, TableName, Watermark};

/// How often a table is started again because other writers interfered.
const ATTEMPTS: u32 = 5;

/// Pause before the second attempt; each further one is longer by it.
const PAUSE: Duration = Duration::from_millis(100);

/// Where a table goes on from, as the last batch left it.
struct Position {
    watermark: Option<Watermark>,
    sequence_id: Option<SequenceId>,
    timestamp_version: Option<Version>,
    sequence_version: Option<Version>,
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
        let run = Run::new(context.clone());
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.attempt(objects, table, options, &run).await {
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
        run: &Run,
    ) -> Result<()> {
        run.context.progress.enter(Phase::Reading);
        let stored = self.stored(table).await?;
        let mut position = Position::new(&stored, &self.sound(table, &stored).await?);
        let horizon = self.horizon().await?;
        let Some(before) = horizon.at else {
            return Ok(());
        };
        let mut snapshot = self.snapshot(table).await?;
        let limit = self.rows_per_object(options);
        run.context.progress.enter(Phase::Counting);
        let mut started = Instant::now();
        while let Some(cut) = snapshot.cut(position.watermark, before, limit).await? {
            run.context.check_cancelled()?;
            run.context.progress.expect_more_rows(cut.rows);
            let written = self
                .batch(table, &mut snapshot, &cut, &mut position, run)
                .await?;
            objects.push(object_written(
                &written,
                &cut,
                position.sequence_id,
                started,
            ));
            started = Instant::now();
            run.context.progress.enter(Phase::Counting);
        }
        snapshot.close().await;
        Ok(())
    }

    /// Steps 5 to 8: one object, then the two pointers to it. Once the object exists it counts, so
    /// that a wish to cancel is not heard before both are written.
    async fn batch(
        &self,
        table: &TableName,
        snapshot: &mut Snapshot,
        cut: &Cut,
        position: &mut Position,
        run: &Run,
    ) -> Result<Written> {
        let sequence_id = position
            .sequence_id
            .map_or(SequenceId::FIRST, SequenceId::next);
        let rows = TableRows::collect(snapshot, cut.after, cut.to.successor(), None).await?;
        let written = self
            .write_table_data_to_s3(table, rows, cut, sequence_id, run)
            .await?;
        run.context.progress.object_committed();
        let by = Provenance::Run {
            run: run.id,
            sequence_id,
        };
        let timestamp_version = self
            .point_timestamp(table, cut.to, position.timestamp_version, &by)
            .await?;
        let sequence_version = self
            .point_sequence(table, sequence_id, position.sequence_version, &by)
            .await?;
        self.record_batch(table, &written, cut, position, run).await;
        *position = Position {
            watermark: Some(cut.to),
            sequence_id: Some(sequence_id),
            timestamp_version: Some(timestamp_version),
            sequence_version: Some(sequence_version),
        };
        Ok(written)
    }

    async fn point_timestamp(
        &self,
        table: &TableName,
        to: Watermark,
        read: Option<Version>,
        by: &Provenance,
    ) -> Result<Version> {
        let found = self.write_timestamp(table, to, by).await?;
        let expected = read.map_or(Version(1), Version::next);
        expect_version(
            table,
            &self.profile().timestamp_parameter(table)?,
            expected,
            found,
        )
    }

    async fn point_sequence(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        read: Option<Version>,
        by: &Provenance,
    ) -> Result<Version> {
        let found = self.write_seq_id(table, sequence_id, by).await?;
        let expected = read.map_or(Version(1), Version::next);
        expect_version(
            table,
            &self.profile().sequence_parameter(table)?,
            expected,
            found,
        )
    }

    /// Counts what ingesting `table` would write, in one snapshot, and writes nothing.
    ///
    /// # Errors
    /// Those that ingesting would stop with: [`Error::NeedsAttention`], [`Error::UnknownTable`],
    /// [`Error::UnknownColumn`], [`Error::Unavailable`], …
    pub async fn plan_ingest(
        &self,
        table: &TableName,
        options: IngestOptions,
    ) -> Result<IngestPlan> {
        let stored = self.stored(table).await?;
        let newest = self.sound(table, &stored).await?;
        let horizon = self.horizon().await?;
        let snapshot = self.snapshot(table).await?;
        let mut plan = IngestPlan {
            table: table.clone(),
            from: newest.watermark,
            horizon,
            rows: 0,
            objects: Vec::new(),
        };
        let Some(before) = plan.horizon.at else {
            return Ok(plan);
        };
        let (mut after, mut last) = (newest.watermark, newest.sequence_id);
        let limit = self.rows_per_object(options);
        while let Some(cut) = snapshot.cut(after, before, limit).await? {
            let sequence_id = last.map_or(SequenceId::FIRST, SequenceId::next);
            plan.rows += cut.rows;
            plan.objects.push(PlannedObject {
                key: self.key_at(table, sequence_id),
                sequence_id,
                rows: cut.rows,
                from: cut.after,
                to: cut.to,
            });
            (after, last) = (Some(cut.to), Some(sequence_id));
        }
        snapshot.close().await;
        Ok(plan)
    }

    /// Step 1's verdict on a table that may go on.
    ///
    /// # Errors
    /// [`Error::NeedsAttention`] with the finding of one that may not.
    pub(in crate::backend) async fn sound(
        &self,
        table: &TableName,
        stored: &Stored,
    ) -> Result<Newest> {
        let newest = self.newest(table, stored).await?;
        match &newest.finding {
            None => Ok(newest),
            Some(finding) => Err(Error::NeedsAttention {
                table: table.clone(),
                code: finding.code,
                message: finding.message.clone(),
            }),
        }
    }

    /// Rows an object may have, by the profile and by the options.
    pub(in crate::backend) fn rows_per_object(&self, options: IngestOptions) -> u64 {
        let limit = self.profile().objects.max_rows_per_object;
        options
            .max_rows
            .map_or(limit, |rows| rows.min(limit))
            .max(1)
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
        let next = before
            .sequence_id
            .map_or(SequenceId::FIRST, SequenceId::next);
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

impl Position {
    fn new(stored: &Stored, newest: &Newest) -> Self {
        Self {
            watermark: newest.watermark,
            sequence_id: newest.sequence_id,
            timestamp_version: stored.timestamp.as_ref().map(|at| at.version),
            sequence_version: stored.sequence_id.as_ref().map(|id| id.version),
        }
    }
}

fn object_written(
    written: &Written,
    cut: &Cut,
    sequence_id: Option<SequenceId>,
    started: Instant,
) -> ObjectWritten {
    ObjectWritten {
        key: written.key.clone(),
        sequence_id: sequence_id.unwrap_or(SequenceId::FIRST),
        rows: cut.rows,
        bytes: written.bytes,
        from: cut.after,
        to: cut.to,
        seconds: started.elapsed().as_secs_f64(),
    }
}
