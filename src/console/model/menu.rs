//! A menu of a few items, each with a letter.

use super::Said;
use super::column::Column;
use super::sort::SortColumn;
use crate::backend::doctor::Repair;
use crate::console::action::ActionId;

/// What selecting an item does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Sort(SortColumn),
    /// Hide this column, or show it again.
    Column(Column),
    /// Copy this text.
    Copy(String),
    Export(ExportKind),
    Repair(Box<Repair>),
}

/// What can be written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// The records of the screen in front, in the shape of the headless command's JSON.
    Json,
    /// The records of the screen in front, as CSV.
    Csv,
    /// The lines in front, verbatim.
    Lines,
    /// The screen as text.
    Screen,
}

/// An item of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// The letter that selects it at once.
    pub letter: char,
    pub label: String,
    /// What it is about, safe to show.
    pub detail: String,
    /// An explanation, shown below the items while the cursor is on this one; safe to show.
    pub about: Vec<Said>,
    pub choice: Choice,
}

/// A menu over the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    pub title: &'static str,
    /// The action that opened it: pressing its key again selects the item under the cursor.
    pub opener: ActionId,
    pub items: Vec<MenuItem>,
    pub cursor: usize,
}

impl Menu {
    /// A menu of `items` with the cursor on the first.
    #[must_use]
    pub const fn new(title: &'static str, opener: ActionId, items: Vec<MenuItem>) -> Self {
        Self {
            title,
            opener,
            items,
            cursor: 0,
        }
    }
}
