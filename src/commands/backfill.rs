//! `highwater backfill`: read an older range again, or say what would be written.

use std::fmt::Write as _;

use super::cli::BackfillArgs;
use super::confirm::{Confirmed, Consent, Gate, Write};
use super::error::CommandError;
use super::exit::Exit;
use super::ingest::{self, ProgressLine, TableRecord};
use super::invocation::Invocation;
use super::session::Session;
use super::targets;
use super::work;
use crate::backend::backfill::{Backfill, BackfillPlan};
use crate::backend::ingest::Outcome;
use crate::backend::{Backend, Watermark, watermark};
use crate::figures;
use crate::jobs::{Output, Request};

/// Plans the backfill, asks where the profile wants it, writes its chunks, and prints one report.
///
/// # Errors
/// [`CommandError::Usage`] where a bound cannot be read, [`CommandError::Refused`] where the profile
/// does not let it write, and [`CommandError::Backend`] where the range cannot be read again. What
/// fails later is in the report, and makes [`Exit::Failed`].
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    args: BackfillArgs,
) -> Result<Exit, CommandError> {
    let gate = gate(session, invocation, &args)?;
    let (from, to) = (
        bound(session, "--from", &args.from)?,
        bound(session, "--to", &args.to)?,
    );
    let backend = session.backend(invocation).await?;
    let plan = plan(&backend, &args, from, to);
    let plan = invocation.until_interrupted(plan).await?;
    if args.dry_run {
        invocation.notes.note(&describe(&plan, session));
        let record = TableRecord::planned_backfill(plan);
        return ingest::report(invocation, &[record]);
    }
    let table = plan.backfill.table.clone();
    let question = describe(&plan, session);
    if gate == Gate::Open {
        invocation.notes.note(&question);
    }
    let tables = [table.clone()];
    let confirmed = gate.pass(invocation, &question, &tables, plan).await?;
    let record = write(session, invocation, confirmed).await;
    ingest::report(invocation, &[record])
}

/// A dry run writes nothing, so nothing guards it.
fn gate(
    session: &Session,
    invocation: &Invocation,
    args: &BackfillArgs,
) -> Result<Gate, CommandError> {
    if args.dry_run {
        return Ok(Gate::Open);
    }
    let write = Write {
        doing: "backfill",
        profile: &session.profile.name,
        forced: false,
        table: Some(&args.table),
    };
    let consent = Consent {
        yes: args.yes,
        confirm: None,
    };
    Gate::of(
        session.profile.safety,
        write,
        &consent,
        invocation.can_ask(),
    )
}

fn bound(session: &Session, flag: &str, text: &str) -> Result<Watermark, CommandError> {
    let zone = session.profile.source.timezone;
    watermark::read_input(text, Watermark::now(), zone)
        .map_err(|error| CommandError::usage(error.to_string(), format!("correct {flag}")))
}

async fn plan(
    backend: &Backend,
    args: &BackfillArgs,
    from: Watermark,
    to: Watermark,
) -> crate::backend::Result<BackfillPlan> {
    let backfill = Backfill {
        table: targets::one(backend, &args.table).await?,
        from,
        to,
        chunk: args.chunk,
        resume: args.resume.clone(),
    };
    backend.plan_backfill(&backfill).await
}

async fn write(
    session: &Session,
    invocation: &Invocation,
    plan: Confirmed<BackfillPlan>,
) -> TableRecord {
    let plan = plan.into_inner();
    let (table, resume) = (plan.backfill.table.clone(), how_to_resume(&plan));
    let mut line = ProgressLine::new(1, invocation.shows_progress());
    let watch = |place, update: &_| line.take(place, update);
    let requests = vec![Request::Backfill(plan)];
    let ended = work::run(session, invocation, 1, requests, watch).await;
    line.clear();
    let record = match ended.into_iter().next() {
        Some(Ok(Output::Backfilled(report))) => TableRecord::from(report),
        Some(Err(failure)) if !failure.is_cancelled() => {
            TableRecord::failed(table, &failure.into(), false)
        }
        _ => TableRecord::not_tried(table, false),
    };
    if record.outcome == Outcome::Failed || invocation.interrupt.is_cancelled() {
        invocation.notes.note(&format!("go on with: {resume}"));
    }
    record
}

fn how_to_resume(plan: &BackfillPlan) -> String {
    let Backfill {
        table,
        from,
        to,
        chunk,
        ..
    } = &plan.backfill;
    format!(
        "highwater backfill {table} --from {from} --to {to} --chunk '{}' --resume {}",
        humantime::format_duration(*chunk),
        plan.id
    )
}

/// What will be written, and under which id.
fn describe(plan: &BackfillPlan, session: &Session) -> String {
    let Backfill {
        table, from, to, ..
    } = &plan.backfill;
    let mut text = format!(
        "Backfill {table} in profile {}: {} rows in {} objects\n  {from} <= ts < {to}\n  the watermark stays; id {}",
        session.profile.name,
        figures::thousands(plan.rows),
        plan.chunks.len(),
        plan.id
    );
    if plan.backfill.resume.is_some() {
        // Writing to a String cannot fail.
        let _ = write!(text, ", resumed: {} objects are there already", plan.there);
    }
    if let (Some(first), Some(last)) = (plan.chunks.first(), plan.chunks.last()) {
        let _ = write!(
            text,
            "\n  objects {} to {}",
            first.sequence_id, last.sequence_id
        );
    }
    text
}
