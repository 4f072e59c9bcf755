//! Headless commands.

use std::fmt::Write as _;

use crate::backend::backfill::Backfill;
use crate::backend::edits::EditPlan;
use crate::backend::stored::ParameterWrite;
use crate::config::Safety;
use crate::console::model::jobs::JobRecord;
use crate::console::model::page::{Tab, TablePage};
use crate::console::model::viewer::Source;
use crate::console::model::{Facts, Model, Screen, reason};
use crate::figures::days_typed;
use crate::jobs::Request;
use crate::text::shell;
use crate::vocabulary::{BackfillId, ObjectKey, TableName};

/// The headless command that does the same as the screen in front.
#[must_use]
pub fn command(model: &Model) -> Option<String> {
    let names = |tables: &[TableName]| {
        let names: Vec<String> = tables
            .iter()
            .map(|table| shell(&table.to_string()))
            .collect();
        names.join(" ")
    };
    let before = format!("{} ", model.facts.program());
    let verb = match model.stack.last() {
        _ if model.doctor().is_some() => of_doctor(model),
        None => match names(&model.tables.targets()).as_str() {
            "" => "status --exact".to_owned(),
            names => format!("status {names} --exact"),
        },
        Some(Screen::Table(page)) => of_tab(page),
        Some(Screen::Plan(plan)) => format!("ingest {}", names(&plan.tables)),
        Some(Screen::BackfillPlan(plans)) => {
            let commands = plans.planned.iter().map(|one| {
                let id = one.answer.ready().map(|plan| &plan.id);
                format!(
                    "{before}{}",
                    of_backfill(&one.order, id.filter(|_| one.order.resume.is_some()))
                )
            });
            return Some(commands.collect::<Vec<_>>().join("\n"));
        }
        Some(Screen::Viewer(viewer)) => match &viewer.source {
            Source::Preview(table) => format!("preview {}", names(std::slice::from_ref(table))),
            Source::Object(_, key) => format!("objects cat {}", shell(key.as_str())),
        },
        Some(Screen::Journal(_)) => "journal".to_owned(),
        Some(Screen::Jobs(_)) => of_job(reason::current_job(model)?)?,
        Some(_) => return None,
    };
    Some(format!("{before}{verb}"))
}

/// The command that writes a whole object to standard output.
#[must_use]
pub fn cat(facts: &Facts, key: &ObjectKey) -> String {
    format!("{} objects cat {}", facts.program(), shell(key.as_str()))
}

/// The command that writes all the lines of the next ingestion to standard output.
#[must_use]
pub fn preview(facts: &Facts, table: &TableName) -> String {
    format!("{} preview {}", facts.program(), shell(&table.to_string()))
}

/// The command that examines the tables, and repairs the finding under the cursor.
fn of_doctor(model: &Model) -> String {
    let Some(doctor) = model.doctor() else {
        return String::new();
    };
    if let Some(reply) = doctor.current_reply() {
        return format!("doctor {}", shell(&reply.table.to_string()));
    }
    let Some(case) = doctor.current() else {
        let tables: Vec<String> = doctor
            .tables
            .iter()
            .filter(|_| !doctor.is_whole())
            .map(|table| format!(" {}", shell(&table.to_string())))
            .collect();
        return format!("doctor{}", tables.concat());
    };
    let mut text = "doctor".to_owned();
    if let Some(table) = case.table() {
        text.push(' ');
        text.push_str(&shell(&table.to_string()));
    }
    let is_writable = model.facts.safety != Safety::ReadOnly;
    let first = case.diagnosis.repairs.first().filter(|_| is_writable);
    if first.is_some() {
        text.push_str(" --repair");
    }
    text.push_str(" --only ");
    text.push_str(case.diagnosis.code().as_str());
    if let Some(first) = first
        && case.safe_repair().is_none()
    {
        text.push_str(" --choose ");
        text.push_str(first.id);
    }
    text
}

fn of_tab(page: &TablePage) -> String {
    let table = shell(&page.table.to_string());
    match page.tab {
        Tab::Objects => page.object().map_or_else(
            || format!("objects {table}"),
            |object| format!("objects cat {}", shell(object.key.as_str())),
        ),
        Tab::History => format!("params history {table}"),
        Tab::Preview => format!("preview {table}"),
        Tab::State | Tab::Findings | Tab::Columns => format!("status {table} --exact"),
    }
}

fn of_job(job: &JobRecord) -> Option<String> {
    let table = shell(&job.table.to_string());
    match &job.request {
        Request::Ingest { .. } => Some(format!("ingest {table}")),
        Request::Backfill(plan) => {
            let left = Some(&plan.id).filter(|_| job.is_retryable() && job.has_begun());
            Some(of_backfill(&plan.backfill, left))
        }
        Request::ForgetBackfill { id, .. } => Some(format!("backfill {table} --forget {id}")),
        Request::ApplyEdit(plan) => Some(of_edit(&table, plan)),
        Request::Repair(repair) => Some(format!(
            "doctor {table} --repair --only {} --choose {}",
            repair.code, repair.id
        )),
        _ => None,
    }
}

fn of_backfill(order: &Backfill, resume: Option<&BackfillId>) -> String {
    let chunk = days_typed(order.chunk);
    let mut text = format!(
        "backfill {} --from {} --to {} --chunk {}",
        shell(&order.table.to_string()),
        order.from,
        order.to,
        shell(&chunk)
    );
    if let Some(id) = resume {
        // Writing to a String cannot fail.
        let _ = write!(text, " --resume {id}");
    }
    text
}

fn of_edit(table: &str, plan: &EditPlan) -> String {
    let after = |write: &Option<ParameterWrite>| write.as_ref().map(|write| write.after.clone());
    let (timestamp, number) = (after(&plan.timestamp), after(&plan.sequence_id));
    let force = plan.is_out_of_turn();
    set(table, timestamp, number, force, &plan.reason)
}

fn set(
    table: &str,
    timestamp: Option<String>,
    sequence_id: Option<String>,
    force: bool,
    reason: &str,
) -> String {
    let flag = |name: &str, value: Option<String>| {
        value.map_or_else(String::new, |value| format!(" {name} {}", shell(&value)))
    };
    format!(
        "params set {table}{}{}{} --reason {}",
        flag("--timestamp", timestamp),
        flag("--sequence-id", sequence_id),
        if force { " --force" } else { "" },
        shell(reason)
    )
}

/// The headless command that does what is typed into the form in front.
///
/// # Errors
/// What is missing or wrong in the form.
pub fn form_command(model: &Model) -> Result<String, String> {
    let before = format!("{} ", model.facts.program());
    match model.stack.last() {
        Some(Screen::Edit(form)) => {
            form.new_timestamp()?;
            form.new_sequence_id()?;
            let edit = form.edit().ok_or("nothing is changed yet")?;
            let table = shell(&form.table.to_string());
            let timestamp = edit.timestamp.map(|at| at.to_string());
            let number = edit.sequence_id.map(|id| id.to_string());
            let reason = form.reason.value().trim();
            // A placeholder: the reason can only come from the user.
            let reason = if reason.is_empty() { "…" } else { reason };
            let set = set(&table, timestamp, number, edit.force, reason);
            Ok(format!("{before}{set}"))
        }
        Some(Screen::Backfill(form)) => {
            let orders = form.orders().map_err(|(_, why)| why)?;
            let commands = orders
                .iter()
                .map(|order| format!("{before}{}", of_backfill(order, order.resume.as_ref())));
            Ok(commands.collect::<Vec<_>>().join("\n"))
        }
        _ => Err("there is no form".to_owned()),
    }
}
