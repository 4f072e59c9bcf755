//! Who decided a value: its history, without the writes that came too late.
//!
//! A store without compare-and-set takes whatever arrives, and what arrives last need not be what was
//! decided last: a run may be paused between its commit and its write, and a request may be sent again.
//! Numbers tell. A run writes a value only after it has committed its object, and the numbers of objects
//! only grow: a run's write for a lower number than an earlier one is late, and so is one that repeats
//! what was said before something else. Late writes count for nothing.
//!
//! If somebody writes a value without a Description, the store keeps the one before. A run writes one value
//! for one object: if its Description comes with a different value, somebody else has written that. The same
//! goes for an edit's Description that comes with a different value from the version before: a second edit
//! by the same person for the same reason says that it is one ([`Provenance::once_more`]).
//!
//! An edit has no number. If highwater writes one again by itself, because a run had overwritten it, its
//! reason says after which object, and it is as late as a run's write for that object. An edit that finds
//! that it has overwritten something takes itself back: it writes what had been there, in its own name, and
//! neither of the two counts. That holds even if this comes late, after a run that did not know has
//! overwritten the edit, or is about to write it again.

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
    /// Oldest first. Neighbours differ.
    entries: Vec<Entry<V>>,
    /// The value of the newest write that is no edit, late ones included: what the next person to edit
    /// will see.
    seen: Option<V>,
    /// How far runs have come.
    reached: Option<V>,
    /// The greatest number for which a run has written.
    highest: Option<(SequenceId, Provenance)>,
    /// The edit that took itself back last, with its value.
    taken_back: Option<(Provenance, Option<V>)>,
    writers: Writers<Option<V>>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<V> {
    pub by: Provenance,
    /// `None` for one that cannot be read.
    pub value: Option<V>,
    /// The value before it that no edit had written; `None` if that is not known.
    base: Option<V>,
}

/// An edit after which no run has gone on yet, as far as the history tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edited<V> {
    pub by: Provenance,
    pub value: V,
    base: Option<V>,
    /// The run whose write went over it.
    pub over: Option<Provenance>,
}

impl<V: Copy + Ord> Authorship<V> {
    /// What `versions`, in any order, say; `read` reads a value.
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
            // Whoever edits after that sees where ingestion is: the table stops, and says so.
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
            // The same edit once more, on purpose.
            self.taken_back = None;
        }
        self.entries.push(Entry { by, value, base });
    }

    /// Whether a write of `value` by `by` is how an edit took itself back: then neither that edit counts any more, nor
    /// what highwater has written of it again. A run that has not seen this may have gone over the edit meanwhile.
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
        // Of an edit with this very value it is what is written again.
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

    /// Whether `by` writes an edit again that took itself back.
    fn was_taken_back(&self, by: &Provenance, value: Option<V>) -> bool {
        let taken_back = self.taken_back.as_ref();
        taken_back.is_some_and(|(edit, of)| by.follows_up(edit) && value == *of)
    }

    /// The write that counts now.
    pub fn newest(&self) -> Option<&Entry<V>> {
        self.entries.last()
    }

    /// The newest object for which a run has written, and that run. Its object was committed.
    pub const fn highest(&self) -> Option<&(SequenceId, Provenance)> {
        self.highest.as_ref()
    }

    /// The run that wrote a value for the object of this number, if the history still tells.
    pub fn run_of(&self, number: SequenceId) -> Option<&Provenance> {
        self.writers.run_of(number)
    }

    /// Whether this author has written a value, and something else was decided after it or not.
    pub fn names(&self, author: &Provenance) -> bool {
        self.entries.iter().any(|entry| entry.by == *author)
    }

    /// The edit that counts now, or that only the newest write has gone over.
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
    /// Whether nothing is known of what had been there before it.
    pub const fn is_the_first(&self) -> bool {
        self.base.is_none()
    }

    /// Whether it was to move the value forward, and ingestion has come to `reached`, further on, by
    /// itself: to go on from the edit would be to go back, which nobody asked for.
    pub fn is_overtaken(&self, reached: V) -> bool {
        self.value < reached && self.base.is_none_or(|base| base < self.value)
    }
}
