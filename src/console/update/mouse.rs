//! The mouse: the wheel scrolls, a click moves the cursor.

use crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};

use super::{choosing, moving, perform, tabs};
use crate::console::action::{Danger, Key};
use crate::console::effect::Effect;
use crate::console::model::doctor::Doctor;
use crate::console::model::page::{Tab, TablePage};
use crate::console::model::scroll::Step;
use crate::console::model::{Model, Screen};
use crate::console::screens;

/// Lines that one notch of the wheel scrolls.
const NOTCH: usize = 3;
/// How soon the second click of a double click comes, in microseconds.
const DOUBLE: i64 = 500_000;

/// Something was done with the mouse.
pub fn event(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    // What is asked about scrolls; the answer is given by keys.
    let is_docked = model.question.as_ref().is_some_and(|one| one.is_docked);
    let is_covered = model.scope() != model.screen_scope();
    if is_covered && !is_docked {
        return Vec::new();
    }
    match event.kind {
        MouseEventKind::ScrollUp => moving::step(model, Step::Up(NOTCH)),
        MouseEventKind::ScrollDown => moving::step(model, Step::Down(NOTCH)),
        MouseEventKind::Down(MouseButton::Left) if !is_covered => {
            return click(model, usize::from(event.column), usize::from(event.row));
        }
        _ => {}
    }
    Vec::new()
}

/// A click puts the cursor on a line, or takes the tab or the order of the list that it is on; a second one
/// soon after it on a line does what Enter does there.
fn click(model: &mut Model, column: usize, line: usize) -> Vec<Effect> {
    if line < screens::BODY {
        model.clicked = None;
        return on_title(model, column, line);
    }
    point_at(model, line);
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

/// A click on one of the lines above the body.
fn on_title(model: &mut Model, column: usize, line: usize) -> Vec<Effect> {
    if line != screens::TITLE {
        return Vec::new();
    }
    match model.stack.last() {
        None if screens::tables::is_order_at(model, column) => choosing::sort(model),
        Some(Screen::Table(page)) => {
            let tab = screens::table::tab_at(model, page, column);
            tab.map_or_else(Vec::new, |tab| tabs::show(model, tab))
        }
        _ => Vec::new(),
    }
}

fn point_at(model: &mut Model, line: usize) {
    let body = model.body_height();
    if line >= screens::BODY + body {
        // On the panel of the tour, or on the footer.
        return;
    }
    let (above, lines) = match model.stack.last() {
        Some(Screen::Table(page)) => (
            screens::table::above(page, body),
            screens::table::lines(model, page, body),
        ),
        Some(Screen::Journal(_)) => (1, body.saturating_sub(1)),
        _ => (0, body),
    };
    let on_list = line.checked_sub(screens::BODY + above);
    let on_list = on_list.filter(|below| *below < lines);
    let columns = model.width();
    match model.stack.last_mut() {
        None => {
            if let Some(place) = screens::tables::place_at(model, line) {
                model.tables.point_at(place);
            }
        }
        Some(Screen::Viewer(viewer)) => {
            let first = screens::BODY + viewer.head();
            if let Some(below) = line.checked_sub(first) {
                viewer.scroll.cursor = viewer.scroll.offset + below;
            }
        }
        Some(Screen::Doctor(doctor)) => {
            point_at_case(doctor, line, (columns, body));
        }
        Some(Screen::Table(TablePage {
            tab: Tab::Findings,
            doctor,
            ..
        })) => {
            if let Some(doctor) = doctor {
                point_at_case(doctor, line, (columns, body));
            }
        }
        Some(Screen::Table(page)) if page.length().is_some() => {
            if let Some(below) = on_list {
                page.scroll_mut().cursor = page.scroll().offset + below;
            }
        }
        Some(Screen::Journal(journal)) => {
            if let Some(below) = on_list {
                journal.scroll.cursor = journal.scroll.offset + below;
            }
        }
        Some(Screen::Jobs(scroll)) => {
            if let Some(below) = on_list {
                scroll.cursor = scroll.offset + below;
            }
        }
        Some(_) => {}
    }
}

fn point_at_case(doctor: &mut Doctor, line: usize, (columns, body): (usize, usize)) {
    let above = screens::BODY + screens::doctor::head(doctor);
    let lines = screens::doctor::lines(doctor, columns, body);
    if let Some(below) = line.checked_sub(above).filter(|below| *below < lines) {
        doctor.scroll.cursor = doctor.scroll.offset + below;
    }
}
