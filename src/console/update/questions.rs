//! Questions that must be answered before something is done, and their answers.

use super::{backfilling, interrupted, opening, repairing, touring, writing};
use crate::config::Safety;
use crate::console::action::{ActionId, Danger, Scope};
use crate::console::effect::Effect;
use crate::console::model::question::{Expected, MOVED, Order, Question, Strength};
use crate::console::model::{Model, STAYS, Said, Screen, Tone, reason};
use crate::console::{describe, screens};
use crate::figures::{count, length};
use crate::text::visible;

/// How soon Ctrl-C must be pressed again, in microseconds: while the notice about it is shown.
const AGAIN: i64 = STAYS;

/// Once the plan in front is complete and nothing covers it, asks below it whether to carry it out. If
/// there is nothing to carry out, asks nothing.
pub fn ask_about_plan(model: &mut Model) -> Vec<Effect> {
    let ask = match model.scope() {
        Scope::Plan if reason::plan_has_rows(model).is_ok() => ask_ingest,
        Scope::BackfillPlan if reason::backfill_has_rows(model).is_ok() => backfilling::ask_to_run,
        _ => return Vec::new(),
    };
    let effects = ask(model);
    came_by_itself(model);
    effects
}

/// Marks the question in front as one that came up when an answer arrived, rather than on a key press.
pub const fn came_by_itself(model: &mut Model) {
    if let Some(question) = &mut model.question {
        question.came_by_itself();
    }
}

/// Asks whether to carry out the plan in front, which shows what that means.
pub fn ask_ingest(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Plan(plan)) = model.stack.last() else {
        return Vec::new();
    };
    let danger = if plan.is_doubtful() {
        Danger::Destructive
    } else {
        Danger::Writes
    };
    let tables = plan.runnable();
    let title = match tables.as_slice() {
        [table] => format!("Ingest {}?", visible(&table.to_string())),
        tables => format!("Ingest {}?", count(length(tables.len()), "table")),
    };
    let order = Order::Ingest(tables.clone());
    let question = Question::about(&tables, danger, model.facts.safety, order, title);
    ask(model, question.docked())
}

/// Puts the question in front.
pub fn ask(model: &mut Model, question: Question) -> Vec<Effect> {
    model.notice = None;
    model.question = Some(question);
    Vec::new()
}

/// Asks whether to apply the edit in front, or says what is missing.
pub fn ask_apply(model: &mut Model) -> Vec<Effect> {
    let safety = model.facts.safety;
    let Some(Screen::Edit(form)) = model.stack.last_mut() else {
        return Vec::new();
    };
    match form.order() {
        Ok(None) => {
            form.entered = true;
            let text = "counting what it would do; then asking for confirmation";
            model.say(Tone::Text, text);
        }
        Ok(Some(plan)) => {
            let danger = form.danger();
            let title = format!("Change {}?", visible(&form.table.to_string()));
            let mut lines = describe::moved(form);
            lines.extend(describe::edit_writes(form, &plan));
            let tables = [form.table.clone()];
            let order = Order::Apply(plan);
            let mut question = Question::about(&tables, danger, safety, order, title);
            question.lines = lines;
            return ask(model, question);
        }
        Err((field, why)) => {
            form.field = field;
            // Prefer the words of the form itself, so that nothing is said twice.
            let why = form.refusal().map_or(why, str::to_owned);
            model.say(Tone::Warning, why);
        }
    }
    Vec::new()
}

/// Leaves, or asks first if jobs are running.
pub fn quit(model: &mut Model) -> Vec<Effect> {
    let running = model.jobs.running();
    if running == 0 {
        model.leaving = true;
        return vec![Effect::Quit];
    }
    let title = leaving(running);
    let mut question = Question::about(&[], Danger::Writes, Safety::Normal, Order::Quit, title);
    let text = "uploads are aborted; nothing is left half-written";
    question.lines.push(Said::plain(text));
    ask(model, question)
}

fn leaving(running: usize) -> String {
    format!("Cancel {} and leave?", count(length(running), "job"))
}

/// Keeps the question whether to leave up to date: jobs end while it is in front, and after the last one
/// there is nothing left to ask.
pub fn keep_up(model: &mut Model) {
    let running = model.jobs.running();
    let Some(question) = &mut model.question else {
        return;
    };
    if !matches!(question.order, Order::Quit) {
        return;
    }
    if running == 0 {
        model.question = None;
    } else {
        question.title = leaving(running);
    }
}

/// Handles Ctrl-C: the second within a few seconds cancels everything and leaves.
pub fn interrupt(model: &mut Model) -> Vec<Effect> {
    let again = model
        .interrupted
        .is_some_and(|at| model.now.micros() - at.micros() <= AGAIN);
    if again {
        return leave(model);
    }
    model.interrupted = Some(model.now);
    let text = match model.jobs.running() {
        0 => "Ctrl-C again leaves".to_owned(),
        running => {
            let jobs = count(length(running), "job");
            format!("Ctrl-C again cancels {jobs} and leaves")
        }
    };
    model.say(Tone::Warning, text);
    Vec::new()
}

