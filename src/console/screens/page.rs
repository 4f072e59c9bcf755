//! Text that scrolls without a cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::console::model::{Model, Said};
use crate::console::widgets::{put, style};
use crate::figures::{count, length};

/// Draws the lines from `offset` on. If there are more below, the last line says so; paging keeps one
/// line of the previous page on the screen, so that none is missed.
pub fn draw(model: &Model, lines: &[Said], offset: usize, buffer: &mut Buffer, body: Rect) {
    let rest = lines.get(offset..).unwrap_or_default();
    let rest = rest.iter().map(|said| line(model, said));
    draw_rest(model, rest, buffer, body);
}

/// The same, with the lines from the first shown on already styled.
pub fn draw_rest(
    model: &Model,
    rest: impl ExactSizeIterator<Item = Line<'static>>,
    buffer: &mut Buffer,
    body: Rect,
) {
    let (room, all) = (usize::from(body.height), rest.len());
    let fits = all <= room;
    let shown = if fits { room } else { room.saturating_sub(1) };
    for (y, line) in rest.take(shown).enumerate() {
        put(buffer, body, y, &line);
    }
    if !fits {
        let more = count(length(all - shown), "line");
        let line = Line::styled(format!("   … {more} more"), model.theme.dim);
        put(buffer, body, shown, &line);
    }
}

/// A line with the margin of a page.
pub fn line(model: &Model, said: &Said) -> Line<'static> {
    Line::styled(format!("   {}", said.text), style(&model.theme, said.tone))
}
