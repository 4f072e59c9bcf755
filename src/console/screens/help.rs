//! The help: all keys, from the action table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::console::action::listing::{HelpLine, help};
use crate::console::model::Model;
use crate::console::model::scroll::Scroll;
use crate::console::widgets::{put, spread};
use crate::text::{cut, left};

/// Columns of the keys.
const KEYS: usize = 13;

/// Draws the screen.
pub fn draw(model: &Model, scroll: Scroll, buffer: &mut Buffer, title: Rect, body: Rect) {
    let theme = &model.theme;
    let lines = help(&model.keymap, model.facts.safety);
    let columns = usize::from(title.width);
    let version = concat!("highwater ", env!("CARGO_PKG_VERSION"), " ");
    let right = vec![Span::styled(version, theme.dim)];
    put(
        buffer,
        title,
        0,
        &spread(vec![Span::styled(" Help", theme.strong)], right, columns),
    );
    for (y, line) in lines.iter().skip(scroll.offset).enumerate() {
        let line = match line {
            HelpLine::Heading(text) => Line::styled(format!("   {text}"), theme.strong),
            HelpLine::Key { keys, help } => Line::from(vec![
                Span::styled(format!("   {}  ", left(keys, KEYS)), theme.accent),
                Span::raw(cut(help, columns.saturating_sub(KEYS + 6))),
            ]),
            HelpLine::Blank => Line::default(),
        };
        put(buffer, body, y, &line);
    }
}
