//! Backfills: the form and the plan.

use super::{interrupted, opening, questions, writing};
use crate::backend::backfill::{Backfill, BackfillPlan};
use crate::console::action::Danger;
use crate::console::effect::Effect;
use crate::console::model::backfill::{BackfillForm, BackfillPlans};
use crate::console::model::jobs::JobRecord;
use crate::console::model::ledger::Subject;
use crate::console::model::question::{Order, Question};
use crate::console::model::{Model, Screen, Tone, reason, stack};
use crate::figures::{count, length};
use crate::jobs::{Failure, Request};
use crate::text::visible;

/// Opens the form for the tables the action applies to.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let targets = model.targets();
    let interrupted = match targets.as_slice() {
        [table] => {
            let mut records = model.jobs.records.iter();
            let is_about = |job: &JobRecord| {
                let forgets = matches!(job.request, Request::ForgetBackfill { .. });
                job.table == *table && (forgets || job.backfill().is_some())
            };
            let newest = records.find(|job| is_about(job));
            newest
                .filter(|job| job.is_retryable())
                .and_then(JobRecord::backfill)
        }
        _ => None,
    };
    let interrupted = interrupted.cloned();
    let only = match targets.as_slice() {
        [table] => Some(table.clone()),
        _ => None,
    };
    let tables = targets
        .into_iter()
        .map(|table| {
            let row = model.tables.row(&table);
            let watermark = row.and_then(crate::console::model::row::Row::timestamp);
            (table, watermark)
        })
        .collect();
    let spelling = model.facts.spelling.clone();
    let form = BackfillForm::new(tables, interrupted, spelling, model.now);
    let mut effects = opening::open(model, Screen::Backfill(form));
    if let Some(table) = only {
        effects.extend(interrupted::ask(model, Subject::Interrupted, &table));
    }
    effects
}

/// Handles a change of the form: relative times now refer to this moment.
pub fn changed(model: &mut Model) {
    let now = model.now;
    if let Some(Screen::Backfill(form)) = model.stack.last_mut() {
        form.typed_at = now;
    }
}

/// Plans what is typed, or says what is missing.
pub fn plan(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Backfill(form)) = model.stack.last_mut() else {
        return Vec::new();
    };
    match form.orders() {
        Ok(orders) => show(model, orders),
        Err((field, why)) => {
            form.field = field;
            model.say(Tone::Warning, visible(&why));
            Vec::new()
        }
    }
}

/// Opens the plans of some orders, before anything is written.
fn show(model: &mut Model, orders: Vec<Backfill>) -> Vec<Effect> {
    // Plans that are open further back are no longer wanted.
    let mut effects = forget(model);
    effects.extend(opening::open(
        model,
        Screen::BackfillPlan(BackfillPlans::new(orders)),
    ));
    effects.extend(ask(model));
    effects
}

/// Drops the requests for the plans that are open.
pub fn forget(model: &mut Model) -> Vec<Effect> {
    let asked = plans(model).map_or(0, |plans| plans.planned.len());
    model
        .ledger
        .forget_all((0..asked).map(Subject::BackfillPlan))
}

/// Requests the plans in front again.
pub fn refresh(model: &mut Model) -> Vec<Effect> {
    let mut effects = forget(model);
    if let Some(Screen::BackfillPlan(plans)) = model.stack.last_mut() {
        plans.forget();
    }
    effects.extend(ask(model));
    effects
}

fn plans(model: &mut Model) -> Option<&mut BackfillPlans> {
    stack::backfill_plans(&mut model.stack)
}

/// Requests the plans that are due and have not been requested.
fn ask(model: &mut Model) -> Vec<Effect> {
    let due: Vec<(usize, Backfill)> = plans(model).map_or_else(Vec::new, |plans| {
        let due = plans.due().map(|(place, order)| (place, order.clone()));
        due.collect()
    });
    let ledger = &mut model.ledger;
    due.into_iter()
        .flat_map(|(place, order)| {
            let subject = Subject::BackfillPlan(place);
            if ledger.is_open(subject) {
                return Vec::new();
            }
            ledger.ask(subject, Request::PlanBackfill(order))
        })
        .collect()
}

/// Handles the answer with the plan at an index.
pub fn planned(
    model: &mut Model,
    place: usize,
    plan: Result<BackfillPlan, Failure>,
) -> Vec<Effect> {
    if let Some(plans) = plans(model) {
        plans.take(place, plan);
    }
    let mut effects = ask(model);
    effects.extend(questions::ask_about_plan(model));
    effects
}

/// Asks whether to run the plans in front, which show what that means.
pub fn ask_to_run(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::BackfillPlan(plans)) = model.stack.last() else {
        return Vec::new();
    };
    let runnable: Vec<BackfillPlan> = plans.runnable().into_iter().cloned().collect();
    let tables: Vec<_> = runnable
        .iter()
        .map(|plan| plan.backfill.table.clone())
        .collect();
    let title = match tables.as_slice() {
        [table] => format!("Backfill {}?", visible(&table.to_string())),
        tables => format!("Backfill {}?", count(length(tables.len()), "table")),
    };
    let order = Order::Backfill(runnable);
    let safety = model.facts.safety;
    let question = Question::about(&tables, Danger::Writes, safety, order, title);
    questions::ask(model, question.docked())
}

/// Runs plans, one job for each, and closes the screens that led here.
pub fn run(model: &mut Model, plans: Vec<BackfillPlan>) -> Vec<Effect> {
    model
        .stack
        .retain(|screen| !matches!(screen, Screen::Backfill(_) | Screen::BackfillPlan(_)));
    let what = match plans.as_slice() {
        [plan] => visible(&plan.backfill.table.to_string()),
        plans => count(length(plans.len()), "table"),
    };
    model.say(Tone::Text, format!("backfilling {what}"));
    model.tables.unmark_shown();
    plans
        .into_iter()
        .map(|plan| {
            let table = plan.backfill.table.clone();
            let (job, effect) = writing::start(model, table.clone(), Request::Backfill(plan));
            if let Some(row) = model.tables.row_mut(&table) {
                row.job = Some(job);
            }
            effect
        })
        .collect()
}

/// Plans again what the job under the cursor has left undone.
pub fn again(model: &mut Model) -> Vec<Effect> {
    let order = reason::current_job(model).and_then(|job| {
        let plan = job.backfill()?;
        // A job that has written nothing leaves nothing to resume.
        Some(Backfill {
            resume: job.has_begun().then(|| plan.id.clone()),
            ..plan.backfill.clone()
        })
    });
    order.map_or_else(Vec::new, |order| show(model, vec![order]))
}
