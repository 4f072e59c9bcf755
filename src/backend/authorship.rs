//! Who decided a value: its history, without the writes that came too late.
//!
//! A store without compare-and-set takes whatever arrives, and what arrives last need not be what was
//! decided last: a run may be paused between its commit and its write, and a request may be sent again.
//! Numbers tell. A run writes a value only after it has committed its object, and the numbers of objects
//! only grow, so that a run's write for a lower number than one before it is late, and so is one that
//! says again what was said before something else. Late writes count for nothing.
//!
//! A store leaves the Description as it was where somebody writes a value without one. A run writes one
//! value for one object: where its Description stands over another, somebody else has written that. So it is
//! where that of an edit stands over another value than in the version before: a second edit by the same
//! person for the same reason says that it is one ([`Provenance::once_more`]).
//!
//! An edit has no number. Where highwater writes one again by itself, because a run had gone over it,
//! its reason says after which object, and it is as late as a run's write for that object. An edit that
//! finds that it went over something itself takes itself back: it writes what had been there, in its own
//! name, and neither of the two counts.

use super::parameters::ParameterVersion;
use super::provenance::Provenance;
use crate::vocabulary::SequenceId;

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
    writers: Writers<Option<V>>,
}

/// Who has written the versions of a value, as they are looked at one after the other, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writers<V> {
    /// What each run has written for each of its objects, however late.
    said: Vec<(Provenance, V)>,
    /// What the Description of the version before names, and its value.
    last: Option<(Provenance, V)>,
}

impl<V> Default for Writers<V> {
    fn default() -> Self {
        Self {
            said: Vec::new(),
            last: None,
        }
    }
}

impl<V: Clone + PartialEq> Writers<V> {
    /// Who has written the next version, `value` under a Description that names `by`.
    pub fn of_next(&mut self, by: Provenance, value: V) -> Provenance {
        let last = self.last.replace((by.clone(), value.clone()));
        let before = match &by {
            Provenance::Run { .. } => self.said.iter().find(|(run, _)| *run == by).cloned(),
            Provenance::Edit { .. } => last.filter(|(author, _)| *author == by),
            Provenance::Other => None,
        };
        match before {
            Some((_, said)) if said != value => return Provenance::Other,
            None if by.is_run() => self.said.push((by.clone(), value)),
            _ => {}
        }
        by
    }
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
            if Some(number) < highest || self.entries.iter().any(is_this) {
                return;
            }
            if self
                .entries
                .last()
                .is_some_and(|last| takes_back(&by, value, last))
            {
                self.entries.pop();
                return;
            }
            if by.is_run() {
                self.highest = Some((number, by.clone()));
            }
        }
        self.entries.push(Entry { by, value, base });
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
        let mut runs = self.writers.said.iter().map(|(run, _)| run);
        runs.find(|run| run.number() == Some(number))
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

