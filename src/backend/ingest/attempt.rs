//! One attempt at a table, and what all attempts have done.

use std::borrow::BorrowMut;
use std::time::Instant;

use super::ground::Ground;
use super::report::{ObjectWritten, Outcome};
use crate::backend::finding::Finding;
use crate::backend::journal::{Act, Change};
use crate::backend::objects::Kind;
use crate::backend::progress::Context;
use crate::backend::provenance::Provenance;
use crate::backend::source::{Snapshot, TableRows};
use crate::backend::standing::Position;
use crate::backend::write::{Batch, Run, Target, Written};
use crate::backend::{Backend, Error, Result};
use crate::figures::count;
use crate::vocabulary::{SequenceId, TableName, Watermark};

/// What has been done so far, whatever becomes of the rest.
#[derive(Debug, Default)]
pub(in crate::backend) struct Done {
    pub objects: Vec<ObjectWritten>,
    /// What was put right on the way, one sentence each.
    pub recovered: Vec<String>,
    /// Whether a transaction held the horizon back.
    pub is_held: bool,
    /// Doubts about the object of another program that this run continued after.
    pub doubts: Vec<Finding>,
}

impl Done {
    /// The outcome, once everything has `ended`.
    pub const fn outcome(&self, ended: &Result<()>) -> Outcome {
        match ended {
            Ok(()) if self.objects.is_empty() => Outcome::NothingPending,
            Ok(()) => Outcome::Written,
            Err(Error::Cancelled) if self.objects.is_empty() => Outcome::Skipped,
            Err(_) => Outcome::Failed,
        }
    }
}

/// One attempt at a table, batch after batch, under the id of one run.
pub(in crate::backend) struct Attempt<'a> {
    pub backend: &'a Backend,
    pub table: &'a TableName,
    pub run: Run,
    pub done: &'a mut Done,
    /// When the current batch began.
    began: Instant,
}

impl<'a> Attempt<'a> {
    /// Begins an attempt under a new run id; what it does is added to `done`.
    pub fn begin(
        backend: &'a Backend,
        table: &'a TableName,
        done: &'a mut Done,
        context: &Context,
    ) -> Self {
        Self {
            backend,
            table,
            run: Run::new(context.clone()),
            done,
            began: Instant::now(),
        }
    }

    /// The progress to report to, and the request to stop.
    pub const fn context(&self) -> &Context {
        &self.run.context
    }

    /// Returns what the batches stand on, once the values are sound.
    ///
    /// # Errors
    /// Those of [`Backend::ground`].
    pub async fn ground(&mut self) -> Result<Ground> {
        let recovered = &mut self.done.recovered;
        let ground = self
            .backend
            .ground(self.table, recovered, &self.run.context);
        let ground = ground.await?;
        self.done.is_held = ground.horizon.is_held();
        Ok(ground)
    }

    /// Steps 5 and 6: writes `rows` as the object after `position`, and records it. Returns the author of the
    /// values to be stored next.
    ///
    /// # Errors
    /// Those of [`Backend::write_table_data_to_s3`], and [`Error::Interfered`] if the values have moved from
    /// `position`.
    pub async fn commit<S: BorrowMut<Snapshot> + Send>(
        &mut self,
        position: &Position,
        rows: TableRows<S>,
        batch: &Batch,
    ) -> Result<Provenance> {
        let target = Target::after(self.table, position, &self.run);
        let written = self.backend.write_rows(&target, rows, batch).await?;
        Ok(self.committed(position, &written, batch).await)
    }

    /// Records an object that was committed after `position`, also in the journal. Returns the author of the
    /// values to be stored next.
    pub(super) async fn committed(
        &mut self,
        position: &Position,
        written: &Written,
        batch: &Batch,
    ) -> Provenance {
        let sequence_id = position.next_id();
        self.context().progress.object_committed();
        self.done.objects.push(ObjectWritten {
            key: written.key.clone(),
            sequence_id,
            rows: batch.rows,
            bytes: written.bytes,
            from: batch.from,
            to: batch.to,
            seconds: 0.0,
        });
        let change = self.change(position, written, batch);
        self.backend.record(change).await;
        Provenance::Run {
            run: self.run.id,
            sequence_id,
        }
    }

    /// Does `storing`, which stores the values of the object that was committed last.
    ///
    /// # Errors
    /// [`Error::Unrecorded`] around the error if that object is left without them; the errors that another writer
    /// causes as they are.
    pub(in crate::backend) async fn store<T>(
        &self,
        storing: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let stored = self.context().until_given_up(storing).await;
        stored.map_err(|error| match self.done.objects.last() {
            Some(object) if !error.is_interference() => Error::Unrecorded {
                table: self.table.clone(),
                key: object.key.clone(),
                cause: Box::new(error),
            },
            _ => error,
        })
    }

    /// Ends the batch, once its values are stored; the next one begins now.
    pub fn end_batch(&mut self) {
        if let Some(object) = self.done.objects.last_mut() {
            object.seconds = self.began.elapsed().as_secs_f64();
        }
        self.began = Instant::now();
    }

    fn change(&self, before: &Position, written: &Written, batch: &Batch) -> Change {
        let position = |at: Option<Watermark>, id: Option<SequenceId>| {
            let at = at.map_or_else(|| "nothing".to_owned(), |at| at.to_string());
            let id = id.map_or_else(|| "nothing".to_owned(), |id| id.to_string());
            match batch.kind {
                Kind::Snapshot => id,
                Kind::Ingest | Kind::Backfill => format!("{at} · {id}"),
            }
        };
        let (rows, run) = (count(batch.rows, "row"), self.run.id);
        Change {
            table: self.table.clone(),
            action: match batch.kind {
                Kind::Ingest | Kind::Snapshot => Act::Ingest,
                Kind::Backfill => Act::Backfill,
            },
            what: written.key.to_string(),
            before: Some(position(before.watermark, before.sequence_id)),
            after: position(Some(batch.watermark), Some(before.next_id())),
            reason: match &batch.backfill {
                Some(id) => format!("{rows}, backfill {id}, run {run}"),
                None => format!("{rows}, run {run}"),
            },
        }
    }
}
