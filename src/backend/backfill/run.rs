//! Writing the chunks of a backfill, one object after the other.

use super::pieces::{self, Span};
use super::{Backfill, BackfillPlan, BackfillReport};
use crate::backend::error::ErrorReport;
use crate::backend::ingest::{Attempt, Attempts, Done, Ground};
use crate::backend::objects::Kind;
use crate::backend::progress::{Context, Phase};
use crate::backend::source::TableRows;
use crate::backend::write::Batch;
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::SequenceId;

/// What a backfill has written, as far as is known.
struct Known {
    covered: Vec<Span>,
    /// The number up to which objects have been looked at.
    up_to: Option<SequenceId>,
}

impl Ground {
    /// The first rows of a span that fit `limit`: the span that they fill, and how many they are; `None` if
    /// there are none.
    pub(super) async fn cut_span(&mut self, span: Span, limit: u64) -> Result<Option<(Span, u64)>> {
        if span.from >= span.to {
            return Ok(None);
        }
        let after = Some(span.from.predecessor());
        let portion = self.cut_between(after, span.to, limit).await?;
        Ok(portion.map(|portion| {
            // If nothing is left of the span, the object covers it to its end, where the next one begins.
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
    /// Writes the chunks of `plan` one by one, each committed on its own. The watermark stays where it is.
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

    /// The beginning is noted before anything is written, so that a backfill that does not finish can be
    /// found again.
    async fn begin_and_end(
        &self,
        done: &mut Done,
        plan: &BackfillPlan,
        context: &Context,
    ) -> Result<()> {
        self.refuse_read_only(&format!("backfilling {}", plan.backfill.table))?;
        let hold = self.begin(plan).await?;
        let ended = self.backfill_into(done, plan, context).await;
        match &ended {
            Ok(()) => self.note_end(plan).await,
            Err(error) if done.objects.is_empty() && plan.there == 0 => {
                let was_asked = context.progress.snapshot().phase >= Phase::Committing;
                if !(was_asked && may_have_written(error)) {
                    self.forget_unwritten(plan).await;
                }
            }
            Err(_) => {}
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
        let mut known = context.until_cancelled(self.known_parts(backfill)).await?;
        for piece in pieces::pieces(backfill.span(), backfill.chunk, &known.covered) {
            let mut attempts = Attempts::default();
            loop {
                let before = done.objects.len();
                let attempt = Attempt::begin(self, table, done, context);
                let Err(error) = attempt.backfill(plan, piece, &mut known).await else {
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

    /// What the backfill to be resumed has written so far.
    async fn known_parts(&self, backfill: &Backfill) -> Result<Known> {
        // Read before the objects are listed, so the list has at least all objects up to this number.
        let stored = self.stored(&backfill.table).await?;
        Ok(Known {
            up_to: stored.sequence_id.map(|id| id.value),
            covered: self.covered(backfill).await?,
        })
    }
}

impl Attempt<'_> {
    /// Writes the objects of one chunk, as far as they do not exist yet.
    async fn backfill(mut self, plan: &BackfillPlan, piece: Span, known: &mut Known) -> Result<()> {
        let limit = self.backend.profile().objects.max_rows_per_object.max(1);
        let mut ground = self.ground_after(plan, known).await?;
        // It may have been edited since the plan was made.
        plan.backfill.check_watermark(ground.position.watermark)?;
        self.context().progress.enter(Phase::Counting);
        for mut rest in pieces::pieces(piece, plan.backfill.chunk, &known.covered) {
            loop {
                let cut = ground.cut_span(rest, limit);
                let Some((span, rows)) = self.context().until_cancelled(cut).await? else {
                    break;
                };
                self.commit_span(&mut ground, plan, (span, rows), known)
                    .await?;
                rest.from = span.to;
            }
        }
        ground.leave().await;
        Ok(())
    }

    /// Returns what a chunk stands on, once it is known of every existing object whether it belongs to the
    /// backfill. Another machine may be running the same backfill; nothing is committed once an object has
    /// been added after these.
    async fn ground_after(&mut self, plan: &BackfillPlan, known: &mut Known) -> Result<Ground> {
        loop {
            let ground = self.ground().await?;
            let newest = ground.position.sequence_id;
            if newest == known.up_to {
                return Ok(ground);
            }
            // The session is given back first, as there may be no other.
            ground.leave().await;
            let written = self.backend.written_by(self.table, &plan.id, known.up_to);
            let written = self.run.context.until_cancelled(written).await?;
            known.covered.extend(written);
            known.up_to = newest;
        }
    }

    /// Writes the rows of a span as the next object, then its number.
    async fn commit_span(
        &mut self,
        ground: &mut Ground,
        plan: &BackfillPlan,
        (span, rows): (Span, u64),
        known: &mut Known,
    ) -> Result<()> {
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
        known.covered.push(span);
        let next = position.next_id();
        let storing = self.backend.write_seq_id(self.table, next, &by);
        let version = self.store(storing).await?;
        known.up_to = Some(next);
        ground.position.sequence_id = Some(next);
        ground.position.sequence_version = Some(version);
        self.end_batch();
        Ok(())
    }
}

/// Whether the object that a store was asked to create may exist, or may come to, although this is how it ended.
const fn may_have_written(error: &Error) -> bool {
    matches!(error, Error::Cancelled | Error::Unsynced { .. }) || error.is_unavailable()
}
