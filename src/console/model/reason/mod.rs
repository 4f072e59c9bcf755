//! Why an action is not possible now. Each of these functions checks one condition.

mod backfill;
mod demo;
mod doctor;

pub use backfill::{backfill_has_rows, backfillable, forgettable, interrupted};
pub use demo::{over_the_demo, owner_at_hand, statement};
pub use doctor::{examinable, repairable, some_safe_repair};

use std::borrow::Cow;
use std::collections::HashSet;

use super::digest::outage;
use super::doctor::Doctor;
use super::jobs::JobRecord;
use super::page::Tab;
use super::row::Row;
use super::{Model, Screen};
use crate::backend::journal::Act;
use crate::console::action::ActionId;
use crate::console::describe;
use crate::jobs::JobId;
use crate::text::visible;

/// Whether something is possible now, and if not, why.
pub type Enabled = Result<(), Cow<'static, str>>;

const fn only_if(condition: bool, otherwise: &'static str) -> Enabled {
    if condition {
        Ok(())
    } else {
        Err(Cow::Borrowed(otherwise))
    }
}

/// Checks that a table is under the cursor.
///
/// # Errors
/// If not, with the reason to show.
pub fn table_under_cursor(model: &Model) -> Enabled {
    only_if(
        model.tables.current().is_some(),
        "no table is under the cursor",
    )
}

/// Checks that a table is marked or under the cursor, and that no job is at work on any of them.
///
/// # Errors
/// If not, with the reason to show.
pub fn some_table(model: &Model) -> Enabled {
    let targets = model.targets();
    let busy = targets
        .iter()
        .any(|table| model.tables.row(table).is_some_and(|row| row.job.is_some()));
    marks_seen(model)?;
    only_if(!targets.is_empty(), "no table is under the cursor")?;
    only_if(!busy, "a job is already at work on it")
}

/// Checks, if the list of tables is in front and tables are marked, that the filter shows any of those.
fn marks_seen(model: &Model) -> Enabled {
    if !model.stack.is_empty() || !model.tables.is_marked_unseen() {
        return Ok(());
    }
    let key = model.key(ActionId::Clear);
    Err(format!("no marked table is shown; {key} unmarks, then clears the filter").into())
}

/// Checks that the stored values of the table in front are known, and that no job is writing them.
///
/// # Errors
/// If not, with the reason to show.
pub fn stored_values(model: &Model) -> Enabled {
    let row = model.row().ok_or("no table is under the cursor")?;
    only_if(row.job.is_none(), "a job is at work on it")?;
    match &row.status().stored {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) if outage(error).is_some() => {
            let key = model.key(ActionId::Trouble);
            Err(format!("the stored values are not available now; {key} says why").into())
        }
        Some(Err(_)) => {
            let key = model.key(ActionId::Doctor);
            Err(format!("the stored values cannot be read; {key} says what puts them right").into())
        }
        None => Err("the stored values have not been read yet".into()),
    }
}

/// Checks that the table in front has an object.
///
/// # Errors
/// If not, with the reason to show.
pub fn last_object(model: &Model) -> Enabled {
    let row = model.row().ok_or("no table is under the cursor")?;
    only_if(row.last_object().is_some(), "no object of it is known")
}

/// Checks that the plan in front has rows to ingest.
///
/// # Errors
/// If not, with the reason to show.
pub fn plan_has_rows(model: &Model) -> Enabled {
    match model.stack.last() {
        Some(Screen::Plan(plan)) if plan.answer.ready().is_none() => {
            Err("the plan is not ready yet".into())
        }
        Some(Screen::Plan(plan)) if plan.plans().next().is_none() => {
            let key = model.key(ActionId::Doctor);
            Err(format!("no table of it can be ingested: {key} says what is wrong").into())
        }
        Some(Screen::Plan(plan)) => only_if(!plan.runnable().is_empty(), plan.why_not()),
        _ => Err("there is no plan".into()),
    }
}

