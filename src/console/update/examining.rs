//! The doctor: starting an examination, and handling its answers.

use std::collections::BTreeSet;

use super::{opening, tabs};
use crate::backend::doctor::{Examination, Scope};
use crate::console::effect::Effect;
use crate::console::model::doctor::Doctor;
use crate::console::model::ledger::Subject;
use crate::console::model::page::Tab;
use crate::console::model::sweep::CHUNK;
use crate::console::model::{Model, Screen};
use crate::jobs::{Failure, Request};
use crate::vocabulary::TableName;

/// Examines the marked tables, or all; on the page of a table, that table.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if model.page().is_some() {
        return tabs::show(model, Tab::Findings);
    }
    let marked = model.tables.marked_and_shown();
    let all = marked.is_empty();
    let tables: Vec<TableName> = if all {
        let rows = model.tables.rows.iter();
        rows.map(|row| row.table().clone()).collect()
    } else {
        marked.into_iter().cloned().collect()
    };
    let doctor = Doctor::new(Subject::Doctor, tables, all);
    // No marked table was asked about more than the others; a plan leads to the table that it cannot
    // ingest.
    let refused = match model.stack.last() {
        Some(Screen::Plan(plan)) => plan.refused().cloned(),
        _ => None,
    };
    let wanted = refused.or_else(|| model.tables.cursor.clone().filter(|_| all));
    let mut effects = opening::open(model, Screen::Doctor(doctor));
    effects.extend(begin(model, Subject::Doctor, wanted));
    effects
}

/// Starts an examination from the beginning.
pub fn begin(model: &mut Model, subject: Subject, wanted: Option<TableName>) -> Vec<Effect> {
    let suspects: BTreeSet<TableName> = model
        .tables
        .rows
        .iter()
        .filter(|row| row.remark().is_some() || row.setback().is_some())
        .map(|row| row.table().clone())
        .collect();
    if let Some(doctor) = model.doctor_of(subject) {
        doctor.begin(wanted, &suspects);
    }
    ask(model, subject)
}

/// Asks the next question, unless one is under way.
fn ask(model: &mut Model, subject: Subject) -> Vec<Effect> {
    let request = model.doctor_of(subject).and_then(Doctor::next_question);
    request.map_or_else(Vec::new, |request| model.ledger.ask(subject, request))
}

/// Handles the answer to a part of the examination.
pub fn answered(
    model: &mut Model,
    subject: Subject,
    answer: Result<Examination, Failure>,
) -> Vec<Effect> {
    let asked = model
        .doctor_of(subject)
        .and_then(|doctor| doctor.under_way())
        .map_or_else(Vec::new, |(tables, _)| tables.to_vec());
    if let Ok(found) = &answer {
        for table in &asked {
            if let Some(row) = model.tables.row_mut(table) {
                row.hear_doctor(&found.diagnoses);
            }
        }
    }
    if let Some(doctor) = model.doctor_of(subject) {
        doctor.take(answer);
    }
    ask(model, subject)
}

/// Asks the doctor, without being asked by the user, whether there are repairs for what the rows on the
/// screen report, and up to where the newest objects of other programs go. Each table is asked about once
/// for as long as its condition stays the same. A row promises only what the doctor offers.
pub fn foresee(model: &mut Model) -> Vec<Effect> {
    let tables = &model.tables;
    let idle = model.stack.is_empty()
        && tables.rounds.done > 0
        && tables.outages.is_empty()
        && !model.ledger.is_open(Subject::Foresight);
    if !idle || model.leaving {
        return Vec::new();
    }
    let unforeseen = tables
        .on_screen()
        .filter(|row| row.is_unforeseen(model.now));
    let tables: Vec<TableName> = unforeseen
        .map(|row| row.table().clone())
        .take(CHUNK)
        .collect();
    if tables.is_empty() {
        return Vec::new();
    }
    for table in &tables {
        if let Some(row) = model.tables.row_mut(table) {
            row.ask_doctor();
        }
    }
    let scope = Scope::Tables;
    let request = Request::Diagnose { tables, scope };
    model.ledger.ask(Subject::Foresight, request)
}

/// Handles the doctor's answer to that, if it could answer. For a table that it could not look at,
/// nothing is promised.
pub fn foreseen(model: &mut Model, found: Option<&Examination>) {
    let now = model.now;
    let rows = model.tables.rows.iter();
    let asked = rows.filter(|row| row.awaits_doctor());
    let asked: Vec<TableName> = asked.map(|row| row.table().clone()).collect();
    for table in asked {
        let Some(row) = model.tables.row_mut(&table) else {
            continue;
        };
        // The answer does not say which tables could not be examined.
        let is_told = |found: &&Examination| {
            let mut told = found.diagnoses.iter().map(|one| one.table.as_ref());
            found.failures.is_empty() || told.any(|told| told == Some(&table))
        };
        match found.filter(is_told) {
            Some(found) => row.hear_doctor(&found.diagnoses),
            None => row.miss_doctor(now),
        }
    }
}

/// Examines a table again after a write to it, if an examination that covers it is open.
pub fn written(model: &mut Model, table: &TableName) -> Vec<Effect> {
    let mut effects = Vec::new();
    for subject in [Subject::Doctor, Subject::Findings] {
        let concerned = model
            .doctor_of(subject)
            .filter(|doctor| doctor.tables.contains(table));
        if let Some(doctor) = concerned {
            doctor.look_again(table);
            effects.extend(ask(model, subject));
        }
    }
    effects
}
