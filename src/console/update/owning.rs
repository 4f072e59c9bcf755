//! Actions that only the owner of the database can carry out, as highwater itself never writes to it.
//! The demo's database has an owner at hand.

use super::{examining, opening, questions, refresh};
use crate::config::Safety;
use crate::console::action::Danger;
use crate::console::effect::Effect;
use crate::console::model::ledger::Subject;
use crate::console::model::question::{Order, Question};
use crate::console::model::{Model, Said, Tone, reason};
use crate::text::{visible, wrap};
use crate::vocabulary::TableName;

/// Columns that the frame of a question takes.
const FRAME: usize = 6;
/// Maximum width of a statement.
const COLUMNS: usize = 70;

/// Asks whether the demo's owner should run the statement of the finding under the cursor.
pub fn offer(model: &mut Model) -> Vec<Effect> {
    let Some(statement) = reason::statement(model) else {
        return Vec::new();
    };
    let columns = model.width().saturating_sub(FRAME).min(COLUMNS);
    let lines = wrap(&visible(&statement.text), columns);
    let tables = [statement.table.clone()];
    let title = "Have the demo's owner run it?".to_owned();
    let order = Order::AskOwner(statement);
    let safety = Safety::Normal;
    let mut question = Question::about(&tables, Danger::Writes, safety, order, title);
    question.lines = lines.into_iter().map(Said::plain).collect();
    questions::ask(model, question)
}

/// Handles the outcome of the owner running a statement about a table. All tables are looked at again,
/// as what held one of them back may have held others.
pub fn done(
    model: &mut Model,
    table: &TableName,
    statement: &str,
    done: Result<(), String>,
) -> Vec<Effect> {
    match done {
        Ok(()) => {
            for subject in [Subject::Doctor, Subject::Findings] {
                if let Some(doctor) = model.doctor_of(subject) {
                    doctor.owned(statement);
                }
            }
            let text = format!("{table}: its owner has run the statement");
            model.say(Tone::Ok, text);
        }
        Err(why) => model.say(Tone::Error, format!("{table}: its owner could not: {why}")),
    }
    let rows = model.tables.rows.iter();
    let tables: Vec<TableName> = rows.map(|row| row.table().clone()).collect();
    let concerned: Vec<TableName> = tables
        .iter()
        .filter(|other| *other == table || is_held(model, other))
        .cloned()
        .collect();
    let mut effects = refresh::look_again_at(model, tables);
    for table in &concerned {
        effects.extend(examining::written(model, table));
    }
    effects.extend(opening::ask_journal(model));
    effects
}

fn is_held(model: &Model, table: &TableName) -> bool {
    let row = model.tables.row(table);
    let counts = row.and_then(|row| row.counts());
    counts.is_some_and(|known| known.value.horizon.holder.is_some())
}
