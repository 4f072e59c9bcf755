//! Looking at the two stored values and changing them on purpose.

mod edit;
mod history;

pub use edit::{Consequence, Edit, EditPlan, PlannedWrite, Revert, Which};
pub use history::HistoryEntry;
