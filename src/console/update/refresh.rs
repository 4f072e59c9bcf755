//! Keeps the tables up to date: the list of them, and their state.

use super::{backfilling, examining, opening, sweeping, tabs};
use crate::backend::source::{Precision, SourceTable};
use crate::console::effect::Effect;
use crate::console::model::ledger::Subject;
use crate::console::model::row::Awaited;
use crate::console::model::{Answer, Model, Screen};
use crate::jobs::{Event, Failure, Request, Update};
use crate::vocabulary::TableName;

/// Requests the list of tables.
pub fn ask_tables(model: &mut Model) -> Vec<Effect> {
    model.tables.rounds.listing = Some(model.now);
    model.ledger.ask(Subject::Tables, Request::Tables)
}

/// Fetches again what the screen in front shows.
pub fn now(model: &mut Model) -> Vec<Effect> {
    match model.stack.last_mut() {
        Some(Screen::Plan(plan)) => {
            plan.take(Answer::Waiting);
            opening::ask_plan(model)
        }
        Some(Screen::Viewer(viewer)) => {
            viewer.answer = Answer::Waiting;
            opening::ask_lines(model)
        }
        Some(Screen::Journal(_)) => opening::ask_journal(model),
        Some(Screen::BackfillPlan(_)) => backfilling::refresh(model),
        Some(Screen::Table(_)) => tabs::refresh(model),
        Some(Screen::Doctor(doctor)) => {
            let wanted = doctor.current_table().cloned();
            examining::begin(model, Subject::Doctor, wanted)
        }
        _ => {
            let mut effects = Vec::new();
            let rounds = &mut model.tables.rounds;
            let sweep = rounds.sweep.take().map(|sweep| sweep.job);
            let screen = rounds.screen.take().map(|asked| asked.job);
            effects.extend(sweep.into_iter().chain(screen).map(Effect::Cancel));
            for row in &mut model.tables.rows {
                row.awaited = Awaited::default();
            }
            effects.extend(ask_tables(model));
            effects
        }
    }
}

/// Handles the list of tables, or why there is none.
pub fn listed(model: &mut Model, answer: Result<Vec<SourceTable>, Failure>) -> Vec<Effect> {
    let asked = model.tables.rounds.listing.take();
    match answer {
        Ok(list) => {
            model.tables.trouble = None;
            model.tables.replace(list);
            super::settle(model);
            sweeping::begin(model)
        }
        Err(failure) => {
            model.tables.trouble = Some(failure);
            let down_since = &mut model.tables.rounds.down_since;
            down_since.get_or_insert(asked.unwrap_or(model.now));
            sweeping::back_off(model);
            Vec::new()
        }
    }
}

/// Requests the state of a table, because something has just been written to it.
pub fn look_again(model: &mut Model, table: &TableName) -> Vec<Effect> {
    look_again_at(model, vec![table.clone()])
}

/// Requests the state of some tables, because something has just been done about them.
pub fn look_again_at(model: &mut Model, tables: Vec<TableName>) -> Vec<Effect> {
    let effect = ask(model, tables.clone(), Precision::Exact);
    if let Effect::Start { job, .. } = effect {
        model.tables.rounds.asked.insert(job, tables);
    }
    vec![effect]
}

/// Requests the state of `tables`.
pub fn ask(model: &mut Model, tables: Vec<TableName>, precision: Precision) -> Effect {
    let job = model.ledger.number();
    for table in &tables {
        if let Some(row) = model.tables.row_mut(table) {
            row.ask(job, precision, model.now);
        }
    }
    Effect::Start {
        job,
        request: Request::Status { tables, precision },
    }
}

/// Whether the event answers a request for the state of tables.
#[must_use]
pub fn is_asked(model: &Model, event: &Event) -> bool {
    let rounds = &model.tables.rounds;
    rounds
        .sweep
        .as_ref()
        .is_some_and(|sweep| sweep.job == event.job)
        || rounds.screen.is_some_and(|asked| asked.job == event.job)
        || rounds.asked.contains_key(&event.job)
}

/// Handles news of the state of tables. A part is stale if the table has been asked about again
/// since.
pub fn take(model: &mut Model, event: Event) -> Vec<Effect> {
    match event.update {
        Update::Part(part) => {
            let now = model.now;
            if let Some(row) = model.tables.row_mut(&part.table)
                && row.asked == Some(event.job)
            {
                let asked = row.awaited.silent().map(|(since, _)| since);
                row.apply(part.value, now);
                if !row.digest().outages.is_empty() {
                    // It may have taken long to find out.
                    let down_since = &mut model.tables.rounds.down_since;
                    down_since.get_or_insert(asked.unwrap_or(now));
                }
            }
            Vec::new()
        }
        Update::Done(result) => {
            for row in &mut model.tables.rows {
                if row.asked == Some(event.job) {
                    row.awaited = Awaited::default();
                }
            }
            let failure = result.err().filter(|failure| !failure.is_cancelled());
            let rounds = &mut model.tables.rounds;
            if rounds.asked.remove(&event.job).is_some() {
                return Vec::new();
            }
            if rounds.screen.is_some_and(|asked| asked.job == event.job) {
                sweeping::screen_done(model, failure);
                return Vec::new();
            }
            sweeping::chunk_done(model, failure)
        }
        Update::Started
        | Update::Progress(_)
        | Update::Found(_)
        | Update::Held(_)
        | Update::Awaits(_) => Vec::new(),
    }
}
