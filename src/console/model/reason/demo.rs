//! Why an action of the demo is not possible: the tour, or having the owner of the database run a
//! statement.

use super::{Enabled, only_if};
use crate::console::Statement;
use crate::console::model::Model;
use crate::console::model::doctor::{Doctor, Stage};

/// The statement for the owner of the database, if the finding under the cursor has one.
#[must_use]
pub fn statement(model: &Model) -> Option<Statement> {
    let case = model.doctor()?.current()?;
    let text = case.statement()?;
    let found = case.stage != Stage::Gone;
    let table = case.table().filter(|_| found)?;
    Some(Statement {
        table: table.clone(),
        text: text.to_owned(),
        finding: case.diagnosis.code(),
    })
}

/// Checks that the finding under the cursor is for the owner of the database, and that it is the
/// demo's database.
///
/// # Errors
/// If not, with the reason to show.
pub fn owner_at_hand(model: &Model) -> Enabled {
    only_if(
        statement(model).is_some(),
        "the finding has no statement for the owner of the database",
    )?;
    let table = model.doctor().and_then(Doctor::current_table);
    only_if(
        !model
            .doctor()
            .is_some_and(|doctor| doctor.is_awaited(table)),
        "its table is being examined again",
    )?;
    only_if(
        model.facts.demo,
        "highwater only reads your database; copy the statement with y",
    )
}

/// Checks that the tour is possible: on the demo, if it may write.
///
/// # Errors
/// If not, with the reason to show.
pub fn over_the_demo(model: &Model) -> Enabled {
    only_if(model.facts.demo, "it needs the demo: highwater --demo")?;
    only_if(model.can_tour(), "it writes, and --read-only is set")
}
