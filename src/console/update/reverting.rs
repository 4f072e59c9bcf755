//! Reverts a parameter to an earlier value. The edit form is opened with that value, so that what it would do
//! is shown and confirmed as with any other edit.

use tui_input::Input;

use super::{opening, refresh};
use crate::console::effect::Effect;
use crate::console::model::edit::{EditForm, Field};
use crate::console::model::{Model, Screen, Tone};
use crate::vocabulary::{ParameterName, TableName, watermark::Spelling};

/// An earlier value of a parameter.
struct Former {
    table: TableName,
    parameter: String,
    value: String,
    reason: String,
    /// The other parameter that the same edit or repair wrote, and its value before.
    other: Option<(String, String)>,
}

/// Opens the form with the earlier value of what is under the cursor, and with that of the other parameter if
/// both were written together: reverting half of a repair leaves a table worse off than before.
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
    let spelling = model.facts.spelling.clone();
    let mut form = EditForm::new(former.table.clone(), stored, spelling, model.now);
    let Some(field) = fill(&mut form, &former.parameter, &former.value) else {
        let text = format!(
            "revert: {} is not a parameter of {} in this profile",
            former.parameter, former.table
        );
        model.say(Tone::Warning, text);
        return Vec::new();
    };
    let other = former.other.as_ref();
    let both = other.and_then(|(parameter, value)| fill(&mut form, parameter, value));
    form.field = field;
    form.reason = Input::new(former.reason);
    form.note(model.now);
    let table = former.table;
    let mut effects = opening::open(model, Screen::Edit(form));
    if both.is_some() {
        let text = "both values were written together; empty a field to leave that value as it is";
        model.say(Tone::Text, text);
    }
    effects.extend(refresh::look_again(model, &table));
    effects
}

/// Puts an earlier value into the field of its parameter, and returns the field; `None` if the parameter is
/// not one of the table's.
fn fill(form: &mut EditForm, parameter: &str, value: &str) -> Option<Field> {
    if is(&form.stored.timestamp_name, parameter) {
        form.timestamp = Input::new(readable(value, &form.spelling));
        return Some(Field::Timestamp);
    }
    if is(&form.stored.sequence_name, parameter) {
        form.sequence_id = Input::new(value.trim().to_owned());
        form.force = true;
        return Some(Field::SequenceId);
    }
    None
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
                other: None,
            })
        }
        Screen::Journal(journal) => {
            let entry = journal.current()?;
            Some(Former {
                table: entry.table.clone(),
                parameter: entry.what.clone(),
                value: entry.before.clone()?,
                reason: format!("revert: {}", entry.reason),
                other: journal
                    .other_write(entry)
                    .and_then(|other| Some((other.what.clone(), other.before.clone()?))),
            })
        }
        _ => None,
    }
}

/// A stored timestamp as the form reads it; if it is not one, it is left for the form to reject.
fn readable(value: &str, spelling: &Spelling) -> String {
    let read = spelling.read(value);
    read.map_or_else(|_| value.to_owned(), |at| at.to_string())
}
