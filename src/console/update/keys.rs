//! From a key to an action, or to text input.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

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
        if let Some(next) = after_esc(event) {
            let mut effects = press(model, KeyEvent::from(KeyCode::Esc));
            effects.extend(press(model, next));
            return effects;
        }
        tell_where(model, key);
        return Vec::new();
    }
    typing::key(model, event)
}

/// The key after Esc, if the two have arrived together, as over a slow connection: a terminal sends Alt with a key as
/// the same bytes. If both were dropped, what was typed after them would mean something else: without its `/`, the text
/// of a filter is a row of commands.
fn after_esc(event: KeyEvent) -> Option<KeyEvent> {
    let modifiers = event.modifiers.difference(KeyModifiers::ALT);
    let next = KeyEvent { modifiers, ..event };
    event.modifiers.contains(KeyModifiers::ALT).then_some(next)
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
