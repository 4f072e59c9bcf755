//! Jobs that write: starting them, following them, and reporting their outcome.

use super::{backfilling, holding, opening, refresh, repairing, tabs};
use crate::backend::doctor::Repair;
use crate::backend::edits::EditPlan;
use crate::backend::ingest::IngestOptions;
use crate::console::action::ActionId;
use crate::console::effect::Effect;
use crate::console::model::jobs::{JobRecord, JobState};
use crate::console::model::report::RowsReport;
use crate::console::model::{Model, Said, Tone, reason, stack};
use crate::figures::{count, length};
use crate::jobs::{Event, Failure, JobId, Output, Request, Update};
use crate::text::visible;
use crate::vocabulary::TableName;

/// Ingests tables, one job for each.
pub fn ingest(model: &mut Model, tables: Vec<TableName>) -> Vec<Effect> {
    let what = match tables.as_slice() {
        [table] => visible(&table.to_string()),
        tables => count(length(tables.len()), "table"),
    };
    model.say(Tone::Text, format!("ingesting {what}"));
    model.tables.unmark_shown();
    tables
        .into_iter()
        .map(|table| {
            let request = Request::Ingest {
                table: table.clone(),
                options: IngestOptions::default(),
            };
            let (job, effect) = start(model, table.clone(), request);
            if let Some(row) = model.tables.row_mut(&table) {
                row.job = Some(job);
            }
            effect
        })
        .collect()
}

/// Applies an edit.
pub fn apply(model: &mut Model, plan: EditPlan) -> Vec<Effect> {
    let table = plan.table.clone();
    let (_, effect) = start(model, table, Request::ApplyEdit(plan));
    vec![effect]
}

/// Starts a job that writes, and lists it. If the jobs screen is open, its cursor goes to the new job,
/// unless the filter hides that.
pub fn start(model: &mut Model, table: TableName, request: Request) -> (JobId, Effect) {
    let job = model.ledger.number();
    let record = JobRecord::new(job, table, request.clone(), model.now);
    model.jobs.add(record);
    if let Some(queue) = stack::jobs(&mut model.stack) {
        queue.go_to_newest(&model.jobs);
    }
    (job, Effect::Start { job, request })
}

/// Plans the job under the cursor again, as it would be done now.
pub fn retry(model: &mut Model) -> Vec<Effect> {
    if reason::current_job(model).is_some_and(|job| job.backfill().is_some()) {
        return backfilling::again(model);
    }
    let table = reason::current_job(model).map(|job| job.table.clone());
    table.map_or_else(Vec::new, |table| opening::plan_for(model, vec![table]))
}

/// Handles news of a job that writes. News of any other job is stale.
pub fn take(model: &mut Model, event: Event) -> Vec<Effect> {
    let now = model.now;
    let Some(job) = model.jobs.get_mut(event.job) else {
        return Vec::new();
    };
    match event.update {
        Update::Started => {
            job.state = JobState::Running;
            job.started = Some(now);
            Vec::new()
        }
        Update::Progress(progress) => {
            job.advance(progress, now);
            Vec::new()
        }
        Update::Held(by) => {
            holding::held(model, event.job, by.as_deref());
            Vec::new()
        }
        Update::Part(_) | Update::Found(_) | Update::Awaits(_) => Vec::new(),
        Update::Done(result) => {
            job.ended = Some(now);
            if let Request::Repair(repair) = job.request.clone() {
                return repaired(model, event.job, &repair, result);
            }
            let planned = match &job.request {
                Request::ApplyEdit(plan) => plan.writes().count(),
                _ => 0,
            };
            match result {
                Ok(Output::Ingested(report)) => job.finish(&RowsReport::from(&report)),
                Ok(Output::Backfilled(report)) => job.finish(&RowsReport::from(&report)),
                Ok(Output::Forgotten(begun)) => {
                    let id = begun.resume.map_or_else(String::new, |id| format!(" {id}"));
                    let what = format!("backfill{id} is forgotten");
                    job.state = JobState::Done(what);
                }
                Ok(Output::Edited) => {
                    let written = count(length(planned), "value");
                    job.state = JobState::Done(format!("{written} written"));
                }
                Ok(other) => job.fail(&Failure::wrong_answer(&other)),
                Err(failure) => job.fail(&failure),
            }
            holding::forget(model, event.job);
            ended(model, event.job)
        }
    }
}

