//! A box over the screen.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear};

use crate::console::theme::Theme;
use crate::text::{cut, width};

/// Draws an empty box with room for `lines` lines in the middle of `area`, and returns the area inside.
/// `texts` are its title, and the hint on its lower edge.
pub fn dialog(
    frame: &mut Frame<'_>,
    area: Rect,
    (columns, lines): (usize, usize),
    texts: (&str, &str),
    theme: &Theme,
) -> Rect {
    let width = u16::try_from(columns + 4)
        .unwrap_or(u16::MAX)
        .min(area.width);
    let height = u16::try_from(lines + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    framed(frame, place, texts, theme)
}

/// Removes wide characters next to `place` whose second half is covered: a terminal would draw them in
/// full, over the box.
fn halve(buffer: &mut Buffer, place: Rect) {
    let Some(beside) = place.x.checked_sub(1) else {
        return;
    };
    for y in place.top()..place.bottom() {
        if let Some(cell) = buffer.cell_mut((beside, y))
            && width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
}

/// Draws an empty box at `place` with a title and a hint, and returns the area inside.
pub fn framed(
    frame: &mut Frame<'_>,
    place: Rect,
    (title, hint): (&str, &str),
    theme: &Theme,
) -> Rect {
    frame.render_widget(Clear, place);
    halve(frame.buffer_mut(), place);
    // Two corners, and a blank on each side.
    let title = cut(title, usize::from(place.width).saturating_sub(4));
    let block = Block::bordered()
        .border_type(BorderType::Plain)
        .border_style(theme.dim)
        .title(Line::styled(format!(" {title} "), theme.strong))
        .title_bottom(Line::styled(format!(" {hint} "), theme.dim).right_aligned());
    let inner = block.inner(place);
    frame.render_widget(block, place);
    Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(2),
        ..inner
    }
}
