//! Reading a range again: the form in which it is given, and the plan before it runs.

mod counted;
mod form;
mod interrupted;
mod plans;

pub use counted::Counted;
pub use form::{BackfillForm, Field};
pub use interrupted::Interrupted;
pub use plans::{BackfillPlans, Planned};
