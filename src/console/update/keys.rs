//! From a key to an action, or to text input.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::{perform, typing};
use crate::console::action::{ActionId, Key};
use crate::console::effect::Effect;
use crate::console::model::{Model, Tone};

/// Handles a key press.
pub fn press(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release || model.leaving {
        return Vec::new();
    }
    let (scope, key) = (model.scope(), Key::from(event));
    if let Some(action) = model.keymap.find(scope, key) {
        return perform::try_action(model, action);
    }
    if scope == model.screen_scope() && !scope.takes_text() {
        tell_where(model, key);
        return Vec::new();
    }
    typing::key(model, event)
}

/// Says where a key has an effect if it has none here, or how to list the keys if it has none anywhere.
/// Otherwise an earlier notice would seem to be about this key.
fn tell_where(model: &mut Model, key: Key) {
    let Some(action) = model.keymap.elsewhere(key) else {
        let help = model.key(ActionId::Help);
        let text = format!("{key} does nothing here; {help} lists the keys");
        model.say(Tone::Dim, text);
        return;
    };
    let text = format!("{key}: {} {}", action.label, action.belongs());
    model.say(Tone::Dim, text);
}
