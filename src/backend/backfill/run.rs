//! Writing the chunks of a backfill, one object after the other.

use super::pieces::{self, Span};
use super::{BackfillPlan, BackfillReport};
use crate::backend::ingest::{Attempt, Attempts, Done, ErrorReport, Ground};
use crate::backend::objects::Kind;
use crate::backend::progress::{Context, Phase};
use crate::backend::source::TableRows;
use crate::backend::write::Batch;
use crate::backend::{Backend, Result};

impl Ground {
    /// The first rows of a span that fit `limit`, as the span they are in and how many they are; `None`
    /// if there are none.
    pub(super) async fn cut_span(&mut self, span: Span, limit: u64) -> Result<Option<(Span, u64)>> {
        if span.from >= span.to {
            return Ok(None);
        }
        let after = Some(span.from.predecessor());
        let portion = self.cut_between(after, span.to, limit).await?;
        Ok(portion.map(|portion| {
            // Where nothing is left of the span, the object holds it to its end: the next one begins there.
            let to = match portion.rest {
                Some(_) => portion.cut.to.successor(),
                None => span.to,
            };
            let span = Span {
                from: span.from,
                to,
            };
            (span, portion.cut.rows)
        }))
    }
}

impl Backend {
    /// Writes what `plan` says, chunk by chunk; each is committed by itself. The watermark stays where
    /// it is.
    pub async fn backfill(&self, plan: &BackfillPlan, context: &Context) -> BackfillReport {
        let mut done = Done::default();
        let ended = self.begin_and_end(&mut done, plan, context).await;
        let table = &plan.backfill.table;
        if let Err(error) = &ended {
            tracing::info!(%table, id = %plan.id, error = error as &dyn std::error::Error, "backfill stopped");
        }
        BackfillReport {
            table: table.clone(),
            backfill: plan.id.clone(),
            outcome: done.outcome(&ended),
            objects: done.objects,
            recovered: done.recovered,
            error: ended.err().as_ref().map(ErrorReport::from),
        }
    }

    /// What is begun is noted before anything is written, so that it is found again where it does not
    /// come to its end.
    async fn begin_and_end(
        &self,
        done: &mut Done,
        plan: &BackfillPlan,
        context: &Context,
    ) -> Result<()> {
        self.refuse_read_only(&format!("backfilling {}", plan.backfill.table))?;
        let hold = self.begin(plan).await?;
        let ended = self.backfill_into(done, plan, context).await;
        if ended.is_ok() {
            self.note_end(plan).await;
        } else if done.objects.is_empty() && plan.there == 0 {
            self.forget_unwritten(plan).await;
        }
        drop(hold);
        ended
    }

    async fn backfill_into(
        &self,
        done: &mut Done,
        plan: &BackfillPlan,
        context: &Context,
    ) -> Result<()> {
        let backfill = &plan.backfill;
        let table = &backfill.table;
        context.progress.expect_rows_left(plan.rows);
        context.progress.enter(Phase::Reading);
        let covered = context.until_cancelled(self.covered(backfill)).await?;
        for piece in pieces::pieces(backfill.span(), backfill.chunk, &covered) {
            let mut attempts = Attempts::default();
            let mut rest = piece;
            loop {
                let before = done.objects.len();
                let attempt = Attempt::begin(self, table, done, context);
                let Err(error) = attempt.backfill(plan, &mut rest).await else {
                    break;
                };
                let progressed = done.objects.len() > before;
                attempts
                    .again(self, table, error, progressed, context)
                    .await?;
            }
        }
        Ok(())
    }
}

impl Attempt<'_> {
    /// Writes the objects of one chunk, and moves the beginning of `rest` past each that exists.
    async fn backfill(mut self, plan: &BackfillPlan, rest: &mut Span) -> Result<()> {
        let limit = self.backend.profile().objects.max_rows_per_object.max(1);
        let mut ground = self.ground().await?;
        // It may have been edited since the plan was made.
        plan.backfill.check_watermark(ground.position.watermark)?;
        self.context().progress.enter(Phase::Counting);
        loop {
            let cut = ground.cut_span(*rest, limit);
            let Some((span, rows)) = self.context().until_cancelled(cut).await? else {
                break;
            };
            let position = ground.position;
            let batch = Batch {
                kind: Kind::Backfill,
                from: Some(span.from),
                to: span.to,
                watermark: position.watermark.unwrap_or(span.to),
                rows,
                backfill: Some(plan.id.clone()),
            };
            let snapshot = ground.snapshot()?;
            let rows = TableRows::collect(snapshot, Some(span.from.predecessor()), span.to, None);
            let rows = self.context().until_cancelled(rows).await?;
            let by = self.commit(&position, rows, &batch).await?;
            rest.from = span.to;
            let next = position.next_id();
            let version = self.backend.write_seq_id(self.table, next, &by).await?;
            ground.position.sequence_id = Some(next);
            ground.position.sequence_version = Some(version);
            self.end_batch();
        }
        ground.leave().await;
        Ok(())
    }
}
