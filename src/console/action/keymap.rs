//! The key bindings: the defaults of the action table, and the changes made in the configuration.

use std::collections::HashMap;

use super::{ACTIONS, Action, ActionId, Key, Scope};
use crate::config::{ConfigError, KeyBinding, Location};

/// Actions that must have a key, as without them there would be no way out.
const NEEDED: [ActionId; 6] = [
    ActionId::Interrupt,
    ActionId::Quit,
    ActionId::Back,
    ActionId::Abandon,
    ActionId::ChooseTyped,
    ActionId::Help,
];

/// The key bindings of all actions.
#[derive(Debug, Clone)]
pub struct Keymap {
    keys: HashMap<ActionId, Vec<Key>>,
    actions: HashMap<(Scope, Key), &'static Action>,
}

impl Default for Keymap {
    /// The keys of the action table.
    fn default() -> Self {
        let keys = ACTIONS
            .iter()
            .map(|action| (action.id, action.keys.to_vec()));
        Self::of(keys.collect())
    }
}

impl Keymap {
    /// The keys of the action table, with those of the configuration in their place.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`], with file and line, for an action or a key that does not exist, a
    /// key that would do two things on one screen, a character where text is typed, and an action
    /// that must have a key but has none.
    pub fn new(bindings: &[KeyBinding]) -> Result<Self, ConfigError> {
        let mut keys = Self::default().keys;
        let mut places: HashMap<ActionId, &Location> = HashMap::new();
        for binding in bindings {
            let action = action(binding)?;
            let own = read(binding, action)?;
            keys.insert(action.id, own);
            places.insert(action.id, &binding.at);
        }
        for binding in bindings {
            let action = action(binding)?;
            refuse_conflict(binding, action, &keys, &places)?;
        }
        Ok(Self::of(keys))
    }

    fn of(keys: HashMap<ActionId, Vec<Key>>) -> Self {
        let mut actions = HashMap::new();
        for action in ACTIONS {
            for scope in action.scopes {
                for key in keys.get(&action.id).into_iter().flatten() {
                    actions.entry((*scope, *key)).or_insert(action);
                }
            }
        }
        Self { keys, actions }
    }

    /// The action bound to a key in a scope.
    #[must_use]
    pub fn find(&self, scope: Scope, key: Key) -> Option<&'static Action> {
        self.actions.get(&(scope, key)).copied()
    }

    /// An action that the key is bound to on another screen, if it is bound to none on this one.
    #[must_use]
    pub fn elsewhere(&self, key: Key) -> Option<&'static Action> {
        ACTIONS.iter().find(|action| {
            let is_screen = |scope: &Scope| !scope.takes_text() && *scope != Scope::Question;
            self.keys(action.id).contains(&key) && action.scopes.iter().any(is_screen)
        })
    }

    /// The keys of an action; the first is the one to show.
    #[must_use]
    pub fn keys(&self, action: ActionId) -> &[Key] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The keys of an action, joined in one line.
    #[must_use]
    pub fn line(&self, action: ActionId, between: &str) -> String {
        let keys: Vec<String> = self.keys(action).iter().map(ToString::to_string).collect();
        keys.join(between)
    }
}

fn action(binding: &KeyBinding) -> Result<&'static Action, ConfigError> {
    let meant = |action: &&Action| action.id.name() == binding.action;
    ACTIONS.iter().find(meant).ok_or_else(|| {
        let known = ACTIONS.iter().map(|action| action.id.name());
        let nearest = crate::config::nearest(&binding.action, known);
        let hint = nearest.map_or_else(
            || "highwater keys --config /dev/null lists them".to_owned(),
            |name| format!("did you mean {name}?"),
        );
        binding.wrong(format!("there is no such action; {hint}"))
    })
}

