//! Actions: everything that a key can do, in one static table.
//!
//! Actions are defined in [`ACTIONS`] only. The key bindings, the footer, the help, the list
//! printed by `highwater keys`, the one in the README, and what a read-only profile leaves out are
//! all derived from it.

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

/// The most that an action may lead to. Confirmation is asked for when the write is requested, not
/// when a screen on the way to it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    /// Only reads.
    None,
    /// Writes something that can be reverted or repeated.
    Writes,
    /// Gives up the guarantee that every row arrives exactly once.
    Destructive,
}

/// An action that keys can be bound to.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    pub id: ActionId,
    /// The keys, unless the configuration gives it others; the first is the one to show.
    pub keys: &'static [Key],
    /// One or two words for the footer.
    pub label: &'static str,
    /// One line for the help.
    pub help: &'static str,
    pub scopes: &'static [Scope],
    pub danger: Danger,
    /// Priority in the footer as the screen gets narrower: higher stays longer, 0 is never shown.
    pub rank: u8,
    /// Whether the action is possible now, and if not, why.
    pub enabled: fn(&Model) -> Enabled,
}

impl Action {
    /// Whether the action merely moves the cursor or scrolls, and so is of no use without a key.
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

    /// The screens that it belongs to: `belongs to Journal, Table`.
    #[must_use]
    pub fn belongs(&self) -> String {
        let titles: Vec<&str> = self.scopes.iter().map(|scope| scope.title()).collect();
        format!("belongs to {}", titles.join(", "))
    }

    /// Whether a profile of this safety allows the action.
    #[must_use]
    pub fn is_allowed(&self, safety: Safety) -> bool {
        safety != Safety::ReadOnly || self.danger == Danger::None
    }
}

/// The actions of a scope that a profile of this safety allows, in the order of the table.
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
