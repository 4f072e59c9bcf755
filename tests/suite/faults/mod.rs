//! Faults that neither emulator produces by itself, and the state after one clean run: every row in
//! the objects once, and both values at the last object.

mod cases;
mod conflicts;
mod denied;
mod kills;
mod large;
mod limits;
mod many;
mod scene;
mod source;
mod sweep;
mod unheard;

use highwater::backend::ingest::{IngestReport, Outcome};

pub use scene::Scene;

/// How a run ended, in one word: its outcome, or the code of its error.
fn ending(report: &IngestReport) -> String {
    match (&report.error, report.outcome) {
        (Some(error), _) => error.code.clone(),
        (None, Outcome::Written) => "written".to_owned(),
        (None, outcome) => format!("{outcome:?}"),
    }
}
