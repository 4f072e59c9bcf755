//! Which backfills were begun from this machine, and which of them were interrupted.
//!
//! Before its first object is written, a backfill is noted in the journal's file, with all that is needed to
//! continue it; once it has ended, that is noted too. In between, the program that runs it holds its
//! [`lock`]. A backfill is *interrupted* if it was begun, its end was not noted, nobody holds its lock, and
//! some of its rows are left to be written. These rows are counted, as for any plan: a program that died
//! between its last object and its last note has finished all the same. A backfill that was cancelled or
//! failed before its first object is forgotten, and so is one that somebody does not want to continue.

use futures_util::{StreamExt, stream};

use super::error::RangeError;
use super::lock::{self, Hold};
use super::notes::Notes;
use super::{Backfill, BackfillPlan};
use crate::backend::journal::{Act, Change};
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{BackfillId, TableName};

/// How many interrupted backfills are counted at once.
const AT_ONCE: usize = 4;

impl Backend {
    /// The backfills of `table` that were begun from this machine and interrupted, newest first, each with
    /// what is left of it. None of them has ended, and none is being run.
    ///
    /// # Errors
    /// [`Error::Journal`], and those of [`Backend::plan_backfill`].
    pub async fn interrupted_backfills(&self, table: &TableName) -> Result<Vec<BackfillPlan>> {
        self.interrupted_beside(table, &[]).await
    }

    /// Like [`Self::interrupted_backfills`], without counting again those that were `counted` lately.
    ///
    /// # Errors
    /// Those of [`Self::interrupted_backfills`].
    pub async fn interrupted_beside(
        &self,
        table: &TableName,
        counted: &[BackfillPlan],
    ) -> Result<Vec<BackfillPlan>> {
        let not_ended = self.notes().not_ended(table).await?;
        let plans = stream::iter(not_ended).map(async |backfill| {
            match counted.iter().find(|plan| plan.backfill == backfill) {
                Some(plan) if !self.is_at_work(&backfill) => Ok(Some(plan.clone())),
                _ => self.left_of(&backfill).await,
            }
        });
        let mut plans = plans.buffered(AT_ONCE);
        let mut interrupted = Vec::new();
        while let Some(plan) = plans.next().await {
            interrupted.extend(plan?);
        }
        Ok(interrupted)
    }

    /// Whether some program is running a backfill that was begun.
    fn is_at_work(&self, begun: &Backfill) -> bool {
        let id = begun.resume.as_ref();
        id.is_some_and(|id| lock::is_held(&self.inner.journal, id))
    }

    /// What is left of a backfill that was begun; `None` if it is not interrupted.
    async fn left_of(&self, begun: &Backfill) -> Result<Option<BackfillPlan>> {
        if self.is_at_work(begun) {
            return Ok(None);
        }
        match self.plan_backfill(begun).await {
            Ok(plan) if plan.chunks.is_empty() => {
                self.note_end(&plan).await;
                Ok(None)
            }
            Ok(plan) => Ok(Some(plan)),
            // The watermark has been moved back or removed since, or every run now writes the whole table:
            // the rows are ingestion's again.
            Err(Error::Range(
                RangeError::BeyondWatermark { .. }
                | RangeError::NeverIngested { .. }
                | RangeError::WrittenWhole { .. },
            )) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Forgets a backfill of `table` that was begun from this machine and interrupted: it is no longer
    /// offered, and what it has written stays. It can still be continued by naming its id. Returns the
    /// backfill as it was begun.
    ///
    /// # Errors
    /// [`Error::ReadOnly`]; [`RangeError::CarriedOut`] if another program is running it;
    /// [`RangeError::NotInterrupted`]; [`Error::Journal`].
    pub async fn forget_backfill(&self, table: &TableName, id: &BackfillId) -> Result<Backfill> {
        self.refuse_read_only(&format!("forgetting backfill {id} of {table}"))?;
        let hold = lock::take(&self.inner.journal, id).await;
        let hold = hold.ok_or_else(|| RangeError::CarriedOut {
            id: id.clone(),
            table: table.clone(),
        })?;
        let begun = self.begun_backfill(table, id).await?;
        let begun = match begun {
            Some(begun) if self.notes().give_up(id).await? => begun,
            _ => {
                let (id, table) = (id.clone(), table.clone());
                return Err(RangeError::NotInterrupted { id, table }.into());
            }
        };
        drop(hold);
        let change = Change {
            table: table.clone(),
            action: Act::Forget,
            what: format!("backfill {id}"),
            before: Some(format!("{} <= ts < {}", begun.from, begun.to)),
            after: "forgotten".to_owned(),
            reason: "what is left of it will not be written".to_owned(),
        };
        self.record(change).await;
        Ok(begun)
    }

    /// The backfill `id` of `table` as it was begun from this machine, whether it has ended or not.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub async fn begun_backfill(
        &self,
        table: &TableName,
        id: &BackfillId,
    ) -> Result<Option<Backfill>> {
        let noted = self.notes().find(id).await?;
        Ok(noted.filter(|backfill| backfill.table == *table))
    }

    /// Takes the lock, and notes that the chunks of `plan` are about to be written.
    ///
    /// # Errors
    /// [`RangeError::CarriedOut`] if another program is running it: everything would be written twice.
    pub(super) async fn begin(&self, plan: &BackfillPlan) -> Result<Hold> {
        let hold = lock::take(&self.inner.journal, &plan.id).await;
        let hold = hold.ok_or_else(|| RangeError::CarriedOut {
            id: plan.id.clone(),
            table: plan.backfill.table.clone(),
        })?;
        let noted = self.notes().begin(&plan.id, &plan.backfill).await;
        mind(plan, noted, "will not be found if it is interrupted");
        Ok(hold)
    }

    /// Notes that nothing of `plan` is left to write.
    pub(super) async fn note_end(&self, plan: &BackfillPlan) {
        let noted = self.notes().end(&plan.id, &plan.backfill).await;
        mind(plan, noted, "is looked for again, although it has ended");
    }

    /// Forgets a backfill that ended before its first object: there is nothing to continue from, and whoever
    /// wants the range begins anew. It is kept if one of its objects may exist after all.
    pub(super) async fn forget_unwritten(&self, plan: &BackfillPlan) {
        let written = self.written_by(&plan.backfill.table, &plan.id, None).await;
        let forgotten = match written {
            Ok(written) if written.is_empty() => self.notes().forget(&plan.id).await,
            Ok(_) => return,
            Err(error) => Err(error),
        };
        mind(
            plan,
            forgotten,
            "is kept, although it may have written nothing",
        );
    }

    fn notes(&self) -> Notes<'_> {
        Notes::new(&self.inner.journal, &self.profile().name)
    }
}

/// Logs a failed note: a journal that cannot be written does not stop the work.
fn mind(plan: &BackfillPlan, noted: Result<()>, consequence: &str) {
    if let Err(error) = noted {
        let (id, error) = (&plan.id, &error as &dyn std::error::Error);
        tracing::warn!(error, "backfill {id} {consequence}");
    }
}
