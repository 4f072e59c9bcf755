//! A page of text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::console::model::Model;
use crate::console::model::details::Details;
use crate::console::widgets::{put, style};

/// Draws the screen.
pub fn draw(model: &Model, details: &Details, buffer: &mut Buffer, title: Rect, body: Rect) {
    let heading = Line::styled(format!(" {}", details.title), model.theme.strong);
    put(buffer, title, 0, &heading);
    let lines = details.wrapped(usize::from(body.width));
    for (y, (tone, text)) in lines.iter().skip(details.scroll.offset).enumerate() {
        let line = Line::styled(format!("   {text}"), style(&model.theme, *tone));
        put(buffer, body, y, &line);
    }
}
