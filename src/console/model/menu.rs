//! A choice of a few things, each with a letter.

use super::Tone;
use super::column::Column;
use super::sort::SortColumn;
use crate::backend::doctor::Repair;
use crate::console::action::ActionId;

/// What is done with the item that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Sort(SortColumn),
    /// Leave this column out, or show it again.
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
    /// The lines in front, to the letter.
    Lines,
    /// The screen as text.
    Screen,
}

/// One of the things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// The letter that takes it at once.
    pub letter: char,
    pub label: String,
    /// What it is about, safe to show.
    pub detail: String,
    /// What it means, shown below all of them while the cursor is on it; safe to show.
    pub about: Vec<(Tone, String)>,
    pub choice: Choice,
}

/// The choice, over the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    pub title: &'static str,
    /// The action that opened it: its key, pressed again, takes what is under the cursor.
    pub opener: ActionId,
    pub items: Vec<MenuItem>,
    pub cursor: usize,
}

impl Menu {
    /// A choice of `items` with the cursor on the first.
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