/// Handles the end of a repair. An outdated repair is not an error: that is reported where the repair was
/// shown.
fn repaired(
    model: &mut Model,
    id: JobId,
    repair: &Repair,
    result: Result<Output, Failure>,
) -> Vec<Effect> {
    let result = result.and_then(|output| match output {
        Output::Repaired => Ok(()),
        other => Err(Failure::wrong_answer(&other)),
    });
    let said = repairing::ended(model, id, repair, &result);
    if let Some(job) = model.jobs.get_mut(id) {
        match &result {
            Ok(()) => job.state = JobState::Done(said.text),
            Err(failure) => job.fail(failure),
        }
    }
    let is_last = model
        .jobs
        .get(id)
        .and_then(|job| model.jobs.together(job))
        .is_some();
    if said.tone == Tone::Warning && result.is_err() && !is_last {
        let table = visible(&repair.table.to_string());
        let text = format!("repair {table}: not applied; examining it again");
        model.say(said.tone, text);
        return settle(model, id);
    }
    ended(model, id)
}

fn ended(model: &mut Model, id: JobId) -> Vec<Effect> {
    let Some(job) = model.jobs.get(id) else {
        return Vec::new();
    };
    let name = format!("{} {}", job.verb(), visible(&job.table.to_string()));
    let said = match &job.state {
        JobState::Done(what) => Said::ok(format!("{name}: {}", visible(what))),
        JobState::Failed { chain, .. } => {
            let first = chain.first().map_or("", String::as_str);
            let more = if model.is_looking_at_jobs() {
                ActionId::Details
            } else {
                ActionId::Jobs
            };
            // The key comes first, as the rest may be too long for the screen.
            let key = model.key(more);
            let text = format!("{name} failed ({key} tells more): {}", visible(first));
            Said::error(text)
        }
        _ => Said::plain(format!("{name}: {}", job.cancelled())),
    };
    let together = model.jobs.together(job);
    let others = match &job.state {
        // When many jobs are cancelled, they are reported together at the end.
        JobState::Cancelled => model.jobs.is_awaited_with(job, |other| other.cancelling),
        JobState::Failed { .. } => false,
        // A success reported now would replace the failure of another job before that can be read.
        _ => model.jobs.is_awaited_with(job, |_| true),
    };
    if said.tone == Tone::Error && !model.is_looking_at_jobs() {
        model.jobs.unread_errors += 1;
    }
    match together {
        // A report on just the last job would say nothing about the others.
        Some(all) => {
            let all_well = all.failed == 0;
            let key = model.key(ActionId::Jobs);
            let tone = if all_well { Tone::Ok } else { Tone::Error };
            model.say(tone, all.in_words(&key));
        }
        None if others => {}
        None => model.say(said.tone, said.text),
    }
    settle(model, id)
}

/// Releases the table from the job, and requests again what the job may have changed.
fn settle(model: &mut Model, id: JobId) -> Vec<Effect> {
    let Some(table) = model.jobs.get(id).map(|job| job.table.clone()) else {
        return Vec::new();
    };
    let at = model.now;
    if let Some(job) = model.jobs.get(id)
        && let Some(row) = model.tables.row_mut(&table)
    {
        row.hear_job(job, at);
        if row.job == Some(id) {
            row.job = None;
        }
    }
    // Forgetting one backfill does not change what is left of the others.
    let forgets = |job: &JobRecord| matches!(job.request, Request::ForgetBackfill { .. });
    if !model.jobs.get(id).is_some_and(forgets) {
        model.counted.forget(&table);
    }
    // Nothing has changed then, and a thousand may be cancelled at once.
    let never_began =
        |job: &JobRecord| matches!(job.state, JobState::Cancelled) && job.started.is_none();
    if model.jobs.get(id).is_some_and(never_began) {
        return Vec::new();
    }
    let mut effects = refresh::look_again(model, &table);
    effects.extend(tabs::written(model, &table));
    effects.extend(opening::ask_journal(model));
    effects
}
