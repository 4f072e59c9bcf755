//! Which backfills were begun from this machine, and which of them were interrupted.
//!
//! A backfill is noted in the journal's file, with all that is needed to go on with it, before its
//! first object is written, and noted again once it has come to its end. In between, whoever carries
//! it out holds its [`lock`]. *Interrupted* is one that was begun, whose end was not noted, whose lock
//! nobody holds, and of which rows are left to be written. The last is counted, as for any plan: a
//! program that died between its last object and its last note has come to its end all the same. One that
//! was cancelled or failed before its first object is forgotten, and so is one that somebody does not want to
//! go on with.

use futures_util::{StreamExt, stream};

use super::error::RangeError;
use super::lock::{self, Hold};
use super::notes::Notes;
use super::{Backfill, BackfillId, BackfillPlan};
use crate::backend::journal::{Act, Change};
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::TableName;

/// Interrupted backfills that are counted at once.
const AT_ONCE: usize = 4;

impl Backend {
    /// The backfills of `table` that were begun from this machine and interrupted, newest first, each
    /// with what is left of it. None of them has come to its end, and nobody is at work on one.
    ///
    /// # Errors
    /// [`Error::Journal`], and those of [`Backend::plan_backfill`].
    pub async fn interrupted_backfills(&self, table: &TableName) -> Result<Vec<BackfillPlan>> {
        self.interrupted_beside(table, &[]).await
    }

    /// As [`Self::interrupted_backfills`]; those that were `counted` lately are not counted anew.
    ///
    /// # Errors
    /// As [`Self::interrupted_backfills`].
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

    /// Whether somebody carries out a backfill that was begun.
    fn is_at_work(&self, begun: &Backfill) -> bool {
        let id = begun.resume.as_ref();
        id.is_some_and(|id| lock::is_held(&self.inner.journal, id))
    }

    /// What is left of a backfill that was begun; `None` where it is not interrupted.
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
            // The watermark was moved back or removed since, or every run writes the whole table by now:
            // its rows have become ingestion's.
            Err(Error::Range(
                RangeError::BeyondWatermark { .. }
                | RangeError::NeverIngested { .. }
                | RangeError::WrittenWhole { .. },
            )) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Forgets a backfill of `table` that was begun from this machine and interrupted: it is not offered any
    /// more, and what it has written stays. Whoever names its id can still go on with it. Gives what it was
    /// to read again.
    ///
    /// # Errors
    /// [`Error::ReadOnly`]; [`RangeError::CarriedOut`] where somebody is at work on it;
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

    /// The backfill `id` of `table` as it was begun from this machine, whether it has come to its end or
    /// not.
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

    /// Notes that what `plan` says is about to be written.
    ///
    /// # Errors
    /// [`RangeError::CarriedOut`] where somebody is at work on it: it would be written twice.
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

    /// Notes that nothing of `plan` is left to be written.
    pub(super) async fn note_end(&self, plan: &BackfillPlan) {
        let noted = self.notes().end(&plan.id, &plan.backfill).await;
        mind(plan, noted, "is looked for again, although it has ended");
    }

    /// Forgets a backfill that has ended before its first object: there is nothing to go on from, and
    /// whoever wants the range begins anew. It is kept where an object of it may be there after all.
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

/// A journal that cannot be written keeps nothing from being done.
fn mind(plan: &BackfillPlan, noted: Result<()>, consequence: &str) {
    if let Err(error) = noted {
        let (id, error) = (&plan.id, &error as &dyn std::error::Error);
        tracing::warn!(error, "backfill {id} {consequence}");
    }
}