/// Checks that there is something under the cursor.
///
/// # Errors
/// If not, with the reason to show.
pub fn something_selected(model: &Model) -> Enabled {
    if let Some(Screen::Plan(plan)) = model.stack.last() {
        return only_if(plan.answer.ready().is_some(), "the plan is not ready yet");
    }
    if let Some(Screen::BackfillPlan(plans)) = model.stack.last() {
        return only_if(!plans.is_waiting(), "the plan is not ready yet");
    }
    let selected = match model.stack.last() {
        None => model.tables.current().is_some() || model.tables.trouble.is_some(),
        Some(Screen::Jobs(queue)) => queue.current(&model.jobs).is_some(),
        Some(Screen::Journal(journal)) => journal.current().is_some(),
        Some(Screen::Viewer(viewer)) => viewer.line().is_some(),
        _ if model.doctor().is_some() => {
            let current = model.doctor().and_then(Doctor::current);
            let reply = model.doctor().and_then(Doctor::current_reply);
            current.is_some()
                || reply.is_some()
                || model
                    .doctor()
                    .is_some_and(|doctor| !doctor.failures.is_empty())
        }
        Some(Screen::Table(page)) => model.tables.row(&page.table).is_some(),
        Some(_) => true,
    };
    only_if(selected, "nothing is under the cursor")
}

/// Checks that a headless command does the same as what is in front.
///
/// # Errors
/// If not, with the reason to show.
pub fn some_command(model: &Model) -> Enabled {
    only_if(
        describe::command(model).is_some(),
        "no command does what is shown here",
    )
}

/// Checks that a letter can answer the question in front.
///
/// # Errors
/// If not, with the reason to show.
pub fn letters_answer(model: &Model) -> Enabled {
    let strayed = model
        .question
        .as_ref()
        .is_some_and(|question| question.strayed);
    only_if(!strayed, "another letter was typed before it")
}

/// Checks that a running job is under the cursor, or that a marked table has one.
///
/// # Errors
/// If not, with the reason to show.
pub fn running_job(model: &Model) -> Enabled {
    marks_seen(model)?;
    only_if(!running_jobs(model).is_empty(), "no job is running here")
}

/// The running jobs under the cursor; on the Tables screen, those of the marked tables if any are marked.
#[must_use]
pub fn running_jobs(model: &Model) -> Vec<&JobRecord> {
    let meant: HashSet<JobId> = if model.stack.is_empty() {
        let tables = model.tables.targets().into_iter();
        let jobs = tables.filter_map(|table| model.tables.row(&table)?.job);
        jobs.collect()
    } else {
        current_job(model).map(|job| job.id).into_iter().collect()
    };
    // One pass over all jobs: there may be ten thousand.
    let jobs = model.jobs.records.iter().filter(|_| !meant.is_empty());
    jobs.filter(|job| job.is_active() && meant.contains(&job.id))
        .collect()
}

/// Checks that a job is waiting for its turn.
///
/// # Errors
/// If not, with the reason to show.
pub fn waiting_job(model: &Model) -> Enabled {
    let is_some = model.jobs.waiting().next().is_some();
    only_if(is_some, "no job is waiting for its turn")
}

/// Checks that the job under the cursor can be started again.
///
/// # Errors
/// If not, with the reason to show.
pub fn retryable_job(model: &Model) -> Enabled {
    let job = current_job(model).ok_or("no job is under the cursor")?;
    only_if(
        job.is_retryable(),
        "only a failed or cancelled ingestion or backfill can be started again",
    )?;
    let busy = model
        .tables
        .row(&job.table)
        .is_some_and(|row| row.job.is_some());
    only_if(!busy, "a job is already at work on the table")
}

/// Checks that a table's page is in front or can be opened.
///
/// # Errors
/// If not, with the reason to show.
pub fn tabs(model: &Model) -> Enabled {
    match model.stack.last() {
        Some(Screen::Table(_)) => Ok(()),
        None => table_under_cursor(model),
        Some(Screen::Doctor(_) | Screen::Viewer(_)) => {
            only_if(model.row().is_some(), "no table is under the cursor")
        }
        Some(_) => Err("the tabs belong to the page of a table".into()),
    }
}

/// Checks that an object or a version is under the cursor of a table's page.
///
/// # Errors
/// If not, with the reason to show.
pub fn item_under_cursor(model: &Model) -> Enabled {
    let found = model
        .page()
        .is_some_and(|page| page.object().is_some() || page.version().is_some());
    only_if(found, "there is nothing to open here")
}

