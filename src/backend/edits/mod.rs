//! Deliberate changes of the two stored values: what they do to rows, and who made them.

mod consequence;
mod edit;
mod error;
mod history;
mod revert;

pub use consequence::Consequence;
pub use edit::{Edit, EditPlan};
pub use error::EditError;
pub use history::{HistoryEntry, Which};
pub use revert::Revert;
