//! The journal screen.

use super::Answer;
use super::scroll::Scroll;
use super::words::Words;
use crate::backend::journal::{Found, JournalEntry};
use crate::figures::{length, thousands};
use crate::jobs::{Failure, Request};
use crate::vocabulary::Watermark;

/// Maximum number of entries that are shown.
const ENTRIES: usize = 1_000;
/// Maximum time between the two writes of one edit or repair, in microseconds: a busy store delays the
/// second.
const TOGETHER: u64 = 120_000_000;

/// The entries, and the cursor among them.
#[derive(Debug, Clone)]
pub struct Journal {
    pub answer: Answer<Vec<JournalEntry>>,
    /// What every entry shown must contain; `profile:dev` matches the profile alone.
    pub filter: Words,
    pub scroll: Scroll,
    /// The words that the entries are requested with, and the words that the present entries were found by.
    asked: Words,
    found_by: Words,
    /// The search through all entries, if one is under way.
    pub search: Option<Search>,
}

/// A search for entries that are not loaded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Search {
    /// How far back everything has been searched; `None` before the first results.
    pub back_to: Option<Watermark>,
}

impl Journal {
    /// A journal that has been requested.
    #[must_use]
    pub fn new() -> Self {
        Self {
            answer: Answer::Waiting,
            filter: Words::default(),
            scroll: Scroll::default(),
            asked: Words::default(),
            found_by: Words::default(),
            search: None,
        }
    }

    /// The request for the entries. A search that is under way starts again with it.
    pub fn question(&mut self) -> Request {
        if let Some(search) = &mut self.search {
            *search = Search::default();
        }
        Request::Journal {
            limit: ENTRIES,
            search: self.asked.as_search(),
        }
    }

    /// Whether the filter may match more entries than are loaded, so that they have to be requested; if so,
    /// the next question requests them.
    pub fn searches_on(&mut self) -> bool {
        if self.asked == self.filter || !self.is_part() {
            return false;
        }
        self.asked = self.filter.clone();
        self.search = Some(Search::default());
        true
    }

    /// Whether there may be entries that are not loaded.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.is_cut() || !self.found_by.is_empty()
    }

    /// Whether older entries were left out.
    fn is_cut(&self) -> bool {
        self.answer.ready().is_some_and(|all| all.len() >= ENTRIES)
    }

    /// The number of entries: `34`, `the newest 1,000`, `57 found`.
    #[must_use]
    pub fn all(&self) -> String {
        let all = thousands(length(self.answer.ready().map_or(0, Vec::len)));
        let newest = if self.is_cut() { "the newest " } else { "" };
        let found = if self.found_by.is_empty() {
            ""
        } else {
            " found"
        };
        format!("{newest}{all}{found}")
    }

    /// Stores the entries. The cursor stays on its entry, which may now have newer ones above it.
    pub fn fill(&mut self, entries: Vec<JournalEntry>) {
        self.search = None;
        self.replace(entries);
    }

    /// Adds some of the results of a search. Without a search, the entries stay as they are until all the new
    /// ones have arrived.
    pub fn find(&mut self, found: Found) {
        let Some(search) = &mut self.search else {
            return;
        };
        let is_first = search.back_to.replace(found.back_to).is_none();
        match &mut self.answer {
            Answer::Ready(entries) if !is_first => entries.extend(found.entries),
            _ => self.replace(found.entries),
        }
    }

    fn replace(&mut self, entries: Vec<JournalEntry>) {
        let before = self.current().cloned();
        self.answer = Answer::Ready(entries);
        self.found_by = self.asked.clone();
        let shown = self.shown();
        let same = before.and_then(|before| shown.iter().position(|entry| **entry == before));
        if let Some(place) = same {
            self.scroll.cursor = place;
        }
    }

    /// Stores why the entries could not be read.
    pub fn fail(&mut self, failure: Failure) {
        self.answer = Answer::Failed(failure);
        self.search = None;
    }

    /// The entries that match the filter, newest first.
    #[must_use]
    pub fn shown(&self) -> Vec<&JournalEntry> {
        self.answer
            .ready()
            .into_iter()
            .flatten()
            .filter(|entry| self.filter.match_by(|word| entry.holds(word)))
            .collect()
    }

    /// The write of the other value by the same edit or repair as `entry`.
    #[must_use]
    pub fn other_write(&self, entry: &JournalEntry) -> Option<&JournalEntry> {
        let apart = |other: &JournalEntry| other.at.micros().abs_diff(entry.at.micros());
        let entries = self.answer.ready().into_iter().flatten();
        entries
            .filter(|other| other.what != entry.what && apart(other) <= TOGETHER)
            .filter(|other| is_same_act(other, entry))
            .min_by_key(|other| apart(other))
    }

    /// The entry under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&JournalEntry> {
        self.shown().get(self.scroll.cursor).copied()
    }
}

/// Whether two writes may belong to the same edit or repair.
fn is_same_act(one: &JournalEntry, other: &JournalEntry) -> bool {
    one.who == other.who
        && one.profile == other.profile
        && one.table == other.table
        && one.action == other.action
        && one.reason == other.reason
}

impl Default for Journal {
    fn default() -> Self {
        Self::new()
    }
}
