//! `highwater ingest`: writes what is pending, or says what would be written.

pub(super) mod held;
mod progress;
mod record;

use std::sync::Arc;

use super::cli::IngestArgs;
use super::confirm::{Confirmed, Gate, RowFlags};
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::session::Session;
use super::targets::{self, Targets};
use super::waiting::Waiting;
use super::work::{self, Ended, Sight};
use crate::backend::ingest::{IngestOptions, IngestPlan, IngestReport, Outcome};
use crate::figures;
use crate::jobs::{Failure, IngestPlans, Request};
use crate::vocabulary::TableName;
pub(super) use progress::ProgressLine;
pub(super) use record::TableRecord;

/// Ingests the tables and prints one report per table, in the order of their names.
///
/// # Errors
/// [`CommandError::Usage`] if no table is named and `--all` is not given, [`CommandError::Refused`]
/// if the profile does not allow the write, and [`CommandError::Backend`] if the tables could not
/// be listed. Failures of single tables are in their reports, and result in [`Exit::Failed`].
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    args: IngestArgs,
) -> Result<Exit, CommandError> {
    if args.tables.is_empty() && !args.all {
        return Err(CommandError::usage(
            "no table is named",
            "name the tables to ingest, or use --all",
        ));
    }
    let flags = RowFlags {
        dry_run: args.dry_run,
        yes: args.yes,
    };
    let gate = Gate::of_rows(session, invocation, "ingest", None, flags)?;
    let found = find(session, invocation, &args).await;
    let found = found.and_then(|found| found.look_after(invocation));
    if found.is_err() {
        // Whoever parses the output still finds an array in it.
        invocation.out.records::<TableRecord>(&[])?;
    }
    let found = found?;
    let mut records: Vec<TableRecord> = found
        .unknown
        .into_iter()
        .map(|(table, error)| TableRecord::failed(table, &error.into(), args.dry_run))
        .collect();
    let options = IngestOptions {
        max_rows: args.max_rows,
    };
    records.extend(if args.dry_run {
        plan(session, invocation, found.known, options).await
    } else {
        let tables = found.known.clone();
        let question = asked(session, &tables);
        let confirmed = gate.pass(invocation, &question, &tables, found.known);
        let (confirmed, at_once) = (confirmed.await?, usize::from(args.concurrency));
        write(session, invocation, confirmed, options, at_once).await
    });
    records.sort_by(|a, b| a.table.cmp(&b.table));
    let ended = report(invocation, &records);
    held::tell(session, invocation, held::left(&records)).await;
    ended
}

/// The question to be confirmed.
fn asked(session: &Session, tables: &[TableName]) -> String {
    let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
    format!(
        "Ingest {} in profile {}: {}",
        figures::count(figures::length(tables.len()), "table"),
        session.profile.name,
        names.join(", "),
    )
}

/// The requested tables. If the source does not answer, each named table is reported as failed;
/// without names there is nothing to report on.
async fn find(
    session: &Session,
    invocation: &Invocation,
    args: &IngestArgs,
) -> Result<Targets, CommandError> {
    let found = async {
        let backend = session.backend(invocation).await?;
        let found = targets::find(&backend, &args.tables);
        invocation.until_interrupted(found).await
    };
    match found.await {
        Err(CommandError::Backend(error)) if !args.tables.is_empty() => {
            let failed = |spelling: &String| (TableName::parse(spelling), Arc::clone(&error));
            Ok(Targets {
                unknown: args.tables.iter().map(failed).collect(),
                ..Targets::default()
            })
        }
        found => found,
    }
}

async fn plan(
    session: &Session,
    invocation: &Invocation,
    tables: Vec<TableName>,
    options: IngestOptions,
) -> Vec<TableRecord> {
    let request = Request::PlanIngest {
        tables: tables.clone(),
        options,
    };
    let mut waiting = Waiting::new(invocation, "counting", tables.len());
    let watch = |sight: Sight<'_>| waiting.take(sight);
    let ended = work::run(session, invocation, 1, vec![request], watch).await;
    drop(waiting);
    let plans = ended.into_iter().next();
    match plans.map(|end| end.and_then(IngestPlans::try_from)) {
        Some(Ok(plans)) => plans.into_iter().map(planned).collect(),
        Some(Err(failure)) if !failure.is_cancelled() => {
            let failed = |table| TableRecord::failed(table, &failure.clone().into(), true);
            tables.into_iter().map(failed).collect()
        }
        Some(Err(_)) | None => {
            let not_tried = |table| TableRecord::not_tried(table, true);
            tables.into_iter().map(not_tried).collect()
        }
    }
}

fn planned((table, plan): (TableName, Result<IngestPlan, Failure>)) -> TableRecord {
    match plan {
        Ok(plan) => TableRecord::planned(plan),
        Err(failure) => TableRecord::failed(table, &failure.into(), true),
    }
}

async fn write(
    session: &Session,
    invocation: &Invocation,
    tables: Confirmed<Vec<TableName>>,
    options: IngestOptions,
    concurrency: usize,
) -> Vec<TableRecord> {
    let tables = tables.into_inner();
    let request = |table: &TableName| Request::Ingest {
        table: table.clone(),
        options,
    };
    let requests = tables.iter().map(request).collect();
    let mut line = ProgressLine::new(tables.len(), invocation.shows_progress());
    let watch = |sight: Sight<'_>| line.take(sight);
    let ended = work::run(session, invocation, concurrency, requests, watch).await;
    drop(line);
    let written = |(table, end): (TableName, Ended)| match end.and_then(IngestReport::try_from) {
        Ok(report) => TableRecord::from(report),
        Err(failure) if failure.is_cancelled() => TableRecord::not_tried(table, false),
        Err(failure) => TableRecord::failed(table, &failure.into(), false),
    };
    tables.into_iter().zip(ended).map(written).collect()
}

/// Prints the records on stdout, and the failures among them on stderr, each once.
pub(super) fn report(
    invocation: &Invocation,
    records: &[TableRecord],
) -> Result<Exit, CommandError> {
    // Failures are reported even if stdout cannot be written, because of a full disk, say.
    let printed = invocation.out.records(records);
    for record in records {
        for sentence in &record.recovered {
            let did = if record.dry_run {
                "would recover"
            } else {
                "recovered"
            };
            invocation
                .notes
                .note(&format!("{}: {did}: {sentence}", record.table));
        }
        for doubt in &record.doubts {
            let (code, message) = (doubt.code, &doubt.message);
            let did = if record.dry_run {
                ""
            } else {
                "continued from the stored timestamp in spite of "
            };
            invocation
                .notes
                .note(&format!("{}: {did}{code}: {message}", record.table));
        }
    }
    let failures = records.iter().filter_map(TableRecord::failure);
    invocation.notes.shown(failures);
    printed?;
    if invocation.interrupt.is_cancelled() {
        return Err(CommandError::Interrupted);
    }
    let failed = records
        .iter()
        .any(|record| record.outcome == Outcome::Failed);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}