fn read(binding: &KeyBinding, action: &Action) -> Result<Vec<Key>, ConfigError> {
    let mut keys: Vec<Key> = Vec::new();
    for text in &binding.keys {
        let key: Key = text.parse().map_err(|problem| binding.wrong(problem))?;
        if key.is_typed() && action.scopes.iter().any(|scope| scope.takes_text()) {
            return Err(binding.wrong(format!(
                "{key} cannot be its key: text is typed there; take a key with ctrl- or alt-"
            )));
        }
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if keys.is_empty() && NEEDED.contains(&action.id) {
        return Err(binding.wrong("it must have a key: there would be no way out".to_owned()));
    }
    Ok(keys)
}

/// Rejects a key that would do two things on one screen, whether by the configuration or by
/// default.
fn refuse_conflict(
    binding: &KeyBinding,
    action: &Action,
    keys: &HashMap<ActionId, Vec<Key>>,
    places: &HashMap<ActionId, &Location>,
) -> Result<(), ConfigError> {
    for other in ACTIONS.iter().filter(|other| other.id != action.id) {
        let Some(scope) = action
            .scopes
            .iter()
            .find(|scope| other.scopes.contains(scope))
        else {
            continue;
        };
        let own = keys.get(&action.id).into_iter().flatten();
        let theirs = keys.get(&other.id).map_or(&[][..], Vec::as_slice);
        if let Some(key) = own.into_iter().find(|key| theirs.contains(key)) {
            let name = other.id.name();
            let place = places.get(&other.id).map_or_else(
                || format!("; give {name} another key, too, or [] for none"),
                |at| format!(", which line {} gave it", at.line),
            );
            return Err(binding.wrong(format!(
                "{key} is also the key of {name} on the screen {}{place}",
                scope.title()
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bind(bindings: &[(&str, &[&str])]) -> Result<Keymap, String> {
        let bindings: Vec<KeyBinding> = bindings
            .iter()
            .enumerate()
            .map(|(line, (action, keys))| KeyBinding {
                action: (*action).to_owned(),
                keys: keys.iter().map(|key| (*key).to_owned()).collect(),
                at: Location {
                    file: "config.toml".into(),
                    line: line + 7,
                },
            })
            .collect();
        Keymap::new(&bindings).map_err(|error| error.to_string())
    }

    #[test]
    fn an_action_gets_other_keys_and_loses_its_own() {
        let keymap = bind(&[("ingest", &["ctrl-g", "I"])]).expect("a key map");
        let found = |key| keymap.find(Scope::Tables, key).map(|action| action.id);
        assert_eq!(found(Key::ctrl('g')), Some(ActionId::Ingest));
        assert_eq!(found(Key::char('I')), Some(ActionId::Ingest));
        assert_eq!(found(Key::char('i')), None);
        assert_eq!(keymap.line(ActionId::Ingest, " "), "Ctrl-G I");
    }

    #[test]
    fn two_actions_may_swap_their_keys() {
        let keymap = bind(&[("ingest", &["p"]), ("preview", &["i"])]).expect("a key map");
        let found = keymap.find(Scope::Tables, Key::char('p'));
        assert_eq!(found.map(|action| action.id), Some(ActionId::Ingest));
    }

    #[test]
    fn a_conflict_names_file_line_and_both_actions() {
        let told = bind(&[("ingest", &["p"])]).expect_err("a conflict");
        assert!(
            told.starts_with("config.toml:7: console.keys.ingest: p is also the key of preview"),
            "{told}"
        );
        let told = bind(&[("ingest", &["x", "Z"]), ("edit", &["Z"]), ("cancel", &[])])
            .expect_err("a conflict");
        assert!(
            told.contains("Z is also the key of edit on the screen Tables, which line 8"),
            "{told}"
        );
    }

    #[test]
    fn what_is_no_action_no_key_or_no_way_out_is_refused() {
        for (action, keys, told) in [
            ("ingset", &["z"][..], "did you mean ingest?"),
            ("ingest", &["hyper-x"], "is not a key"),
            ("quit", &[], "it must have a key"),
            ("apply", &["x"], "text is typed"),
        ] {
            let error = bind(&[(action, keys)]).expect_err("refused");
            assert!(error.contains(told), "{error}");
        }
    }
}
