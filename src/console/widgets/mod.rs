//! Parts of screens.

pub mod bar;
pub mod dialog;
pub mod field;
pub mod footer;
pub mod header;
pub mod spinner;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::model::Tone;
use super::theme::Theme;
use crate::text::{cut, width};

/// The style of a tone.
#[must_use]
pub const fn style(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Text => Style::new(),
        Tone::Strong => theme.strong,
        Tone::Dim => theme.dim,
        Tone::Ok => theme.ok,
        Tone::Warning => theme.warning,
        Tone::Error => theme.error,
    }
}

/// Draws one line at line `y` of `area`, if that is within it.
pub fn put(buffer: &mut Buffer, area: Rect, y: usize, line: &Line<'_>) {
    if let Some(y) = row(area, y) {
        buffer.set_line(area.x, y, line, area.width);
    }
}

/// Sets the style of a whole line of `area`.
pub fn paint(buffer: &mut Buffer, area: Rect, y: usize, style: Style) {
    if let Some(y) = row(area, y) {
        buffer.set_style(
            Rect {
                y,
                height: 1,
                ..area
            },
            style,
        );
    }
}

fn row(area: Rect, y: usize) -> Option<u16> {
    let y = u16::try_from(y).ok()?;
    (y < area.height).then(|| area.y + y)
}

/// Spans in at most `columns` columns, ending in `…` if something had to be cut.
#[must_use]
pub fn clip(spans: Vec<Span<'static>>, columns: usize) -> Vec<Span<'static>> {
    let taken: usize = spans.iter().map(|span| width(&span.content)).sum();
    if taken <= columns {
        return spans;
    }
    let mut room = columns.saturating_sub(1);
    let mut clipped = Vec::new();
    for span in spans {
        let size = width(&span.content);
        if size > room {
            // A column was kept for the `…`, which is needed even if just this span would fit.
            let text = cut(&format!("{} ", span.content), room + 1);
            clipped.push(Span::styled(text, span.style));
            break;
        }
        room -= size;
        clipped.push(span);
    }
    clipped
}

/// A line with one part on the left and one on the right; the right one is dropped if they do not
/// both fit.
#[must_use]
pub fn spread<'a>(left: Vec<Span<'a>>, right: Vec<Span<'a>>, columns: usize) -> Line<'a> {
    let taken = |spans: &[Span<'_>]| spans.iter().map(|span| width(&span.content)).sum::<usize>();
    let gap = columns.saturating_sub(taken(&left) + taken(&right));
    let mut spans = left;
    if gap > 0 {
        spans.push(Span::raw(" ".repeat(gap)));
        spans.extend(right);
    }
    Line::from(spans)
}
