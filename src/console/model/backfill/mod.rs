//! Reading a range again: the form in which it is given, and the plan before it runs.

mod form;
mod interrupted;
mod plans;

pub use form::{BackfillForm, Field};
pub use interrupted::Interrupted;
pub use plans::{BackfillPlans, Planned};
