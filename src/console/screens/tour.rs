//! The panel of the tour. It has lines of its own between the screen and the footer, so that it never
//! covers what it is about.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::console::action::ActionId;
use crate::console::describe::tour::{press, says};
use crate::console::model::Model;
use crate::console::model::tour::{Stop, TOUR_SAYS, Visit};
use crate::console::widgets::put;
use crate::text::{cut, wrap};

/// Draws the panel.
pub fn draw(model: &Model, visit: &Visit, buffer: &mut Buffer, area: Rect) {
    let columns = usize::from(area.width);
    let y = if model.has_brief_tour() {
        0
    } else {
        put(buffer, area, 0, &rule(model, visit, columns));
        for (place, line) in fitting(says(model, visit.stop), columns.saturating_sub(2))
            .iter()
            .enumerate()
        {
            put(buffer, area, 1 + place, &Line::raw(format!(" {line}")));
        }
        1 + TOUR_SAYS
    };
    let press = cut(&press(model, visit.stop), columns.saturating_sub(4));
    let line = Line::from(vec![
        Span::styled(" → ", model.theme.accent),
        Span::styled(press, model.theme.strong),
    ]);
    put(buffer, area, y, &line);
}

/// Both sentences if they fit, otherwise the first.
fn fitting([first, second]: [String; 2], columns: usize) -> Vec<String> {
    let both = wrap(format!("{first} {second}").trim_end(), columns);
    if both.len() <= TOUR_SAYS {
        return both;
    }
    let mut lines = wrap(&first, columns);
    lines.truncate(TOUR_SAYS);
    lines
}

fn rule(model: &Model, visit: &Visit, columns: usize) -> Line<'static> {
    let theme = &model.theme;
    let left = format!("── tour {} of {} ", visit.stop.number(), Stop::ALL.len());
    let right = format!(" {} leaves ──", model.key(leaves(model)));
    let taken = crate::text::width(&left) + crate::text::width(&right);
    let rule = "─".repeat(columns.saturating_sub(taken));
    Line::from(vec![
        Span::styled(left, theme.accent),
        Span::styled(rule + &right, theme.dim),
    ])
}

/// The key that leaves the tour from here. The key that clears does so only once there is nothing else
/// for it to clear or close.
fn leaves(model: &Model) -> ActionId {
    let tables = &model.tables;
    let rests = model.stack.is_empty()
        && model.notice.is_none()
        && tables.marked().is_empty()
        && tables.filter.is_empty();
    if rests {
        ActionId::Clear
    } else {
        ActionId::Tour
    }
}
