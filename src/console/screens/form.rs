//! Forms: boxes over the screen with labels and fields.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::console::action::ActionId;
use crate::console::model::{Model, Said};
use crate::console::widgets::dialog::dialog;
use crate::console::widgets::{put, style};
use crate::figures::{count, length};
use crate::text::cut;

/// Lines of the border around a form.
pub const BORDERS: usize = 2;
/// Width of the labels.
pub const LABEL: usize = 13;
/// Maximum width of a form.
const COLUMNS: usize = 76;

/// Below this width, labels are above their text rather than next to it.
const NARROW: usize = 50;

/// The lines of a form, each paired with whether it contains the current field.
pub type FormLines = Vec<(bool, Line<'static>)>;

/// Width of a form in `area`.
#[must_use]
pub fn columns(area: Rect) -> usize {
    COLUMNS.min(usize::from(area.width).saturating_sub(4))
}

/// Draws a form. If there is little room, the current field takes precedence over what is above it.
pub fn draw(model: &Model, title: &str, lines: &FormLines, frame: &mut Frame<'_>, area: Rect) {
    let height = usize::from(area.height).saturating_sub(BORDERS);
    let focus = lines.iter().position(|(focused, _)| *focused).unwrap_or(0);
    let skipped = (focus + 2)
        .saturating_sub(height)
        .min(lines.len().saturating_sub(height));
    let hint = match lines.len().saturating_sub(skipped + height) {
        0 => format!("{} leaves all as it is", model.key(ActionId::Abandon)),
        below => format!("↓ {} more", count(length(below), "line")),
    };
    let size = (columns(area), lines.len());
    let room = dialog(frame, area, size, (title, &hint), &model.theme);
    for (y, (_, line)) in lines.iter().skip(skipped).enumerate() {
        put(frame.buffer_mut(), room, y, line);
    }
}

/// Adds text about a field below it.
pub fn say(model: &Model, said: &[Said], columns: usize, lines: &mut FormLines) {
    label("", said, model, columns, lines);
}

/// Adds a label with text next to it.
pub fn label(name: &str, said: &[Said], model: &Model, columns: usize, lines: &mut FormLines) {
    // In a narrow form, the text needs the full width.
    let indent = if columns < NARROW { 2 } else { LABEL };
    let room = columns.saturating_sub(indent);
    if indent < LABEL && !name.is_empty() {
        let heading = Span::styled(name.to_owned(), model.theme.dim);
        lines.push((false, Line::from(heading)));
    }
    let parts = said.iter().flat_map(|said| said.wrapped(room));
    for (place, part) in parts.enumerate() {
        let name = if place == 0 && indent >= LABEL {
            name
        } else {
            ""
        };
        lines.push((
            false,
            Line::from(vec![
                Span::styled(format!("{name:indent$}"), model.theme.dim),
                Span::styled(cut(&part.text, room), style(&model.theme, part.tone)),
            ]),
        ));
    }
}
