//! Why a backfill is not possible.

use super::{Enabled, only_if, some_table};
use crate::console::model::{Model, Screen};

/// Checks that the tables the action applies to have a watermark, below which rows can be read
/// again.
///
/// # Errors
/// If not, with the reason to show.
pub fn backfillable(model: &Model) -> Enabled {
    some_table(model)?;
    match model.targets().as_slice() {
        [table] => {
            let stored = model.tables.row(table).and_then(|row| row.stored());
            let stored = stored.ok_or("its watermark has not been read yet")?;
            only_if(
                stored.value.timestamp.is_some(),
                "it has no watermark: there is nothing to read again",
            )
        }
        _ => Ok(()),
    }
}

/// Checks that the plan in front has rows to read again.
///
/// # Errors
/// If not, with the reason to show.
pub fn backfill_has_rows(model: &Model) -> Enabled {
    let Some(Screen::BackfillPlan(plans)) = model.stack.last() else {
        return Err("there is no plan".into());
    };
    only_if(!plans.is_waiting(), "the plan is not ready yet")?;
    only_if(!plans.runnable().is_empty(), "there is nothing to write")?;
    let tables = plans.tables();
    let rows = tables.iter().filter_map(|table| model.tables.row(table));
    let busy = rows.into_iter().any(|row| row.job.is_some());
    only_if(!busy, "a job is already at work on it")
}

/// Checks that the table in the form has an interrupted backfill.
///
/// # Errors
/// If not, with the reason to show.
pub fn interrupted(model: &Model) -> Enabled {
    let Some(Screen::Backfill(form)) = model.stack.last() else {
        return Err("open the form of a backfill first".into());
    };
    let interrupted = &form.interrupted;
    only_if(
        !interrupted.is_empty() || interrupted.is_known() || form.tables.len() != 1,
        "interrupted ones are still being looked for",
    )?;
    only_if(
        !interrupted.is_empty(),
        "no interrupted backfill of it is known here; type its id",
    )
}

/// Checks that the id of an interrupted backfill is typed, or that one is offered.
///
/// # Errors
/// If not, with the reason to show.
pub fn forgettable(model: &Model) -> Enabled {
    let Some(Screen::Backfill(form)) = model.stack.last() else {
        return Err("open the form of a backfill first".into());
    };
    if form.meant().is_some() {
        return Ok(());
    }
    interrupted(model)
}
