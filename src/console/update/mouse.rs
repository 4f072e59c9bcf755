//! The mouse: the wheel scrolls, a click moves the cursor.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::moving;
use crate::console::effect::Effect;
use crate::console::model::scroll::Step;
use crate::console::model::{Model, Screen};
use crate::console::screens;

/// Lines that one notch of the wheel scrolls.
const NOTCH: usize = 3;

/// Something was done with the mouse.
pub fn event(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if model.question.is_some() || model.prompt.is_some() {
        return Vec::new();
    }
    match event.kind {
        MouseEventKind::ScrollUp => moving::step(model, Step::Up(NOTCH)),
        MouseEventKind::ScrollDown => moving::step(model, Step::Down(NOTCH)),
        MouseEventKind::Down(MouseButton::Left) => click(model, usize::from(event.row)),
        _ => {}
    }
    Vec::new()
}

fn click(model: &mut Model, line: usize) {
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
        Some(_) => {}
    }
}
