//! The journal screen.

use super::Answer;
use super::scroll::Scroll;
use super::words::Words;
use crate::backend::journal::JournalEntry;

/// Between the two writes of one edit or repair, at most, in microseconds: a store that is busy makes the
/// second wait.
const TOGETHER: u64 = 120_000_000;

/// Entries with the place among them.
#[derive(Debug, Clone)]
pub struct Journal {
    pub answer: Answer<Vec<JournalEntry>>,
    /// What every entry shown must hold; `profile:dev` is meant of its profile alone.
    pub filter: Words,
    pub scroll: Scroll,
}

impl Journal {
    /// A journal that has been asked for.
    #[must_use]
    pub fn new() -> Self {
        Self {
            answer: Answer::Waiting,
            filter: Words::default(),
            scroll: Scroll::default(),
        }
    }

    /// The entries have arrived. The cursor stays on its entry, above which there may be newer ones now.
    pub fn fill(&mut self, entries: Vec<JournalEntry>) {
        let before = self.current().cloned();
        self.answer = Answer::Ready(entries);
        let shown = self.shown();
        let same = before.and_then(|before| shown.iter().position(|entry| **entry == before));
        if let Some(place) = same {
            self.scroll.cursor = place;
        }
    }

    /// The entries that match the filter, newest first.
    #[must_use]
    pub fn shown(&self) -> Vec<&JournalEntry> {
        self.answer
            .ready()
            .into_iter()
            .flatten()
            .filter(|entry| matches(entry, &self.filter))
            .collect()
    }

    /// The write of the other value by the same edit or repair as that of `entry`.
    #[must_use]
    pub fn other_write(&self, entry: &JournalEntry) -> Option<&JournalEntry> {
        let apart = |other: &JournalEntry| other.at.micros().abs_diff(entry.at.micros());
        let act = |one: &JournalEntry| {
            let JournalEntry {
                who,
                profile,
                table,
                action,
                reason,
                ..
            } = one.clone();
            (who, profile, table, action, reason)
        };
        let wanted = act(entry);
        let entries = self.answer.ready().into_iter().flatten();
        entries
            .filter(|other| other.what != entry.what && apart(other) <= TOGETHER)
            .filter(|other| act(other) == wanted)
            .min_by_key(|other| apart(other))
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

fn matches(entry: &JournalEntry, filter: &Words) -> bool {
    let table = entry.table.to_string();
    let texts = [
        &table,
        &entry.who,
        &entry.profile,
        &entry.action,
        &entry.what,
        &entry.after,
        &entry.reason,
    ]
    .map(|text| text.to_lowercase());
    let profile = entry.profile.to_lowercase();
    filter.match_by(|word| match word.strip_prefix("profile:") {
        Some(name) => profile.starts_with(name),
        None => texts.iter().any(|text| text.contains(word)),
    })
}
