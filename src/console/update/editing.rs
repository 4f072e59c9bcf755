//! The edit form: what is typed, and asking what it would do.

use super::questions;
use crate::backend::edits::EditPlan;
use crate::console::effect::Effect;
use crate::console::model::ledger::Subject;
use crate::console::model::question::Order;
use crate::console::model::scroll::Direction;
use crate::console::model::{Answer, Model, Screen, stack};
use crate::jobs::{Failure, Request};

/// Something was typed.
pub fn changed(model: &mut Model) {
    let now = model.now;
    if let Some(Screen::Edit(form)) = model.stack.last_mut() {
        form.note(now);
    }
}

/// The form shows what is stored now, not what was stored when it was opened. What has been asked about the
/// values before is not asked any more, but again once it is known what the edit would do to those of now.
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

/// Allows a sequence id that is not the next one, or does not any more.
pub fn toggle_force(model: &mut Model) -> Vec<Effect> {
    if let Some(Screen::Edit(form)) = model.stack.last_mut() {
        form.force = !form.force;
    }
    changed(model);
    Vec::new()
}

/// Once typing has rested, asks what the edit would do.
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

/// Asks anew, or says why it cannot be asked, where a question was about values that have moved.
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

/// What the edit would do has arrived. Whoever has asked to apply it meanwhile is asked to confirm it.
pub fn planned(model: &mut Model, plan: Result<EditPlan, Failure>) {
    let Some(form) = stack::edit(&mut model.stack) else {
        return;
    };
    form.plan = Some(plan.into());
    let entered = !form.changed && std::mem::take(&mut form.entered);
    if !form.changed {
        ask_again(model);
    }
    // Another question that stands is answered first.
    if entered && model.question.is_none() {
        questions::ask_apply(model);
        questions::came_by_itself(model);
    }
}
