//! Who decided a value: its history, without the writes that came too late.
//!
//! A store without compare-and-set accepts whatever arrives, and the last write to arrive need not be the
//! last one that was decided: a run may be paused between its commit and its write, and a request may be sent
//! again. The numbers of objects show which writes are late. A run writes a value only after it has committed
//! its object, and these numbers only grow. So a run's write is late if an earlier write has a higher number,
//! and so is a write that repeats an earlier one after something else was written. Late writes do not count.
//!
//! If somebody writes a value without a Description, the store keeps the previous one. A run writes one value
//! for one object: if its Description comes with a different value, somebody else wrote that value. The same
//! goes for an edit's Description that is repeated with a different value in the next version: a second edit
//! by the same person for the same reason says that it is one ([`Provenance::once_more`]).
//!
//! An edit has no number. If highwater itself writes an edit again, because a run had overwritten it, its
//! reason says after which object, and the write is late whenever a run's write for that object
//! would be. An edit that finds that it has overwritten something takes itself back: it writes the previous
//! value, in its own name, and neither of the two writes counts. That holds even if it takes itself back
//! late, after a run that did not know of it has overwritten the edit, or is about to write it again.

#[cfg(test)]
mod tests;
mod writers;

use super::parameters::ParameterVersion;
use super::provenance::Provenance;
use crate::vocabulary::SequenceId;

pub(super) use writers::Writers;

/// The writes of one value that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authorship<V> {
    /// Oldest first. No two in a row are the same.
    entries: Vec<Entry<V>>,
    /// The value of the newest write that is not an edit, late ones included: what the next person to edit
    /// will see.
    seen: Option<V>,
    /// The greatest value that a run has written.
    reached: Option<V>,
    /// The greatest number for which a run has written, and that run.
    highest: Option<(SequenceId, Provenance)>,
    /// The last edit that took itself back, with its value.
    taken_back: Option<(Provenance, Option<V>)>,
    writers: Writers<Option<V>>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<V> {
    pub by: Provenance,
    /// `None` if it cannot be read.
    pub value: Option<V>,
    /// The value before it that was not written by an edit; `None` if unknown.
    base: Option<V>,
}

/// An edit from which no run has continued yet, as far as the history shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edited<V> {
    pub by: Provenance,
    pub value: V,
    base: Option<V>,
    /// The run that has overwritten it, if any.
    pub over: Option<Provenance>,
}

impl<V: Copy + Ord> Authorship<V> {
    /// The history that `versions` show, in any order; `read` parses a value.
    pub fn of(mut versions: Vec<ParameterVersion>, read: impl Fn(&str) -> Option<V>) -> Self {
        versions.sort_by_key(|version| version.version);
        let mut authorship = Self {
            entries: Vec::new(),
            seen: None,
            reached: None,
            highest: None,
            taken_back: None,
            writers: Writers::default(),
        };
        for version in versions {
            let by = Provenance::from_description(&version.description);
            authorship.add(by, read(&version.value));
        }
        authorship
    }

    /// Takes the next write into account.
    pub fn add(&mut self, by: Provenance, value: Option<V>) {
        let by = self.writers.of_next(by, value);
        let base = self.seen;
        match by {
            Provenance::Edit { .. } => {}
            Provenance::Run { .. } => {
                self.seen = value;
                self.reached = self.reached.max(value);
            }
            // Whoever edits after that knows how far ingestion has come: the table stops, and says so.
            Provenance::Other => self.seen = value.max(self.reached),
        }
        let is_this = |entry: &Entry<V>| entry.by == by && entry.value == value;
        if self.entries.last().is_some_and(is_this) {
            return;
        }
        if let Some(number) = by.number() {
            let highest = self.highest.as_ref().map(|(highest, _)| *highest);
            let is_late = Some(number) < highest || self.entries.iter().any(is_this);
            if self.takes_back(&by, value) || is_late || self.was_taken_back(&by, value) {
                return;
            }
            if by.is_run() {
                self.highest = Some((number, by.clone()));
            }
        } else if matches!(&self.taken_back, Some((edit, _)) if *edit == by) {
            // The same edit made again, on purpose.
            self.taken_back = None;
        }
        self.entries.push(Entry { by, value, base });
    }

    /// Whether the write of `value` by `by` is an edit taking itself back. If so, neither that edit counts
    /// any more, nor any write by which highwater repeated it. A run that has not seen this may have
    /// overwritten the edit in the meantime.
    fn takes_back(&mut self, by: &Provenance, value: Option<V>) -> bool {
        let follows_up = |place: &usize| {
            let first = &self.entries[*place].by;
            first.number().is_none() && by.follows_up(first)
        };
        let is_taken_back = |place: &usize| {
            let before = place
                .checked_sub(1)
                .map(|before| self.entries[before].value);
            before.is_none_or(|before| before == value)
        };
        let edits = (0..self.entries.len()).rev().filter(follows_up);
        // If an edit has this very value, the write repeats that edit.
        let mut others = edits.take_while(|place| self.entries[*place].value != value);
        let Some(place) = others.find(is_taken_back) else {
            return false;
        };
        let edit = self.entries.remove(place);
        let (by, value) = (edit.by, edit.value);
        self.entries
            .retain(|entry| !entry.by.follows_up(&by) || entry.value != value);
        self.entries
            .dedup_by(|one, before| one.by == before.by && one.value == before.value);
        self.taken_back = Some((by, value));
        true
    }

    /// Whether `by` repeats an edit that took itself back.
    fn was_taken_back(&self, by: &Provenance, value: Option<V>) -> bool {
        let taken_back = self.taken_back.as_ref();
        taken_back.is_some_and(|(edit, of)| by.follows_up(edit) && value == *of)
    }

    /// The write that counts now.
    pub fn newest(&self) -> Option<&Entry<V>> {
        self.entries.last()
    }

    /// The newest object for which a run has written, and that run. The object was committed.
    pub const fn highest(&self) -> Option<&(SequenceId, Provenance)> {
        self.highest.as_ref()
    }

    /// The run that wrote a value for the object of this number, if the history still shows it.
    pub fn run_of(&self, number: SequenceId) -> Option<&Provenance> {
        self.writers.run_of(number)
    }

    /// Whether this author decided a value, whatever was decided after it.
    pub fn names(&self, author: &Provenance) -> bool {
        self.entries.iter().any(|entry| entry.by == *author)
    }

    /// The edit that counts now, or that only the newest write has overwritten.
    pub fn edited(&self) -> Option<Edited<V>> {
        let (newest, before) = self.entries.split_last()?;
        let (edit, over) = match &newest.by {
            Provenance::Edit { .. } => (newest, None),
            Provenance::Run { .. } => (before.last()?, Some(newest.by.clone())),
            Provenance::Other => return None,
        };
        if !edit.by.is_edit() {
            return None;
        }
        Some(Edited {
            by: edit.by.clone(),
            value: edit.value?,
            base: edit.base,
            over,
        })
    }
}

impl<V: Copy + Ord> Edited<V> {
    /// Whether nothing is known of the value before it.
    pub const fn is_the_first(&self) -> bool {
        self.base.is_none()
    }

    /// Whether it was meant to move the value forward, and ingestion has since come further by itself, to
    /// `reached`: to continue from the edit would be to go back, which nobody asked for.
    pub fn is_overtaken(&self, reached: V) -> bool {
        self.value < reached && self.base.is_none_or(|base| base < self.value)
    }
}
