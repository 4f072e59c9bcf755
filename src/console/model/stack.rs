//! Screens that are open, by their kind. Who waits for an answer need not be in front; of each kind of screen
//! one is open at most.

use super::Screen;
use super::backfill::{BackfillForm, BackfillPlans};
use super::edit::EditForm;
use super::journal::Journal;
use super::page::TablePage;
use super::plan::Plan;
use super::queue::Queue;
use super::viewer::Viewer;

/// Makes a function of each kind: the screen of that kind, if one is open.
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
