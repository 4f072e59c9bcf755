//! Actions: everything that a key can do, in one static table.
//!
//! An action exists only in [`ACTIONS`]. From it come the key map, the footer, the help, the list
//! that `highwater keys` prints and the README's, and what a read-only profile leaves out.

mod id;
mod key;
mod keymap;
pub(super) mod listing;
mod scope;
mod table;

pub use id::ActionId;
pub use key::Key;
pub use keymap::Keymap;
pub use listing::{KeyRow, key_table, markdown};
pub use scope::Scope;
pub use table::ACTIONS;

use super::model::Model;
use super::model::reason::Enabled;
use crate::config::Safety;

/// What an action may end in. The confirmation is asked where the write is ordered, not where the
/// way to it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    /// Only looks.
    None,
    /// Writes what can be taken back or done again.
    Writes,
    /// Gives up the promise that every row arrives exactly once.
    Destructive,
}

/// One action.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    pub id: ActionId,
    /// Keys that do it unless the configuration gives it others, the one to show first.
    pub keys: &'static [Key],
    /// One or two words for the footer.
    pub label: &'static str,
    /// One line for the help.
    pub help: &'static str,
    pub scopes: &'static [Scope],
    pub danger: Danger,
    /// How long it stays in the footer when the screen gets narrower; 0 is never in it.
    pub rank: u8,
    /// Whether it can be done now, and if not, why.
    pub enabled: fn(&Model) -> Enabled,
}

impl Action {
    /// Whether it only moves about, for which a key is all there is to it.
    #[must_use]
    pub const fn is_movement(&self) -> bool {
        matches!(
            self.id,
            ActionId::Up
                | ActionId::Down
                | ActionId::PageUp
                | ActionId::PageDown
                | ActionId::First
                | ActionId::Last
                | ActionId::Left
                | ActionId::Right
        )
    }

    /// To which screens it belongs: `belongs to Journal, Table`.
    #[must_use]
    pub fn belongs(&self) -> String {
        let titles: Vec<&str> = self.scopes.iter().map(|scope| scope.title()).collect();
        format!("belongs to {}", titles.join(", "))
    }

    /// Whether a profile of this safety has the action at all.
    #[must_use]
    pub fn is_allowed(&self, safety: Safety) -> bool {
        safety != Safety::ReadOnly || self.danger == Danger::None
    }
}

/// The actions of a scope that a profile of this safety has, in the order of the table.
pub fn of(scope: Scope, safety: Safety) -> impl Iterator<Item = &'static Action> {
    ACTIONS
        .iter()
        .filter(move |action| action.scopes.contains(&scope) && action.is_allowed(safety))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        for scope in Scope::ALL {
            let mut seen = HashSet::new();
            for action in ACTIONS.iter().filter(|a| a.scopes.contains(&scope)) {
                for key in action.keys {
                    assert!(seen.insert(*key), "{key} twice in {scope:?}");
                }
            }
        }
    }

    #[test]
    fn every_action_stands_in_the_table_once_with_a_key_and_a_place() {
        let mut seen = HashSet::new();
        for action in ACTIONS {
            assert!(seen.insert(action.id), "{:?} twice", action.id);
            assert!(!action.keys.is_empty() && !action.scopes.is_empty());
            assert!(!action.help.ends_with('.') && !action.label.is_empty());
        }
        assert_eq!(seen.len(), ActionId::ALL.len(), "an action without a row");
    }

    #[test]
    fn nothing_that_writes_is_left_in_a_read_only_profile() {
        for scope in Scope::ALL {
            assert!(of(scope, Safety::ReadOnly).all(|action| action.danger == Danger::None));
        }
        assert!(of(Scope::Tables, Safety::Careful).any(|action| action.id == ActionId::Ingest));
    }
}
