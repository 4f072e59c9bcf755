//! Finds open screens by kind. A screen that waits for an answer need not be in front; at most one of each
//! kind is open.

use super::Screen;
use super::backfill::{BackfillForm, BackfillPlans};
use super::edit::EditForm;
use super::journal::Journal;
use super::page::TablePage;
use super::plan::Plan;
use super::queue::Queue;
use super::viewer::Viewer;

/// Generates a function for each kind, which returns the open screen of that kind.
macro_rules! finders {
    ($($name:ident: $variant:ident($type:ty),)*) => {$(
        /// The screen of this kind, if one is open.
        pub fn $name(stack: &mut [Screen]) -> Option<&mut $type> {
            stack.iter_mut().find_map(|screen| match screen {
                Screen::$variant(found) => Some(found),
                _ => None,
            })
        }
    )*};
}

finders! {
    page: Table(TablePage),
    plan: Plan(Plan),
    viewer: Viewer(Viewer),
    edit: Edit(EditForm),
    backfill: Backfill(BackfillForm),
    backfill_plans: BackfillPlan(BackfillPlans),
    jobs: Jobs(Queue),
    journal: Journal(Journal),
}
