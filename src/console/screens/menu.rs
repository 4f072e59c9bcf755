//! A menu over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::console::action::ActionId;
use crate::console::model::Model;
use crate::console::model::menu::Menu;
use crate::console::widgets::dialog::dialog;
use crate::console::widgets::{paint, put};
use crate::text::{cut, left, width};

/// Columns of what an item is about, at most.
const DETAIL: usize = 48;

/// Draws the menu.
pub fn draw(model: &Model, menu: &Menu, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let widest = |of: &dyn Fn(usize) -> usize| (0..menu.items.len()).map(of).max().unwrap_or(0);
    let label = widest(&|at| width(&menu.items[at].label));
    let detail = widest(&|at| width(&menu.items[at].detail)).min(DETAIL);
    let columns = (5 + label + 2 + detail).max(width(menu.title) + 4).max(24);
    let hint = format!("{} leaves", model.key(ActionId::Abandon));
    let size = (columns, menu.items.len());
    let room = dialog(frame, area, size, (menu.title, &hint), theme);
    let buffer = frame.buffer_mut();
    let height = usize::from(room.height);
    let skipped = (menu.cursor + 1).saturating_sub(height);
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
}
