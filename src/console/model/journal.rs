//! The journal screen.

use super::Answer;
use super::scroll::Scroll;
use super::words::Words;
use crate::backend::journal::{Found, JournalEntry};
use crate::figures::{length, thousands};
use crate::jobs::{Failure, Request};
use crate::vocabulary::Watermark;

/// Entries that are shown at most.
const ENTRIES: usize = 1_000;
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
    /// What the entries are asked for by, and what those that are here were.
    asked: Words,
    found_by: Words,
    /// What is being looked for among all.
    pub search: Option<Search>,
}

/// Looking for entries that are not here.
#[derive(Debug, Clone, Copy, Default)]
pub struct Search {
    /// Up to where all have been looked at; `None` before the first news of it.
    pub back_to: Option<Watermark>,
}

impl Journal {
    /// A journal that has been asked for.
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

    /// The question for the entries. A search that is under way begins anew with it.
    pub fn question(&mut self) -> Request {
        if let Some(search) = &mut self.search {
            *search = Search::default();
        }
        Request::Journal {
            limit: ENTRIES,
            search: self.asked.as_search(),
        }
    }

    /// Whether the filter is about more entries than there are here, so that they have to be asked for; they
    /// are, by the next question.
    pub fn searches_on(&mut self) -> bool {
        if self.asked == self.filter || !self.is_part() {
            return false;
        }
        self.asked = self.filter.clone();
        self.search = Some(Search::default());
        true
    }

    /// Whether there may be entries that are not here.
    #[must_use]
    pub fn is_part(&self) -> bool {
        self.is_cut() || !self.found_by.is_empty()
    }

    /// Whether older entries were left out.
    fn is_cut(&self) -> bool {
        self.answer.ready().is_some_and(|all| all.len() >= ENTRIES)
    }

    /// How many there are: `34`, `the newest 1,000`, `57 found`.
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

    /// The entries have arrived. The cursor stays on its entry, above which there may be newer ones now.
    pub fn fill(&mut self, entries: Vec<JournalEntry>) {
        self.search = None;
        self.replace(entries);
    }

    /// Some of those that are looked for have been found. What is asked for anew without a search stays as it
    /// is until all of it is there.
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

    /// There are no entries to be had.
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

    /// The write of the other value by the same edit or repair as that of `entry`.
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

/// Whether two writes may be of one edit or repair.
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
