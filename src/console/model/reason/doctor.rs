//! Why an examination or a repair is not possible.

use super::{Enabled, marks_seen, only_if};
use crate::console::action::ActionId;
use crate::console::model::doctor::Stage;
use crate::console::model::{Model, Screen};

/// Checks that there are tables to examine, and that a list or a page of them is in front.
///
/// # Errors
/// If not, with the reason to show.
pub fn examinable(model: &Model) -> Enabled {
    match model.stack.last() {
        Some(Screen::Table(_)) => Ok(()),
        None if !model.tables.rows.is_empty() && model.tables.shown.is_empty() => {
            let key = model.key(ActionId::Clear);
            Err(format!("no table is shown; {key} clears the filter").into())
        }
        None | Some(Screen::Plan(_)) => {
            marks_seen(model)?;
            only_if(!model.tables.rows.is_empty(), "there are no tables yet")
        }
        Some(_) => Err("open the list of tables, or the page of one, first".into()),
    }
}

/// Checks that the finding under the cursor can be repaired.
///
/// # Errors
/// If not, with the reason to show.
pub fn repairable(model: &Model) -> Enabled {
    let doctor = model.doctor().ok_or("nothing has been examined")?;
    let case = doctor.current().ok_or("no finding is under the cursor")?;
    match case.stage {
        Stage::Gone => return Err("it is no longer found".into()),
        Stage::Repairing(_) => return Err("it is being repaired".into()),
        Stage::Found => {}
    }
    only_if(
        !doctor.is_awaited(case.table()),
        "its table is being examined again",
    )?;
    if case.diagnosis.repairs.is_empty() && case.statement().is_some() {
        let how = if model.facts.demo {
            format!(
                "{} has the demo's owner do it",
                model.key(ActionId::AskOwner)
            )
        } else {
            format!("{} copies the statement", model.key(ActionId::Copy))
        };
        return Err(format!("only the owner of the database can put it right; {how}").into());
    }
    only_if(
        !case.diagnosis.repairs.is_empty(),
        "nothing that can be written from here puts it right; E shows what is known",
    )?;
    let table = case.table().and_then(|table| model.tables.row(table));
    only_if(
        table.is_none_or(|row| row.job.is_none()),
        "a job is at work on its table",
    )
}

/// Checks that a finding has a repair that needs no choice.
///
/// # Errors
/// If not, with the reason to show.
pub fn some_safe_repair(model: &Model) -> Enabled {
    let doctor = model.doctor().ok_or("nothing has been examined")?;
    only_if(
        !doctor.safe_repairs().is_empty(),
        "no finding has a repair that needs no choice",
    )
}
