//! The Doctor: beginning an examination, and taking in what it finds.

use std::collections::BTreeSet;

use super::{opening, tabs};
use crate::backend::TableName;
use crate::backend::doctor::Examination;
use crate::console::effect::Effect;
use crate::console::model::doctor::Doctor;
use crate::console::model::ledger::Subject;
use crate::console::model::page::Tab;
use crate::console::model::{Model, Screen};
use crate::jobs::Failure;

/// Examines the marked tables, or all; from the page of a table, that one.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if model.page().is_some() {
        return tabs::show(model, Tab::Findings);
    }
    let marked = model.tables.marked();
    let all = marked.is_empty();
    let tables: Vec<TableName> = if all {
        let rows = model.tables.rows.iter();
        rows.map(|row| row.table().clone()).collect()
    } else {
        marked.into_iter().cloned().collect()
    };
    let doctor = Doctor::new(Subject::Doctor, tables, all);
    let mut effects = opening::open(model, Screen::Doctor(doctor));
    let wanted = model.tables.cursor.clone();
    effects.extend(begin(model, Subject::Doctor, wanted));
    effects
}

/// Begins an examination anew.
pub fn begin(model: &mut Model, subject: Subject, wanted: Option<TableName>) -> Vec<Effect> {
    let suspects: BTreeSet<TableName> = model
        .tables
        .rows
        .iter()
        .filter(|row| row.remark().is_some())
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

/// A part of the examination has been answered.
pub fn answered(
    model: &mut Model,
    subject: Subject,
    answer: Result<Examination, Failure>,
) -> Vec<Effect> {
    if let Some(doctor) = model.doctor_of(subject) {
        doctor.take(answer);
    }
    ask(model, subject)
}

/// Something was written to a table: whoever examines it looks at it again.
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
