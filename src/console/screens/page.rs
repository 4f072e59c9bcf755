//! Lines of text that are scrolled without a cursor.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::console::model::{Model, Tone};
use crate::console::widgets::{put, style};
use crate::figures::{count, length};

/// Draws the lines from `offset` on. Where more follow below, the last line says so; paging leaves one
/// line of a page on the screen, so that none is missed.
pub fn draw(
    model: &Model,
    lines: &[(Tone, String)],
    offset: usize,
    buffer: &mut Buffer,
    body: Rect,
) {
    let room = usize::from(body.height);
    let rest = lines.get(offset..).unwrap_or_default();
    let fits = rest.len() <= room;
    let shown = if fits { room } else { room.saturating_sub(1) };
    for (y, (tone, text)) in rest.iter().take(shown).enumerate() {
        let line = Line::styled(format!("   {text}"), style(&model.theme, *tone));
        put(buffer, body, y, &line);
    }
    if !fits {
        let more = count(length(rest.len() - shown), "line");
        let line = Line::styled(format!("   … {more} more"), model.theme.dim);
        put(buffer, body, shown, &line);
    }
}
