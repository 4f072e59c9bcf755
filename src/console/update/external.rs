//! Lends the terminal to another program, and handles the result.

use tui_input::Input;

use super::editing;
use crate::console::effect::{Effect, Tool};
use crate::console::model::edit::Field;
use crate::console::model::{Model, Screen, Tone};
use crate::text::visible;

/// Opens an editor for the reason in the form in front.
pub fn write_reason(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Edit(form)) = model.stack.last_mut() else {
        return Vec::new();
    };
    form.field = Field::Reason;
    form.trouble = None;
    vec![Effect::WriteReason {
        table: form.table.clone(),
        reason: form.reason.value().to_owned(),
    }]
}

/// Replaces the reason by the one that was written; if none could be written, the old one stays.
pub fn reason_written(model: &mut Model, written: Result<String, String>) {
    let Some(Screen::Edit(form)) = model.stack.last_mut() else {
        return;
    };
    match written {
        Ok(reason) => form.reason = Input::new(reason),
        Err(why) => form.trouble = Some(visible(&why)),
    }
    editing::changed(model);
}

/// Shows the lines of the viewer in front, as they are displayed, in another program.
pub fn show(model: &mut Model, tool: Tool) -> Vec<Effect> {
    let Some(viewer) = model.viewer() else {
        return Vec::new();
    };
    let mut lines = String::new();
    for line in viewer.shown() {
        lines.push_str(&line.text);
        lines.push('\n');
    }
    model.notice = None;
    vec![Effect::Show { tool, lines }]
}

/// Says why the lines could not be shown, if so.
pub fn shown(model: &mut Model, shown: Result<(), String>) {
    if let Err(why) = shown {
        model.say(Tone::Error, visible(&why));
    }
}
