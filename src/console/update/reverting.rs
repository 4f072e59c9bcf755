//! Going back to a value that was there before. The edit form is opened with it, so that what it
//! would do is shown and confirmed as with any other edit.

use tui_input::Input;

use super::{opening, refresh};
use crate::console::effect::Effect;
use crate::console::model::edit::{EditForm, Field};
use crate::console::model::{Model, Screen, Tone};
use crate::vocabulary::{ParameterName, TableName, watermark::Spelling};

/// A value of a parameter that was there before.
struct Former {
    table: TableName,
    parameter: String,
    value: String,
    reason: String,
}

/// Opens the form with the former value of what is under the cursor.
pub fn offer(model: &mut Model) -> Vec<Effect> {
    let Some(former) = former(model) else {
        return Vec::new();
    };
    let Some(stored) = model
        .tables
        .row(&former.table)
        .and_then(|row| row.stored())
        .map(|known| known.value.clone())
    else {
        return Vec::new();
    };
    let mut form = EditForm::new(
        former.table.clone(),
        stored,
        model.facts.spelling.clone(),
        model.now,
    );
    if is(&form.stored.timestamp_name, &former.parameter) {
        form.field = Field::Timestamp;
        form.timestamp = Input::new(readable(&former.value, &model.facts.spelling));
    } else if is(&form.stored.sequence_name, &former.parameter) {
        form.field = Field::SequenceId;
        form.sequence_id = Input::new(former.value.trim().to_owned());
        form.force = true;
    } else {
        let text = format!(
            "revert: {} is no parameter of {} in this profile",
            former.parameter, former.table
        );
        model.say(Tone::Warning, text);
        return Vec::new();
    }
    form.reason = Input::new(former.reason);
    form.note(model.now);
    let table = former.table;
    let mut effects = opening::open(model, Screen::Edit(form));
    effects.extend(refresh::look_again(model, &table));
    effects
}

fn is(name: &ParameterName, parameter: &str) -> bool {
    name.as_str() == parameter
}

fn former(model: &Model) -> Option<Former> {
    match model.stack.last()? {
        Screen::Table(page) => {
            let version = page.version()?;
            Some(Former {
                table: page.table.clone(),
                parameter: version.parameter.to_string(),
                value: version.value.clone(),
                reason: format!("back to version {}", version.version),
            })
        }
        Screen::Journal(journal) => {
            let entry = journal.current()?;
            Some(Former {
                table: entry.table.clone(),
                parameter: entry.what.clone(),
                value: entry.before.clone()?,
                reason: format!("revert: {}", entry.reason),
            })
        }
        _ => None,
    }
}

/// A stored timestamp as the form reads it; what is none is left for the form to complain about.
fn readable(value: &str, spelling: &Spelling) -> String {
    let read = spelling.read(value);
    read.map_or_else(|_| value.to_owned(), |at| at.to_string())
}
