//! The edit form: what is typed, and requesting what it would do.

use super::questions;
use crate::backend::edits::EditPlan;
use crate::console::effect::Effect;
use crate::console::model::ledger::Subject;
use crate::console::model::question::Order;
use crate::console::model::scroll::Direction;
use crate::console::model::{Answer, Model, Screen, stack};
use crate::jobs::{Failure, Request};

/// Handles a change of the form.
pub fn changed(model: &mut Model) {
    let now = model.now;
    if let Some(Screen::Edit(form)) = model.stack.last_mut() {
        form.note(now);
    }
}

/// Makes the form show what is stored now rather than what was stored when it was opened. A question about
/// the earlier values can no longer be answered; it is asked again once it is known what the edit would do
/// to the present ones.
pub fn follow(model: &mut Model) {
    let Some(Screen::Edit(form)) = model.stack.last_mut() else {
        return;
    };
    let Some(row) = model.tables.row(&form.table) else {
        return;
    };
    form.ends_at = row.last_object().and_then(|last| last.watermark);
    if let Some(stored) = row.stored()
        && form.stored != stored.value
    {
        form.stored = stored.value.clone();
        form.moved.note();
        form.changed = true;
        if let Some(question) = &mut model.question
            && matches!(question.order, Order::Apply(_))
        {
            form.entered = true;
            question.outdate();
        }
    }
}

/// Goes to another field of the form in front.
pub fn go(model: &mut Model, direction: Direction) -> Vec<Effect> {
    match model.stack.last_mut() {
        Some(Screen::Edit(form)) => form.field = form.field.turn(direction),
        Some(Screen::Backfill(form)) => form.field = form.field.turn(direction),
        _ => {}
    }
    Vec::new()
}

/// Toggles whether a sequence id other than the next one is allowed.
pub fn toggle_force(model: &mut Model) -> Vec<Effect> {
    if let Some(Screen::Edit(form)) = model.stack.last_mut() {
        form.force = !form.force;
    }
    changed(model);
    Vec::new()
}

/// Requests what the edit would do, once the user has paused in typing.
pub fn tick(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(Screen::Edit(form)) = model.stack.last_mut() else {
        return Vec::new();
    };
    if !form.is_due(now) {
        return Vec::new();
    }
    form.changed = false;
    let mover = form.moved.next_question(&form.table);
    let mover = mover.map(|request| model.ledger.ask(Subject::Mover, request));
    let mut effects = mover.unwrap_or_default();
    if let Some(edit) = form.edit() {
        form.plan = Some(Answer::Waiting);
        effects.extend(model.ledger.ask(Subject::EditPlan, Request::PlanEdit(edit)));
    } else {
        form.plan = None;
        effects.extend(model.ledger.forget(Subject::EditPlan));
        ask_again(model);
    }
    effects
}

/// If a question was about values that have moved since, asks it again, or says why it cannot be asked.
fn ask_again(model: &mut Model) {
    if model
        .question
        .take_if(|question| question.is_outdated())
        .is_some()
    {
        questions::ask_apply(model);
        questions::came_by_itself(model);
    }
}

/// Handles the answer to what the edit would do. If the user has asked to apply it meanwhile, asks for
/// confirmation.
pub fn planned(model: &mut Model, plan: Result<EditPlan, Failure>) {
    let Some(form) = stack::edit(&mut model.stack) else {
        return;
    };
    form.plan = Some(plan.into());
    let entered = !form.changed && std::mem::take(&mut form.entered);
    if !form.changed {
        ask_again(model);
    }
    // If another question is in front, that is answered first.
    if entered && model.question.is_none() {
        questions::ask_apply(model);
        questions::came_by_itself(model);
    }
}
