//! The help: all keys, from the action table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::console::action::listing::{HelpLine, help};
use crate::console::model::Model;
use crate::console::model::scroll::Scroll;
use crate::console::widgets::{put, spread};
use crate::text::{left, wrap};

/// Columns of the keys.
const KEYS: usize = 13;

/// Draws the screen.
pub fn draw(model: &Model, scroll: Scroll, buffer: &mut Buffer, title: Rect, body: Rect) {
    let theme = &model.theme;
    let columns = usize::from(title.width);
    let version = concat!("highwater ", env!("CARGO_PKG_VERSION"), " ");
    let right = vec![Span::styled(version, theme.dim)];
    put(
        buffer,
        title,
        0,
        &spread(vec![Span::styled(" Help", theme.strong)], right, columns),
    );
    let lines = lines(model);
    for (y, line) in lines.iter().skip(scroll.offset).enumerate() {
        put(buffer, body, y, line);
    }
}

/// The help as lines, wrapped to the terminal.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let room = model.width().saturating_sub(KEYS + 6);
    let mut lines = Vec::new();
    for line in help(&model.keymap, model.facts.safety) {
        match line {
            HelpLine::Heading(text) => {
                lines.push(Line::styled(format!("   {text}"), theme.strong));
            }
            HelpLine::Key { keys, help } => {
                for (place, part) in wrap(help, room).into_iter().enumerate() {
                    let keys = if place == 0 { keys.as_str() } else { "" };
                    lines.push(Line::from(vec![
                        Span::styled(format!("   {}  ", left(keys, KEYS)), theme.accent),
                        Span::raw(part),
                    ]));
                }
            }
            HelpLine::Blank => lines.push(Line::default()),
        }
    }
    lines
}
