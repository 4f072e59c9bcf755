//! Shown if nothing is found.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::console::action::ActionId;
use crate::console::describe;
use crate::console::model::Model;
use crate::console::model::details::wrapped;
use crate::console::model::doctor::Doctor;
use crate::console::screens::page;
use crate::console::widgets::put;
use crate::figures::{count, length};
use crate::text::visible;

/// Draws what was examined, as that is what having no findings means.
pub fn draw(model: &Model, doctor: &Doctor, buffer: &mut Buffer, body: Rect, y: usize) {
    let theme = &model.theme;
    let tables = match doctor.tables.as_slice() {
        [table] => visible(&table.to_string()),
        tables => count(length(tables.len()), "table"),
    };
    if !doctor.failures.is_empty() {
        let key = model.key(ActionId::Refresh);
        let text = format!("   not all of {tables} could be looked at; {key} examines again");
        put(buffer, body, y + 1, &Line::styled(text, theme.warning));
        return;
    }
    let said = format!("   ✓ nothing is wrong with {tables}");
    put(buffer, body, y, &Line::styled(said, theme.ok));
    put(
        buffer,
        body,
        y + 2,
        &Line::styled("   looked at:", theme.dim),
    );
    let lines = describe::looked_at(doctor.is_whole());
    for (line, said) in wrapped(&lines, usize::from(body.width)).iter().enumerate() {
        put(buffer, body, y + 3 + line, &page::line(model, said));
    }
}
