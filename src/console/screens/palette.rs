//! The palette over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::console::action::{Action, ActionId};
use crate::console::model::Model;
use crate::console::model::palette::{Entry, LINES, Palette};
use crate::console::widgets::dialog::dialog;
use crate::console::widgets::field::field;
use crate::console::widgets::{paint, put};
use crate::text::{cut, left, right, visible, width};

/// Maximum width.
const COLUMNS: usize = 76;
/// Width of the label and of the key.
const LABEL: usize = 13;
const KEY: usize = 9;

/// Draws the palette.
pub fn draw(model: &Model, palette: &Palette, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let columns = COLUMNS.min(usize::from(area.width).saturating_sub(4));
    let lines = LINES.min(usize::from(area.height).saturating_sub(3));
    // Fewer lines may be shown than the model assumes.
    let offset = palette
        .offset
        .max((palette.cursor + 1).saturating_sub(lines));
    let hint = match palette.found.len().saturating_sub(offset + lines) {
        0 => format!("{} leaves", model.key(ActionId::Abandon)),
        hidden => format!("↓ {hidden} more"),
    };
    let size = (columns, lines + 1);
    let room = dialog(frame, area, size, ("Do or go to", &hint), theme);
    let columns = usize::from(room.width);
    let buffer = frame.buffer_mut();
    let mut typed = vec![Span::styled("› ", theme.accent)];
    typed.extend(field(
        &palette.input,
        columns.saturating_sub(2),
        true,
        theme,
    ));
    put(buffer, room, 0, &Line::from(typed));
    if palette.found.is_empty() {
        put(
            buffer,
            room,
            1,
            &Line::styled("  nothing matches", theme.dim),
        );
    }
    for (place, entry) in palette.found.iter().enumerate().skip(offset).take(lines) {
        let y = 1 + place - offset;
        put(buffer, room, y, &line(model, entry, columns));
        if place == palette.cursor {
            paint(buffer, room, y, theme.selection);
        }
    }
}

fn line(model: &Model, entry: &Entry, columns: usize) -> Line<'static> {
    match entry {
        Entry::Action(action) => match (action.enabled)(model) {
            Ok(()) => of_action(model, action, Ok(action.help), columns),
            Err(why) => of_action(model, action, Err(format!("not now: {why}")), columns),
        },
        Entry::Elsewhere(action) => of_action(model, action, Err(action.belongs()), columns),
        Entry::Table(table) => {
            let name = visible(&table.to_string());
            Line::from(vec![
                Span::styled(left("  table", LABEL + 3), model.theme.dim),
                Span::raw(cut(&name, columns.saturating_sub(LABEL + 3))),
            ])
        }
    }
}

/// An action with what it does, or why it is not possible now, and its key.
fn of_action(
    model: &Model,
    action: &Action,
    help: Result<&str, String>,
    columns: usize,
) -> Line<'static> {
    let theme = &model.theme;
    let (label, help, style) = match help {
        Ok(help) => (theme.strong, help.to_owned(), Style::new()),
        Err(why) => (theme.dim, why, theme.dim),
    };
    let key = cut(&model.keymap.line(action.id, " "), KEY);
    let room = columns.saturating_sub(LABEL + 3 + KEY + 1);
    let key = if room < 12 { String::new() } else { key };
    let room = if key.is_empty() {
        columns.saturating_sub(LABEL + 3)
    } else {
        room
    };
    Line::from(vec![
        Span::styled(format!("  {} ", left(action.label, LABEL)), label),
        Span::styled(left(&cut(&help, room), room), style),
        Span::styled(
            format!(" {}", right(&key, KEY.min(width(&key).max(KEY)))),
            theme.accent,
        ),
    ])
}