fn leave(model: &mut Model) -> Vec<Effect> {
    model.leaving = true;
    model.question = None;
    if model.jobs.running() > 0 {
        model.say(Tone::Warning, "cancelling jobs, then leaving");
    }
    vec![Effect::Quit]
}

/// Whether the question in front can have been read; otherwise says that the key was too early.
fn is_read(model: &mut Model) -> bool {
    let now = model.now;
    let Some(question) = &mut model.question else {
        return false;
    };
    if !question.is_readable(now) {
        let text = if question.is_outdated() {
            MOVED
        } else {
            "that came before this could be read: press it again"
        };
        question.complaint = Some(text.to_owned());
        return false;
    }
    true
}

/// If part of the question has not been on the screen yet, scrolls on instead of answering.
fn reads_on(model: &mut Model) -> bool {
    let (columns, body) = (model.width(), model.body_height());
    let Some(question) = &mut model.question else {
        return false;
    };
    let hidden = screens::question::hidden(question, columns, body);
    if question.is_docked || question.offset >= hidden {
        return false;
    }
    let page = screens::question::page(question, columns, body);
    question.offset = (question.offset + page).min(hidden);
    question.complaint = Some("read on first, then press it again".to_owned());
    true
}

/// Answers yes or no. A yes counts only once the question can have been read.
pub fn answer(model: &mut Model, yes: bool) -> Vec<Effect> {
    if yes && (!is_read(model) || reads_on(model)) {
        return Vec::new();
    }
    let Some(question) = model.question.take() else {
        return Vec::new();
    };
    if yes {
        carry_out(model, question.order)
    } else if matches!(question.order, Order::Tour) {
        // The question came up in place of the help that had been asked for.
        opening::toggle_help(model)
    } else {
        // A user who does not want the plan is done with its screen as well.
        let effects = if question.is_docked {
            opening::back(model)
        } else {
            Vec::new()
        };
        model.say(Tone::Dim, "all is left as it is");
        effects
    }
}

/// Closes the question without an answer, so that nothing is done. A plan stays in front, to be read,
/// copied and asked about again.
pub fn put_aside(model: &mut Model) -> Vec<Effect> {
    let question = model.question.take();
    let said = if question.is_some_and(|question| question.is_docked) {
        let again = match model.screen_scope() {
            Scope::BackfillPlan => ActionId::RunBackfill,
            _ => ActionId::RunPlan,
        };
        format!("nothing is written; {} asks again", model.key(again))
    } else {
        "all is left as it is".to_owned()
    };
    model.say(Tone::Dim, said);
    Vec::new()
}

/// Handles a letter that is not an answer: from then on no letter answers.
pub fn stray(model: &mut Model) {
    if !is_read(model) {
        return;
    }
    let keys = [ActionId::Switch, ActionId::Choose, ActionId::Abandon];
    let [switch, choose, abandon] = keys.map(|action| model.key(action));
    if let Some(question) = &mut model.question {
        question.strayed = true;
        question.complaint = Some(format!(
            "letters do not answer now: {switch} and {choose} do, or {abandon}"
        ));
    }
}

/// Moves the cursor between yes and no.
pub const fn switch(model: &mut Model) -> Vec<Effect> {
    if let Some(question) = &mut model.question {
        question.yes = !question.yes;
    }
    Vec::new()
}

/// Gives the answer under the cursor.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    if !is_read(model) {
        return Vec::new();
    }
    let yes = model.question.as_ref().is_some_and(|question| question.yes);
    answer(model, yes)
}

/// Gives the answer as typed, if it is the expected one.
pub fn choose_typed(model: &mut Model) -> Vec<Effect> {
    let Some(question) = &mut model.question else {
        return Vec::new();
    };
    if question.is_confirmed() {
        return answer(model, true);
    }
    question.complaint = Some(match &question.strength {
        Strength::Typed(Expected::Number(_)) => "that is not how many tables there are".to_owned(),
        _ => "that is not the table's name".to_owned(),
    });
    Vec::new()
}

fn carry_out(model: &mut Model, order: Order) -> Vec<Effect> {
    match order {
        Order::Ingest(tables) => {
            if matches!(model.stack.last(), Some(Screen::Plan(_))) {
                model.stack.pop();
            }
            writing::ingest(model, tables)
        }
        Order::Apply(plan) => {
            let mut effects = opening::back(model);
            effects.extend(writing::apply(model, plan));
            effects
        }
        Order::Backfill(plans) => backfilling::run(model, plans),
        Order::Forget(table, id) => interrupted::forget(model, table, id),
        Order::Repair(repairs) => repairing::apply(model, repairs),
        Order::AskOwner(statement) => {
            let told = format!("{}: its owner runs the statement", statement.table);
            model.say(Tone::Text, told);
            vec![Effect::AskOwner(statement)]
        }
        Order::Tour => touring::begin(model),
        Order::Quit => leave(model),
    }
}
