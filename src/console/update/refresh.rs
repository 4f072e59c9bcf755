//! Keeping the tables up to date.
//!
//! A *sweep* asks where all tables stand, those on the screen first. The first one estimates, so
//! that the screen fills at once; from the second on rows are counted. The next sweep begins five
//! seconds after the last one ended, or later where counting takes long: sweeps never take more
//! than about a tenth of the time.

use crate::backend::source::{Precision, SourceTable};
use crate::backend::{TableName, Watermark};
use crate::console::effect::Effect;
use crate::console::model::ledger::Subject;
use crate::console::model::row::Awaited;
use crate::console::model::tables::Sweep;
use crate::console::model::{Answer, Model, Screen};
use crate::jobs::{Event, Failure, Request, Update};

use super::opening;

/// Between two sweeps, at least.
const PAUSE: i64 = 5_000_000;
/// After a failure, before it is tried again.
const RETRY: i64 = 10_000_000;
/// How many times as long as a sweep took, the pause after it is.
const EASE: i64 = 10;
/// The list of tables is asked for anew with every so many sweeps.
const RELIST: u64 = 12;

/// Asks which tables there are.
pub fn ask_tables(model: &mut Model) -> Vec<Effect> {
    model.ledger.ask(Subject::Tables, Request::Tables)
}

/// Begins what is due.
pub fn tick(model: &mut Model) -> Vec<Effect> {
    let tables = &model.tables;
    let busy = tables.sweep.is_some() || model.ledger.is_open(Subject::Tables);
    if busy || model.leaving || tables.due.is_none_or(|due| due > model.now) {
        return Vec::new();
    }
    if !tables.loaded || tables.sweeps.is_multiple_of(RELIST) || tables.trouble.is_some() {
        ask_tables(model)
    } else {
        sweep(model)
    }
}

/// Fetches what the screen in front shows anew, now.
pub fn now(model: &mut Model) -> Vec<Effect> {
    match model.stack.last_mut() {
        Some(Screen::Plan(plan)) => {
            plan.answer = Answer::Waiting;
            opening::ask_plan(model)
        }
        Some(Screen::Viewer(viewer)) => {
            viewer.answer = Answer::Waiting;
            opening::ask_lines(model)
        }
        Some(Screen::Journal(_)) => opening::ask_journal(model),
        _ => {
            let mut effects = Vec::new();
            if let Some(sweep) = model.tables.sweep.take() {
                effects.push(Effect::Cancel(sweep.job));
            }
            for row in &mut model.tables.rows {
                row.awaited = Awaited::default();
            }
            effects.extend(ask_tables(model));
            effects
        }
    }
}

/// The list of tables has arrived, or has not.
pub fn listed(model: &mut Model, answer: Result<Vec<SourceTable>, Failure>) -> Vec<Effect> {
    match answer {
        Ok(list) => {
            model.tables.trouble = None;
            model.tables.replace(list);
            super::settle(model);
            sweep(model)
        }
        Err(failure) => {
            model.tables.trouble = Some(failure);
            model.tables.due = after(model.now, RETRY);
            Vec::new()
        }
    }
}

/// Asks where all tables stand, those on the screen first.
fn sweep(model: &mut Model) -> Vec<Effect> {
    let precision = if model.tables.sweeps == 0 {
        Precision::Estimate
    } else {
        Precision::Exact
    };
    let tables = in_order(model);
    if tables.is_empty() {
        model.tables.due = after(model.now, PAUSE);
        return Vec::new();
    }
    let effect = ask(model, tables, precision);
    if let Effect::Start { job, .. } = effect {
        model.tables.sweep = Some(Sweep {
            job,
            began: model.now,
        });
    }
    vec![effect]
}

/// All tables, those on the screen first, then those shown, then those filtered away.
fn in_order(model: &Model) -> Vec<TableName> {
    let tables = &model.tables;
    let (before, from) = tables.shown.split_at(tables.offset.min(tables.shown.len()));
    let mut order: Vec<usize> = from.iter().chain(before).copied().collect();
    let shown: std::collections::HashSet<usize> = order.iter().copied().collect();
    order.extend((0..tables.rows.len()).filter(|index| !shown.contains(index)));
    order
        .into_iter()
        .map(|index| tables.rows[index].status.table.clone())
        .collect()
}

/// Asks where one table stands, because something has just been written to it.
pub fn look_again(model: &mut Model, table: &TableName) -> Vec<Effect> {
    let effect = ask(model, vec![table.clone()], Precision::Exact);
    if let Effect::Start { job, .. } = effect {
        model.tables.asked.insert(job, vec![table.clone()]);
    }
    vec![effect]
}

fn ask(model: &mut Model, tables: Vec<TableName>, precision: Precision) -> Effect {
    let (job, generation) = model.ledger.number();
    for table in &tables {
        if let Some(row) = model.tables.row_mut(table) {
            row.ask(generation, model.now);
        }
    }
    Effect::Start {
        job,
        generation,
        request: Request::Status { tables, precision },
    }
}

/// Whether the event answers a question about where tables stand.
#[must_use]
pub fn is_asked(model: &Model, event: &Event) -> bool {
    model
        .tables
        .sweep
        .is_some_and(|sweep| sweep.job == event.job)
        || model.tables.asked.contains_key(&event.job)
}

/// News of where tables stand. A part that was asked for before the table was asked about anew is
/// stale.
pub fn take(model: &mut Model, event: Event) -> Vec<Effect> {
    match event.update {
        Update::Part(part) => {
            if let Some(row) = model.tables.row_mut(&part.table)
                && row.generation == event.generation
            {
                row.apply(part.value);
            }
            Vec::new()
        }
        Update::Done(result) => {
            for row in &mut model.tables.rows {
                if row.generation == event.generation {
                    row.awaited = Awaited::default();
                }
            }
            let failure = result.err().filter(|failure| !failure.is_cancelled());
            if model.tables.asked.remove(&event.job).is_none() {
                return swept(model, failure);
            }
            Vec::new()
        }
        Update::Started | Update::Progress(_) => Vec::new(),
    }
}

fn swept(model: &mut Model, failure: Option<Failure>) -> Vec<Effect> {
    let Some(sweep_done) = model.tables.sweep.take() else {
        return Vec::new();
    };
    let took = model.now.micros() - sweep_done.began.micros();
    let failed = failure.is_some();
    model.tables.trouble = failure;
    if failed {
        model.tables.due = after(model.now, RETRY);
        return Vec::new();
    }
    model.tables.sweeps += 1;
    if model.tables.sweeps == 1 {
        return sweep(model);
    }
    model.tables.due = after(model.now, PAUSE.max(took.saturating_mul(EASE)));
    Vec::new()
}

const fn later(now: Watermark, micros: i64) -> i64 {
    now.micros().saturating_add(micros)
}

fn after(now: Watermark, micros: i64) -> Option<Watermark> {
    // A time that cannot be represented never comes.
    Watermark::from_micros(later(now, micros))
}