/// Whether a write by `by` is how the edit `last` took itself back.
fn takes_back<V: Copy + Eq>(by: &Provenance, value: Option<V>, last: &Entry<V>) -> bool {
    last.by.number().is_none() && by.follows_up(&last.by) && value != last.value
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::backend::provenance::RunId;
    use crate::vocabulary::Version;

    fn run(number: u64) -> Provenance {
        let id = RunId::parse(&format!("00000000-0000-4000-8000-{number:012}"));
        Provenance::Run {
            run: id.expect("a run id"),
            sequence_id: SequenceId(number),
        }
    }

    fn edit() -> Provenance {
        Provenance::Edit {
            by: "ada".to_owned(),
            reason: "late corrections".to_owned(),
        }
    }

    fn history(writes: &[(Provenance, u64)]) -> Authorship<u64> {
        let versions = writes
            .iter()
            .zip(1..)
            .map(|((by, value), version)| ParameterVersion {
                version: Version(version),
                value: value.to_string(),
                written_at: DateTime::UNIX_EPOCH,
                written_by: String::new(),
                description: by.description(),
            });
        let mut versions: Vec<_> = versions.collect();
        versions.reverse();
        Authorship::of(versions, |text| text.parse().ok())
    }

    fn newest(writes: &[(Provenance, u64)]) -> u64 {
        let history = history(writes);
        let value = history.newest().and_then(|newest| newest.value);
        value.expect("a value that counts")
    }

    #[test]
    fn a_run_that_writes_after_a_later_one_counts_for_nothing() {
        assert_eq!(newest(&[(run(1), 10), (run(2), 20), (run(1), 10)]), 20);
        assert_eq!(newest(&[(run(2), 20), (run(1), 10)]), 20);
        assert_eq!(newest(&[(run(1), 10), (edit(), 5), (run(1), 10)]), 5);
        assert_eq!(newest(&[(run(1), 10), (edit(), 5), (run(2), 20)]), 20);
    }

    #[test]
    fn an_edit_that_was_written_again_is_as_late_as_the_run_that_went_over_it() {
        let again = edit().again(Some(SequenceId(2)));
        let writes = [(run(1), 10), (edit(), 5), (run(2), 20), (again.clone(), 5)];
        assert_eq!(newest(&writes), 5);
        let writes = [
            (run(1), 10),
            (edit(), 5),
            (run(2), 20),
            (again.clone(), 5),
            (run(3), 30),
            (again, 5),
        ];
        assert_eq!(newest(&writes), 30);
    }

    #[test]
    fn a_description_that_a_store_left_over_another_value_names_nobody() {
        let counts = |writes: &[(Provenance, u64)]| {
            let newest = history(writes).newest().cloned().expect("a write");
            (newest.by, newest.value)
        };
        let writes = [(run(1), 10), (run(1), 7)];
        assert_eq!(counts(&writes), (Provenance::Other, Some(7)));
        let writes = [(run(1), 10), (run(2), 20), (run(1), 10), (run(1), 7)];
        assert_eq!(counts(&writes), (Provenance::Other, Some(7)));
    }

    #[test]
    fn a_description_of_an_edit_that_a_store_left_over_another_value_names_nobody() {
        let counts = |writes: &[(Provenance, u64)]| {
            let newest = history(writes).newest().cloned().expect("a write");
            (newest.by, newest.value)
        };
        let writes = [(run(1), 10), (edit(), 5), (edit(), 30)];
        assert_eq!(counts(&writes), (Provenance::Other, Some(30)));
        assert_eq!(history(&writes).edited(), None);
        let writes = [(run(1), 10), (edit(), 5), (edit(), 30), (edit(), 5)];
        assert_eq!(counts(&writes), (Provenance::Other, Some(5)));
        // The same value is the same edit, or does no harm.
        let writes = [(run(1), 10), (edit(), 5), (edit(), 5)];
        assert_eq!(counts(&writes), (edit(), Some(5)));
        let more = edit().once_more();
        let writes = [(run(1), 10), (edit(), 5), (more.clone(), 30), (edit(), 7)];
        assert_eq!(counts(&writes[..3]), (more, Some(30)));
        assert_eq!(counts(&writes), (edit(), Some(7)));
    }

    #[test]
    fn an_edit_that_took_itself_back_never_was() {
        let back = |number| edit().again(Some(SequenceId(number)));
        let writes = [(run(1), 10), (run(2), 20), (edit(), 5), (back(2), 20)];
        assert_eq!(newest(&writes), 20);
        assert_eq!(history(&writes).edited(), None);
        // What it went over was an edit of the same person, for the same reason.
        let more = edit().once_more();
        let writes = [
            (run(1), 10),
            (edit(), 7),
            (more.clone(), 5),
            (more.again(Some(SequenceId(1))), 7),
        ];
        assert_eq!(newest(&writes), 7);
        // The two were made at the same moment, so that neither said that it was one more.
        let writes = [(run(1), 10), (edit(), 7), (edit(), 5), (back(1), 7)];
        assert_eq!(newest(&writes), 7);
        // A run has gone on meanwhile.
        let writes = [(run(1), 10), (edit(), 5), (run(2), 20), (back(1), 10)];
        assert_eq!(newest(&writes), 20);
    }

    #[test]
    fn an_edit_made_twice_on_purpose_counts_twice() {
        assert_eq!(
            newest(&[(run(1), 10), (edit(), 5), (run(2), 20), (edit(), 5)]),
            5
        );
    }

    #[test]
    fn an_edit_is_known_until_a_second_run_has_written() {
        let edited = |writes: &[(Provenance, u64)]| history(writes).edited();
        let made = edited(&[(run(1), 10), (edit(), 5)]).expect("an edit");
        assert_eq!((made.value, made.over), (5, None));
        let made = edited(&[(run(1), 10), (edit(), 5), (run(2), 20)]).expect("an edit");
        assert_eq!((made.value, made.over), (5, Some(run(2))));
        let writes = [(run(1), 10), (edit(), 5), (run(2), 20), (run(3), 30)];
        assert_eq!(edited(&writes), None);
        assert_eq!(edited(&[(edit(), 5), (Provenance::Other, 7)]), None);
    }

    #[test]
    fn only_an_edit_forwards_can_be_overtaken() {
        let overtaken = |writes: &[(Provenance, u64)]| {
            let edited = history(writes).edited().expect("an edit");
            edited.is_overtaken(20)
        };
        assert!(overtaken(&[(run(1), 10), (edit(), 15)]));
        assert!(overtaken(&[(edit(), 15)]));
        assert!(!overtaken(&[(run(1), 10), (edit(), 25)]));
        assert!(!overtaken(&[(run(1), 10), (edit(), 5)]));
        // Forwards and then back, but not as far back as it was.
        assert!(overtaken(&[
            (run(1), 10),
            (edit(), 30),
            (edit().once_more(), 15)
        ]));
        // What whoever edited saw had been written late.
        assert!(overtaken(&[
            (run(1), 10),
            (run(2), 20),
            (run(1), 10),
            (edit(), 15)
        ]));
        // Something else had put back what ingestion had reached, at which the table stops.
        assert!(!overtaken(&[
            (run(2), 20),
            (Provenance::Other, 10),
            (edit(), 15)
        ]));
    }
}