/// Checks that something is wrong with the table, or with all of them.
///
/// # Errors
/// If not, with the reason to show.
pub fn some_trouble(model: &Model) -> Enabled {
    if model.doctor().is_some() {
        return something_selected(model);
    }
    let row = model.row();
    let is_wrong = |row: &Row| {
        !row.status().errors().is_empty()
            || !row.findings().is_empty()
            || row.last_setback().is_some()
    };
    if model.tables.trouble.is_some() || row.is_some_and(is_wrong) {
        return Ok(());
    }
    only_if(
        row.is_some_and(Row::is_answered),
        "not everything has been looked at yet",
    )?;
    Err("nothing is wrong with it".into())
}

/// Checks that what is under the cursor can be reverted.
///
/// # Errors
/// If not, with the reason to show.
pub fn revertible(model: &Model) -> Enabled {
    match model.stack.last() {
        Some(Screen::Table(page)) => {
            let version = page
                .version()
                .ok_or("only a version in the tab History can be reverted to")?;
            let is_newest = page.is_newest(version);
            only_if(
                !is_newest,
                "that is what is stored; choose an older one to go back to",
            )?;
            stored_values(model)
        }
        Some(Screen::Journal(journal)) => {
            let entry = journal.current().ok_or("no change is under the cursor")?;
            if entry.profile != model.facts.profile {
                let profile = visible(&entry.profile);
                return Err(format!("it was made in profile {profile}").into());
            }
            only_if(
                [Act::Edit, Act::Repair]
                    .map(Act::as_str)
                    .contains(&entry.action.as_str()),
                "only an edit or a repair can be taken back: an object stays where it is",
            )?;
            only_if(
                entry.before.is_some(),
                "there was no value before it to go back to",
            )?;
            let row = model
                .tables
                .row(&entry.table)
                .ok_or("its table is no longer there")?;
            only_if(row.job.is_none(), "a job is at work on its table")?;
            only_if(
                row.stored().is_some(),
                "the stored values of its table have not been read yet",
            )
        }
        _ => Err("there is nothing to revert".into()),
    }
}

/// Checks that a search has been entered.
///
/// # Errors
/// If not, with the reason to show.
pub fn searched(model: &Model) -> Enabled {
    let mut viewer = model.viewer().into_iter();
    if viewer.any(|viewer| !viewer.search.is_empty()) {
        return Ok(());
    }
    let key = model.key(ActionId::Search);
    Err(format!("there is no search; {key} starts one").into())
}

/// Checks that there is something to filter.
///
/// # Errors
/// If not, with the reason to show.
pub fn filterable(model: &Model) -> Enabled {
    let jobs = !model.is_looking_at_jobs() || !model.jobs.records.is_empty();
    only_if(jobs, "there is no job to pick from")?;
    let findings = model.doctor().is_none_or(|doctor| !doctor.cases.is_empty());
    only_if(findings, "there is no finding to pick from")?;
    let is_list = model.page().is_none_or(|page| page.tab != Tab::State);
    only_if(is_list, "this tab is not a list")
}

/// Checks that there are lines in front.
///
/// # Errors
/// If not, with the reason to show.
pub fn lines_shown(model: &Model) -> Enabled {
    let shown = model
        .viewer()
        .is_some_and(|viewer| !viewer.shown().is_empty());
    only_if(shown, "there are no lines to show")
}

/// Checks that a sequence id has been typed.
///
/// # Errors
/// If not, with the reason to show.
pub fn forceable(model: &Model) -> Enabled {
    let typed = matches!(model.stack.last(), Some(Screen::Edit(form)) if !form.sequence_id.value().trim().is_empty());
    only_if(typed, "only a sequence id can be forced; type one first")
}

/// The job under the cursor, or that of the table in front.
#[must_use]
pub fn current_job(model: &Model) -> Option<&JobRecord> {
    match model.stack.last() {
        None | Some(Screen::Table(_) | Screen::Doctor(_)) => model.jobs.get(model.row()?.job?),
        Some(Screen::Jobs(queue)) => queue.current(&model.jobs),
        Some(_) => None,
    }
}
