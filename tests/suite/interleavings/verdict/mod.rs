//! Whether what happened is what was promised.
//!
//! Every object contains exactly the rows within its bounds, so what remains to be checked is how bounds follow
//! each other. Each object begins where the one before it ended, unless an edit of the timestamp, used at most
//! once, moved the beginning: back to re-ingest rows, or forward to skip no more than the operator was shown. Each
//! number follows the one before it, unless an edit of the sequence id moved it. An edit that an operator was told
//! is done takes effect, unless a later edit, or the rows themselves, had overtaken it. Without edits, this means
//! that every committed row is in exactly one object.

mod account;
mod promises;

use account::{effects, objects};
use highwater::backend::ingest::Outcome;
use promises::{
    bounds_follow, each_row_once, holds_its_rows, numbers_are_honoured, numbers_follow,
    timestamps_are_honoured, values_point_at_the_last,
};

use super::world::{Event, State, Value};

/// What was checked, for the totals.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checked {
    pub rows: usize,
    /// Rows in all objects; repeated rows count each time.
    pub written: usize,
    pub objects: usize,
    /// Edits of a value that took effect in the store.
    pub edits: usize,
    /// Edits that changed where ingestion continued, or its numbers.
    pub honoured: usize,
    pub stale: usize,
    pub recoveries: usize,
    pub removed: usize,
    /// Runs that ended with an error.
    pub failed_runs: usize,
}

/// Judges everything that was done.
///
/// # Errors
/// The promise that was broken.
pub fn judge(state: &State) -> Result<Checked, String> {
    let rows = state.source.committed();
    let objects = objects(&state.events)?;
    let mut timestamps = effects(&state.events, Value::Timestamp);
    let mut numbers = effects(&state.events, Value::SequenceId);
    for object in &objects {
        holds_its_rows(object, &rows)?;
    }
    bounds_follow(&objects, &mut timestamps)?;
    numbers_follow(&objects, &mut numbers)?;
    if timestamps.is_empty() && !objects.iter().any(|object| object.excused || object.lost) {
        each_row_once(&objects, &rows)?;
    }
    timestamps_are_honoured(&objects, &timestamps, &rows)?;
    numbers_are_honoured(&objects, &numbers)?;
    values_point_at_the_last(state, &objects, &timestamps, &numbers, &rows)?;
    let effects = || timestamps.iter().chain(&numbers);
    Ok(Checked {
        rows: rows.len(),
        written: objects.iter().map(|object| object.rows.len()).sum(),
        objects: objects.len(),
        edits: effects().count(),
        honoured: effects().filter(|effect| effect.used).count(),
        ..runs(&state.events)
    })
}

fn runs(events: &[Event]) -> Checked {
    let mut checked = Checked::default();
    for event in events {
        match event {
            Event::Reported { report } => {
                checked.recoveries += report.recovered.len();
                checked.failed_runs += usize::from(report.outcome == Outcome::Failed);
            }
            Event::Removed { .. } => checked.removed += 1,
            Event::Late => checked.stale += 1,
            _ => {}
        }
    }
    checked
}
