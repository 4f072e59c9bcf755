//! The help: all keys, from the action table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::page;
use crate::console::action::listing::help;
use crate::console::model::{Help, Model};
use crate::console::widgets::{put, spread};
use crate::text::{left, visible, wrap};

/// Width of the keys.
const KEYS: usize = 13;

/// Draws the screen.
pub fn draw(model: &Model, help: &Help, buffer: &mut Buffer, title: Rect, body: Rect) {
    let theme = &model.theme;
    let columns = usize::from(title.width);
    let version = concat!("highwater ", env!("CARGO_PKG_VERSION"), " ");
    let mut heading = vec![Span::styled(" Help", theme.strong)];
    if !help.filter.is_empty() {
        let text = format!("   {}", visible(&help.filter.text));
        heading.push(Span::styled(text, theme.accent));
    }
    let right = vec![Span::styled(version, theme.dim)];
    put(buffer, title, 0, &spread(heading, right, columns));
    let lines = lines(model, help);
    if lines.is_empty() {
        let text = "   nothing in the help matches the filter";
        put(buffer, body, 1, &Line::styled(text, theme.dim));
    }
    let rest = lines.into_iter().skip(help.scroll.offset);
    page::draw_rest(model, rest, buffer, body);
}

/// The help as lines wrapped to the terminal: each section with the entries that the filter lets
/// through.
#[must_use]
pub fn lines(model: &Model, shown: &Help) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let room = model.width().saturating_sub(KEYS + 6);
    let mut lines = Vec::new();
    for section in help(&model.keymap, model.facts.safety) {
        let entries: Vec<_> = section
            .entries
            .iter()
            .filter(|entry| {
                let texts = [section.heading, &entry.keys, entry.help];
                shown.filter.match_in(&texts)
            })
            .collect();
        if entries.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        let heading = format!("   {}", section.heading);
        lines.push(Line::styled(heading, theme.strong));
        for entry in entries {
            for (place, part) in wrap(entry.help, room).into_iter().enumerate() {
                let keys = if place == 0 { entry.keys.as_str() } else { "" };
                lines.push(Line::from(vec![
                    Span::styled(format!("   {}  ", left(keys, KEYS)), theme.accent),
                    Span::raw(part),
                ]));
            }
        }
    }
    lines
}
