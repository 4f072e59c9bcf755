//! `highwater backfill`: re-reads an older range, or says what would be written.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::cli::BackfillArgs;
use super::confirm::{Confirmed, Gate, RowFlags};
use super::error::CommandError;
use super::exit::Exit;
use super::ingest::{self, ProgressLine, TableRecord};
use super::invocation::Invocation;
use super::output::{Column, Record};
use super::session::Session;
use super::targets;
use super::work::{self, Sight};
use crate::backend::Backend;
use crate::backend::advice::command_on;
use crate::backend::backfill::{Backfill, BackfillPlan, BackfillReport};
use crate::backend::error::AGAIN;
use crate::backend::ingest::Outcome;
use crate::figures;
use crate::jobs::Request;
use crate::vocabulary::{BackfillId, TableName, Watermark, watermark};

/// The time that one object covers by default.
const CHUNK: Duration = Duration::from_hours(24);

/// A forgotten backfill, with the range it was to re-read.
#[derive(Debug, Serialize)]
struct Forgotten {
    table: TableName,
    backfill: BackfillId,
    from: Watermark,
    to: Watermark,
}

impl Record for Forgotten {
    const COLUMNS: &'static [Column] = &[
        Column::text("table", "TABLE"),
        Column::text("backfill", "FORGOTTEN"),
        Column::text("from", "FROM").flexible(),
        Column::text("to", "TO").flexible(),
    ];
}

