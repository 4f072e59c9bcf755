//! The mouse: the wheel scrolls, a click moves the cursor.

use crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};

use super::{choosing, moving, perform, tabs};
use crate::console::action::{Danger, Key};
use crate::console::effect::Effect;
use crate::console::model::scroll::Step;
use crate::console::model::{Model, Screen};
use crate::console::screens;

/// Number of lines that one notch of the wheel scrolls.
const NOTCH: usize = 3;
/// Maximum time between the two clicks of a double click, in microseconds.
const DOUBLE: i64 = 500_000;

/// Handles a mouse event.
pub fn event(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    // The plan above a question can be scrolled; the question is answered with keys only.
    let is_docked = model.question.as_ref().is_some_and(|one| one.is_docked);
    let is_covered = model.scope() != model.screen_scope();
    if is_covered && !is_docked {
        return Vec::new();
    }
    match event.kind {
        MouseEventKind::ScrollUp => scroll(model, Step::Up(NOTCH)),
        MouseEventKind::ScrollDown => scroll(model, Step::Down(NOTCH)),
        MouseEventKind::Down(MouseButton::Left) if !is_covered => {
            return click(model, usize::from(event.column), usize::from(event.row));
        }
        _ => {}
    }
    Vec::new()
}

/// Scrolling moves the line that was clicked before, so that click is forgotten.
fn scroll(model: &mut Model, step: Step) {
    model.clicked = None;
    moving::step(model, step);
}

/// Puts the cursor on the clicked line, selects the clicked tab, or opens the menu of sort orders from the
/// heading. A second click soon after on the same line does what Enter does there.
fn click(model: &mut Model, column: usize, line: usize) -> Vec<Effect> {
    if line < screens::BODY {
        model.clicked = None;
        return on_title(model, column, line);
    }
    moving::point_at(model, line);
    let now = model.now;
    let again = model
        .clicked
        .take()
        .is_some_and(|(at, before)| before == line && now.micros() - at.micros() <= DOUBLE);
    if !again {
        model.clicked = Some((now, line));
        return Vec::new();
    }
    let enter = Key::plain(KeyCode::Enter);
    let action = model.keymap.find(model.scope(), enter);
    action
        .filter(|action| action.danger == Danger::None)
        .map_or_else(Vec::new, |action| perform::try_action(model, action))
}

/// Handles a click on one of the lines above the body.
fn on_title(model: &mut Model, column: usize, line: usize) -> Vec<Effect> {
    if line != screens::TITLE {
        return Vec::new();
    }
    match model.stack.last() {
        None if screens::heading::is_order_at(model, column) => choosing::sort(model),
        Some(Screen::Table(page)) => {
            let tab = screens::table::tab_at(model, page, column);
            tab.map_or_else(Vec::new, |tab| tabs::show(model, tab))
        }
        _ => Vec::new(),
    }
}
