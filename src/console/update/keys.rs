//! From a key to an action, or to typing.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::{perform, typing};
use crate::console::action::Key;
use crate::console::effect::Effect;
use crate::console::model::Model;

/// A key was pressed.
pub fn press(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release || model.leaving {
        return Vec::new();
    }
    let Some(action) = model.keymap.find(model.scope(), Key::from(event)) else {
        return typing::key(model, event);
    };
    perform::try_action(model, action)
}
