//! Interrupted backfills: looking for them, resuming one, forgetting one.

use super::{questions, writing};
use crate::backend::backfill::BackfillPlan;
use crate::console::action::Danger;
use crate::console::effect::Effect;
use crate::console::model::backfill::BackfillForm;
use crate::console::model::ledger::Subject;
use crate::console::model::question::{Order, Question};
use crate::console::model::{Model, Said, Screen, stack};
use crate::figures::timestamp;
use crate::jobs::{Failure, Request};
use crate::vocabulary::{BackfillId, TableName};

/// Fills in the form from an interrupted backfill.
pub fn take_over(model: &mut Model) -> Vec<Effect> {
    if let Some(Screen::Backfill(form)) = model.stack.last_mut() {
        form.take_over();
    }
    Vec::new()
}

/// Requests the interrupted backfills of a table.
pub fn ask(model: &mut Model, subject: Subject, table: &TableName) -> Vec<Effect> {
    let request = model.counted.question(table.clone(), model.now);
    model.ledger.ask(subject, request)
}

/// Handles the answer about the interrupted backfills of the table in the form.
pub fn found(model: &mut Model, found: Result<Vec<BackfillPlan>, Failure>) {
    let Some([(table, _)]) = form(model).map(|form| form.tables.as_slice()) else {
        return;
    };
    if let Ok(plans) = &found {
        let table = table.clone();
        model.counted.keep(table, plans.clone(), model.now);
    }
    if let Some(form) = form(model) {
        form.interrupted.take(found);
    }
}

/// The same for the table whose page is open.
pub fn found_of_page(model: &mut Model, found: Result<Vec<BackfillPlan>, Failure>) {
    let Some(page) = stack::page(&mut model.stack) else {
        return;
    };
    page.interrupted = found.into();
    if let Some(plans) = page.interrupted.ready().cloned() {
        let table = page.table.clone();
        model.counted.keep(table, plans, model.now);
    }
}

fn form(model: &mut Model) -> Option<&mut BackfillForm> {
    stack::backfill(&mut model.stack)
}

/// Requests the interrupted backfills again after a write to the table in the form.
pub fn written(model: &mut Model, table: &TableName) -> Vec<Effect> {
    let is_about =
        |form: &mut BackfillForm| matches!(form.tables.as_slice(), [(only, _)] if only == table);
    if form(model).is_some_and(is_about) {
        return ask(model, Subject::Interrupted, table);
    }
    Vec::new()
}

/// Asks whether to forget the interrupted backfill that the form refers to.
pub fn ask_to_forget(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Backfill(form)) = model.stack.last() else {
        return Vec::new();
    };
    let ([(table, _)], Some(id)) = (form.tables.as_slice(), form.meant()) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    if let Some(plan) = form.interrupted.of(&id) {
        let order = &plan.backfill;
        let (from, to) = (timestamp(order.from), timestamp(order.to));
        lines.push(Said::plain(format!("{from} <= ts < {to}")));
        if let Some(far) = form.interrupted.how_far(&id) {
            lines.push(Said::warning(far));
        }
    }
    let text = "what is left will not be written; what it has written stays";
    lines.push(Said::plain(text));
    let title = format!("Forget backfill {id}?");
    let tables = [table.clone()];
    let order = Order::Forget(table.clone(), id);
    let safety = model.facts.safety;
    let mut question = Question::about(&tables, Danger::Writes, safety, order, title);
    question.lines = lines;
    questions::ask(model, question)
}

/// Forgets an interrupted backfill, and clears the form, which may have been filled in to resume
/// it.
pub fn forget(model: &mut Model, table: TableName, id: BackfillId) -> Vec<Effect> {
    if let Some(form) = form(model) {
        form.empty();
    }
    let request = Request::ForgetBackfill {
        table: table.clone(),
        id,
    };
    vec![writing::start(model, table, request).1]
}
