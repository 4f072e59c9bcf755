//! A page of text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::page;
use crate::console::model::Model;
use crate::console::model::details::Details;
use crate::console::widgets::put;

/// Draws the screen.
pub fn draw(model: &Model, details: &Details, buffer: &mut Buffer, title: Rect, body: Rect) {
    let heading = Line::styled(format!(" {}", details.title), model.theme.strong);
    put(buffer, title, 0, &heading);
    let lines = details.wrapped(usize::from(body.width));
    page::draw(model, &lines, details.scroll.offset, buffer, body);
}
