//! From a key to an action, or to typing.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::{perform, refuse, typing};
use crate::console::action::{self, Key};
use crate::console::effect::Effect;
use crate::console::model::Model;

/// A key was pressed.
pub fn press(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release || model.leaving {
        return Vec::new();
    }
    let Some(action) = action::find(model.scope(), Key::from(event)) else {
        return typing::key(model, event);
    };
    if !action.is_allowed(model.facts.safety) {
        let why = format!("profile {} is read-only", model.facts.profile);
        return refuse(model, action.label, &why);
    }
    match (action.enabled)(model) {
        Ok(()) => perform::perform(model, action.id),
        Err(why) => refuse(model, action.label, why),
    }
}
