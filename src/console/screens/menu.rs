//! A menu over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::form::BORDERS;
use crate::console::action::ActionId;
use crate::console::model::menu::{Menu, MenuItem};
use crate::console::model::{Model, Said};
use crate::console::widgets::dialog::dialog;
use crate::console::widgets::{paint, put, style};
use crate::text::{cut, left, width};

/// Maximum width of an item's detail.
const DETAIL: usize = 48;

/// Draws the menu.
pub fn draw(model: &Model, menu: &Menu, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let widest = |of: &dyn Fn(usize) -> usize| (0..menu.items.len()).map(of).max().unwrap_or(0);
    let label = widest(&|at| width(&menu.items[at].label));
    let detail = widest(&|at| width(&menu.items[at].detail)).min(DETAIL);
    let about = about(menu, usize::from(area.width).saturating_sub(4));
    let explained = about.iter().flatten().map(|said| width(&said.text)).max();
    let columns = (5 + label + 2 + detail)
        .max(width(menu.title) + 4)
        .max(explained.unwrap_or(0))
        .max(24);
    let below = about.iter().map(Vec::len).max().unwrap_or(0);
    let below = if below > 0 { below + 1 } else { 0 };
    let lines = usize::from(area.height).saturating_sub(BORDERS);
    // The explanation of the item under the cursor gives way only to the items themselves.
    let height = lines.saturating_sub(below).max(menu.items.len().min(lines));
    let skipped = (menu.cursor + 1).saturating_sub(height);
    let hint = match menu.items.len().saturating_sub(skipped + height) {
        0 => format!("{} leaves", model.key(ActionId::Abandon)),
        hidden => format!("↓ {hidden} more"),
    };
    let size = (columns, menu.items.len() + below);
    let room = dialog(frame, area, size, (menu.title, &hint), theme);
    let detail = detail.min(usize::from(room.width).saturating_sub(label + 6));
    let buffer = frame.buffer_mut();
    for (place, item) in menu.items.iter().enumerate().skip(skipped) {
        let y = place - skipped;
        let spans = vec![
            Span::styled(format!(" {}  ", item.letter), theme.accent),
            Span::raw(left(&item.label, label)),
            Span::raw("  "),
            Span::styled(cut(&item.detail, detail), theme.dim),
        ];
        put(buffer, room, y, &Line::from(spans));
        if place == menu.cursor {
            paint(buffer, room, y, theme.selection);
        }
    }
    let first = menu.items.len().min(height) + usize::from(below < usize::from(room.height));
    for (y, said) in about.get(menu.cursor).into_iter().flatten().enumerate() {
        let line = Line::styled(&said.text, style(theme, said.tone));
        put(buffer, room, first + y, &line);
    }
}

/// The explanation of each item, in lines of at most `columns` columns.
fn about(menu: &Menu, columns: usize) -> Vec<Vec<Said>> {
    let lines = |item: &MenuItem| {
        let lines = item.about.iter();
        lines.flat_map(|said| said.wrapped(columns)).collect()
    };
    menu.items.iter().map(lines).collect()
}
