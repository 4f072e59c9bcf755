//! Requests the state of all tables, chunk by chunk, and alongside it that of the tables on the screen.
//!
//! The first sweep estimates, so that the screen fills at once; from the second on, rows are counted. A
//! sweep starts five seconds after the last one ended, or later if counting takes long every time: sweeps
//! take about a tenth of the time, unless they take more than twelve seconds. While a service is out of
//! reach, it is tried again after two seconds, then at growing intervals.

use super::refresh::{ask, ask_tables};
use crate::backend::source::Precision;
use crate::console::effect::Effect;
use crate::console::model::ledger::Subject;
use crate::console::model::row::Row;
use crate::console::model::sweep::{Asked, CHUNK, PAUSE, Sweep};
use crate::console::model::{Model, Tone};
use crate::figures::span;
use crate::jobs::Failure;
use crate::vocabulary::{TableName, Watermark};

/// Time until the next try after the first failure; doubled with each further one, up to `RETRY_MOST`.
const RETRY: i64 = 2_000_000;
const RETRY_MOST: i64 = 30_000_000;
/// The list of tables is requested again once in this many sweeps.
const RELIST: u64 = 12;

/// Starts what is due.
pub fn tick(model: &mut Model) -> Vec<Effect> {
    if model.leaving {
        return Vec::new();
    }
    let mut effects = Vec::new();
    let tables = &model.tables;
    let busy = tables.rounds.sweep.is_some() || model.ledger.is_open(Subject::Tables);
    if !busy && tables.rounds.due.is_some_and(|due| due <= model.now) {
        let relist = tables.rounds.done.is_multiple_of(RELIST);
        effects = if !tables.loaded || relist || tables.trouble.is_some() {
            ask_tables(model)
        } else {
            begin(model)
        };
    }
    effects.extend(look_at_screen(model));
    effects
}

/// Starts a sweep over all tables, with those on the screen first.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    let rounds = &model.tables.rounds;
    let precision = if rounds.done == 0 {
        Precision::Estimate
    } else {
        Precision::Exact
    };
    let mut queue = in_order(model);
    if queue.is_empty() {
        model.tables.rounds.due = after(model.now, PAUSE);
        return Vec::new();
    }
    let rest = queue.split_off(CHUNK.min(queue.len()));
    let effect = ask(model, queue, precision);
    if let Effect::Start { job, .. } = effect {
        model.tables.rounds.sweep = Some(Sweep {
            job,
            began: model.now,
            precision,
            queue: rest.into(),
        });
    }
    vec![effect]
}

/// All tables: first those on the screen, then the others shown, then those filtered out.
fn in_order(model: &Model) -> Vec<TableName> {
    let tables = &model.tables;
    let (before, from) = tables.shown.split_at(tables.offset.min(tables.shown.len()));
    let mut order: Vec<usize> = from.iter().chain(before).copied().collect();
    let shown: std::collections::HashSet<usize> = order.iter().copied().collect();
    order.extend((0..tables.rows.len()).filter(|index| !shown.contains(index)));
    order
        .into_iter()
        .map(|index| tables.rows[index].table().clone())
        .collect()
}

/// Handles the end of a chunk of the sweep, or the failure of the sweep as a whole.
pub fn chunk_done(model: &mut Model, failure: Option<Failure>) -> Vec<Effect> {
    let Some(mut sweep) = model.tables.rounds.sweep.take() else {
        return Vec::new();
    };
    if failure.is_none() && !sweep.queue.is_empty() {
        let rest = sweep.queue.split_off(CHUNK.min(sweep.queue.len()));
        let chunk = std::mem::replace(&mut sweep.queue, rest).into();
        let effect = ask(model, chunk, sweep.precision);
        if let Effect::Start { job, .. } = effect {
            sweep.job = job;
        }
        model.tables.rounds.sweep = Some(sweep);
        return vec![effect];
    }
    let took = model.now.micros() - sweep.began.micros();
    model.tables.rounds.sweep_takes.took(took);
    model.tables.trouble = failure;
    super::settle(model);
    if !model.tables.outages.is_empty() {
        back_off(model);
        return Vec::new();
    }
    recovered(model);
    model.tables.rounds.done += 1;
    if model.tables.rounds.done == 1 {
        return begin(model);
    }
    let pause = model.tables.rounds.sweep_takes.pause();
    model.tables.rounds.due = after(model.now, pause);
    Vec::new()
}

/// Schedules the next try while a service is out of reach, each time a little later.
pub fn back_off(model: &mut Model) {
    let now = model.now;
    let rounds = &mut model.tables.rounds;
    let distance = RETRY
        .saturating_mul(1 << rounds.failures.min(10))
        .min(RETRY_MOST);
    rounds.failures += 1;
    rounds.down_since.get_or_insert(now);
    rounds.due = after(now, distance);
}

fn recovered(model: &mut Model) {
    model.tables.rounds.failures = 0;
    if let Some(since) = model.tables.rounds.down_since.take() {
        let down = span(model.now.micros() - since.micros());
        model.say(Tone::Ok, format!("everything answers again, after {down}"));
    }
}

/// If there are more tables than one chunk, asks about those on the screen: first the ones about which
/// nothing is known, then the ones that have not been counted for a while.
fn look_at_screen(model: &mut Model) -> Vec<Effect> {
    let tables = &model.tables;
    let idle = model.stack.is_empty()
        && tables.rounds.screen.is_none()
        && tables.rows.len() > CHUNK
        && tables.outages.is_empty();
    if !idle {
        return Vec::new();
    }
    let pause = tables.rounds.screen_takes.pause();
    let is_free = |row: &&Row| row.awaited.rows.is_none();
    let is_old = |row: &&Row| {
        row.counted
            .is_none_or(|at| model.now.micros() - at.micros() > pause)
    };
    let names = |rows: &mut dyn Iterator<Item = &Row>| -> Vec<TableName> {
        rows.map(|row| row.table().clone()).collect()
    };
    let unknown = names(
        &mut tables
            .on_screen()
            .filter(is_free)
            .filter(|row| row.status().rows.is_none()),
    );
    let (chosen, precision) = if unknown.is_empty() {
        let old = names(&mut tables.on_screen().filter(is_free).filter(is_old));
        (old, Precision::Exact)
    } else {
        (unknown, Precision::Estimate)
    };
    if chosen.is_empty() {
        return Vec::new();
    }
    let effect = ask(model, chosen, precision);
    if let Effect::Start { job, .. } = effect {
        let at = model.now;
        model.tables.rounds.screen = Some(Asked { job, at });
    }
    vec![effect]
}

/// Handles the end of the question about the tables on the screen.
pub fn screen_done(model: &mut Model, failure: Option<Failure>) {
    let Some(asked) = model.tables.rounds.screen.take() else {
        return;
    };
    let took = model.now.micros() - asked.at.micros();
    model.tables.rounds.screen_takes.took(took);
    if failure.is_some() {
        model.tables.trouble = failure;
    }
}

fn after(now: Watermark, micros: i64) -> Option<Watermark> {
    // A time that cannot be represented never comes.
    Watermark::from_micros(now.micros().saturating_add(micros))
}