/// Plans the backfill, asks if the profile requires it, writes the chunks, and prints one report.
///
/// # Errors
/// [`CommandError::Usage`] if a bound cannot be parsed, [`CommandError::Refused`] if the profile does not allow the
/// write, and [`CommandError::Backend`] if the range cannot be re-read. Later failures are part of the report, and
/// result in [`Exit::Failed`].
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    args: BackfillArgs,
) -> Result<Exit, CommandError> {
    if let Some(id) = args.forget.clone() {
        return forget(session, invocation, &args, id).await;
    }
    let flags = RowFlags {
        dry_run: args.dry_run,
        yes: args.yes,
    };
    let gate = Gate::of_rows(session, invocation, "backfill", Some(&args.table), flags)?;
    let bounds = bounds(session, &args)?;
    let backend = session.backend(invocation).await?;
    let order = order(&backend, invocation, &args, bounds).await?;
    let plan = backend.plan_backfill(&order);
    let plan = invocation.patiently("counting", plan).await?;
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

/// Forgets an interrupted backfill; without an id, the only one there is.
async fn forget(
    session: &Session,
    invocation: &Invocation,
    args: &BackfillArgs,
    id: Option<BackfillId>,
) -> Result<Exit, CommandError> {
    let flags = RowFlags {
        dry_run: false,
        yes: args.yes,
    };
    let doing = "backfill --forget";
    let gate = Gate::of_rows(session, invocation, doing, Some(&args.table), flags)?;
    let backend = session.backend(invocation).await?;
    let table = targets::one(&backend, &args.table);
    let table = invocation.until_interrupted(table).await?;
    let id = if let Some(id) = id {
        id
    } else {
        let interrupted = backend.interrupted_backfills(&table);
        let interrupted = invocation.until_interrupted(interrupted).await?;
        the_only(&table, interrupted, ("forget", "--forget"))?.id
    };
    let question = format!(
        "Forget backfill {id} of {table} in profile {}\n  what is left of it will not be written; what it has written stays",
        session.profile.name
    );
    let tables = [table.clone()];
    let confirmed = gate.pass(invocation, &question, &tables, id).await?;
    let id = confirmed.into_inner();
    let forgotten = backend.forget_backfill(&table, &id);
    let Backfill { from, to, .. } = invocation.until_interrupted(forgotten).await?;
    invocation.out.records(&[Forgotten {
        table,
        backfill: id,
        from,
        to,
    }])?;
    Ok(Exit::Done)
}

fn bound(
    session: &Session,
    now: Watermark,
    (flag, text): (&str, &str),
) -> Result<Watermark, CommandError> {
    watermark::read_input(text, now, &session.profile.spelling())
        .map_err(|error| CommandError::usage(error.to_string(), format!("correct {flag}")))
}

/// The range given on the command line; `None` if the range is that of a backfill to resume.
fn bounds(
    session: &Session,
    args: &BackfillArgs,
) -> Result<Option<(Watermark, Watermark)>, CommandError> {
    let (Some(from), Some(to)) = (&args.from, &args.to) else {
        return Ok(None);
    };
    if args.resume == Some(None) {
        return Err(CommandError::usage(
            "--resume without an id continues the range that was interrupted",
            "leave out --from and --to, or name the id",
        ));
    }
    // Both bounds are relative to the same moment.
    let now = Watermark::now();
    Ok(Some((
        bound(session, now, ("--from", from))?,
        bound(session, now, ("--to", to))?,
    )))
}

/// The backfill to run: that of the given range, or the rest of one that was begun on this machine.
async fn order(
    backend: &Backend,
    invocation: &Invocation,
    args: &BackfillArgs,
    bounds: Option<(Watermark, Watermark)>,
) -> Result<Backfill, CommandError> {
    let table = targets::one(backend, &args.table);
    let table = invocation.until_interrupted(table).await?;
    let id = args.resume.clone().flatten();
    let begun = match (bounds, id) {
        (Some((from, to)), resume) => Backfill {
            table,
            from,
            to,
            chunk: CHUNK,
            resume,
        },
        (None, Some(id)) => {
            let begun = backend.begun_backfill(&table, &id);
            let begun = invocation.until_interrupted(begun).await?;
            begun.ok_or_else(|| not_begun_here(&table, &id))?
        }
        (None, None) => {
            let interrupted = backend.interrupted_backfills(&table);
            let interrupted = invocation.until_interrupted(interrupted).await?;
            the_only(&table, interrupted, ("resume", "--resume"))?.backfill
        }
    };
    Ok(Backfill {
        chunk: args.chunk.unwrap_or(begun.chunk),
        ..begun
    })
}

fn not_begun_here(table: &TableName, id: &BackfillId) -> CommandError {
    CommandError::usage(
        format!(
            "backfill {id} of {table} was not begun from this machine, which does not know its range"
        ),
        "add its --from and --to",
    )
}

/// The one interrupted backfill that a flag without an id refers to.
fn the_only(
    table: &TableName,
    mut interrupted: Vec<BackfillPlan>,
    (doing, flag): (&str, &str),
) -> Result<BackfillPlan, CommandError> {
    if interrupted.len() > 1 {
        let choose = |plan: &BackfillPlan| how_to_choose(plan, flag);
        let commands: Vec<String> = interrupted.iter().map(choose).collect();
        return Err(CommandError::usage(
            format!(
                "{} backfills of {table} were interrupted",
                interrupted.len()
            ),
            format!("{doing} one of them:\n{}", commands.join("\n")),
        ));
    }
    interrupted.pop().ok_or_else(|| {
        CommandError::usage(
            format!("no backfill of {table} begun from this machine was interrupted"),
            "begin one with --from and --to; one begun on another machine needs its id and its range",
        )
    })
}

/// The command that applies `flag` to this interrupted backfill, and how far the backfill got.
fn how_to_choose(plan: &BackfillPlan, flag: &str) -> String {
    let Backfill {
        table, from, to, ..
    } = &plan.backfill;
    format!(
        "{} {flag} {}   # {from} to {to}, {}",
        command_on(table, "backfill"),
        plan.id,
        figures::how_far(plan.there, plan.chunks.len(), plan.rows)
    )
}

async fn write(
    session: &Session,
    invocation: &Invocation,
    plan: Confirmed<BackfillPlan>,
) -> TableRecord {
    let plan = plan.into_inner();
    let (table, id) = (plan.backfill.table.clone(), plan.id.clone());
    let (begin, resume) = how_to_go_on(&plan);
    let there = plan.there > 0;
    let mut line = ProgressLine::new(1, invocation.shows_progress());
    let watch = |sight: Sight<'_>| line.take(sight);
    let ended = work::run_one(session, invocation, Request::Backfill(plan), watch).await;
    drop(line);
    let mut record = match ended.and_then(BackfillReport::try_from) {
        Ok(report) => TableRecord::from(report),
        Err(failure) if failure.is_cancelled() => TableRecord::not_tried(table.clone(), false),
        Err(failure) => TableRecord::failed(table.clone(), &failure.into(), false),
    };
    if record.outcome == Outcome::Failed || invocation.interrupt.is_cancelled() {
        // A backfill that has written nothing is forgotten and can simply begin again. Any other must be resumed: begun
        // anew, it would write again what has been written.
        let has_written = there || !record.objects.is_empty();
        let way = if has_written || is_begun(session, &table, &id).await {
            format!("continue with: {resume}")
        } else {
            format!("begin it again: {begin}")
        };
        match &mut record.error {
            Some(error) if error.next_step == AGAIN => error.next_step = way,
            Some(error) => error.next_step = format!("{}; then {way}", error.next_step),
            None => invocation.notes.note(&way),
        }
    }
    record
}

/// Whether there is a begun backfill to resume.
async fn is_begun(session: &Session, table: &TableName, id: &BackfillId) -> bool {
    // The backend is open by now, and a signal that ended the backfill does not prevent this question.
    let Ok(backend) = (session.open())().await else {
        return true;
    };
    // If nobody can tell, resuming is the harmless choice.
    let begun = backend.begun_backfill(table, id).await;
    begun.map_or(true, |begun| begun.is_some())
}

/// The commands that begin a backfill again and that resume it.
fn how_to_go_on(plan: &BackfillPlan) -> (String, String) {
    let Backfill {
        table,
        from,
        to,
        chunk,
        ..
    } = &plan.backfill;
    let begin = format!(
        "{} --from {from} --to {to} --chunk {}",
        command_on(table, "backfill"),
        figures::days_typed(*chunk)
    );
    let resume = format!("{begin} --resume {}", plan.id);
    (begin, resume)
}

/// What will be written, and under which id.
fn describe(plan: &BackfillPlan, session: &Session) -> String {
    let Backfill {
        table, from, to, ..
    } = &plan.backfill;
    let mut text = format!(
        "Backfill {table} in profile {}: {} in {}\n  {from} <= ts < {to}\n  the watermark stays; id {}",
        session.profile.name,
        figures::count(plan.rows, "row"),
        figures::count(figures::length(plan.chunks.len()), "object"),
        plan.id
    );
    if plan.backfill.resume.is_some() {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            ", resumed, with {} already there",
            figures::count(figures::length(plan.there), "object")
        );
    }
    // Writing to a String cannot fail.
    let _ = match plan.chunks.as_slice() {
        [] => Ok(()),
        [only] => write!(text, "\n  object {}", only.sequence_id),
        [first, .., last] => write!(
            text,
            "\n  objects {} to {}",
            first.sequence_id, last.sequence_id
        ),
    };
    text
}
