//! Which backfills were begun from this machine, and which of them were interrupted.
//!
//! A backfill is noted in the journal's file, with all that is needed to go on with it, before its
//! first object is written, and noted again once it has come to its end. In between, whoever carries
//! it out holds its [`lock`]. *Interrupted* is one that was begun, whose end was not noted, whose lock
//! nobody holds, and of which rows are left to be written. The last is counted, as for any plan: a
//! program that died between its last object and its last note has come to its end all the same. One that
//! was cancelled or failed before its first object is forgotten.

use super::error::RangeError;
use super::lock::{self, Hold};
use super::notes::Notes;
use super::{Backfill, BackfillId, BackfillPlan};
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::TableName;

impl Backend {
    /// The backfills of `table` that were begun from this machine and interrupted, newest first, each
    /// with what is left of it. None of them has come to its end, and nobody is at work on one.
    ///
    /// # Errors
    /// [`Error::Journal`], and those of [`Backend::plan_backfill`].
    pub async fn interrupted_backfills(&self, table: &TableName) -> Result<Vec<BackfillPlan>> {
        let mut interrupted = Vec::new();
        for backfill in self.notes().not_ended(table).await? {
            let journal = &self.inner.journal;
            if let Some(id) = &backfill.resume
                && lock::is_held(journal, id)
            {
                continue;
            }
            match self.plan_backfill(&backfill).await {
                Ok(plan) if plan.chunks.is_empty() => self.note_end(&plan).await,
                Ok(plan) => interrupted.push(plan),
                // The watermark was moved back or removed since, or every run writes the whole table by now:
                // its rows have become ingestion's.
                Err(Error::Range(
                    RangeError::BeyondWatermark { .. }
                    | RangeError::NeverIngested { .. }
                    | RangeError::WrittenWhole { .. },
                )) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(interrupted)
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
