//! The journal screen.

use super::Answer;
use super::scroll::Scroll;
use crate::backend::journal::JournalEntry;

/// Entries with the place among them.
#[derive(Debug, Clone)]
pub struct Journal {
    pub answer: Answer<Vec<JournalEntry>>,
    /// Words that every entry shown contains; `profile:dev` is meant of its profile alone.
    pub filter: String,
    pub scroll: Scroll,
}

impl Journal {
    /// A journal that has been asked for.
    #[must_use]
    pub fn new() -> Self {
        Self {
            answer: Answer::Waiting,
            filter: String::new(),
            scroll: Scroll::default(),
        }
    }

    /// The entries that match the filter, newest first.
    #[must_use]
    pub fn shown(&self) -> Vec<&JournalEntry> {
        let needle = self.filter.to_lowercase();
        self.answer
            .ready()
            .into_iter()
            .flatten()
            .filter(|entry| contains(entry, &needle))
            .collect()
    }

    /// The entry under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&JournalEntry> {
        self.shown().get(self.scroll.cursor).copied()
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self::new()
    }
}

fn contains(entry: &JournalEntry, needle: &str) -> bool {
    let fields = [
        entry.table.to_string(),
        entry.who.clone(),
        entry.profile.clone(),
        entry.action.clone(),
        entry.what.clone(),
        entry.after.clone(),
        entry.reason.clone(),
    ];
    needle
        .split_whitespace()
        .all(|word| match word.strip_prefix("profile:") {
            Some(profile) => entry.profile.to_lowercase().starts_with(profile),
            None => fields
                .iter()
                .any(|field| field.to_lowercase().contains(word)),
        })
}
