//! Backfills: the form for the range, and the plan before it is run.

mod counted;
mod form;
mod interrupted;
mod plans;

pub use counted::Counted;
pub use form::{BackfillForm, Field};
pub use interrupted::Interrupted;
pub use plans::{BackfillPlans, Planned};
