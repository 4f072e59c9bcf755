//! Which questions are open, so that late answers to older ones are dropped.

use std::collections::HashMap;

use crate::console::effect::Effect;
use crate::jobs::{Event, JobId, Request};
use crate::vocabulary::Watermark;

/// What a screen wants to know. Of each subject only the newest question counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    Tables,
    Plan,
    Viewer,
    /// The objects of the table in front, and those before them; all versions of its values, its next rows.
    Objects,
    OlderObjects,
    History,
    NextRows,
    EditPlan,
    /// Who has moved what the form in front is about.
    Mover,
    /// The plan at this place among those that were asked for together.
    BackfillPlan(usize),
    /// The backfills of a table that were interrupted: for the form of a backfill, and for the page of
    /// the table.
    Interrupted,
    InterruptedOfPage,
    Journal,
    /// What is wrong with tables, and with the table in front.
    Doctor,
    Findings,
    /// Whether there are repairs for what the rows on the screen tell of.
    Foresight,
}

/// The numbers of jobs, and the newest question of each subject.
#[derive(Debug, Default)]
pub struct Ledger {
    last: u64,
    open: HashMap<Subject, Open>,
}

/// A question without an answer.
#[derive(Debug, Clone, Copy)]
struct Open {
    job: JobId,
    /// Since when; `None` until the clock has been looked at.
    since: Option<Watermark>,
}

/// From when on a question without an answer is told of, in microseconds.
const LONG: i64 = 3_000_000;

/// Whether a question that was asked `since` has had no answer for so long that it has to be said.
#[must_use]
pub const fn is_long(since: Watermark, now: Watermark) -> bool {
    now.micros() - since.micros() > LONG
}

impl Ledger {
    /// A number that no job has had. Those of later jobs are greater.
    pub const fn number(&mut self) -> JobId {
        self.last += 1;
        JobId(self.last)
    }

    /// Asks, in place of whatever was asked of this subject before.
    pub fn ask(&mut self, subject: Subject, request: Request) -> Vec<Effect> {
        let job = self.number();
        let before = self.open.insert(subject, Open { job, since: None });
        let start = Effect::Start { job, request };
        before
            .map(|before| Effect::Cancel(before.job))
            .into_iter()
            .chain([start])
            .collect()
    }

    /// Does not want to know any more.
    pub fn forget(&mut self, subject: Subject) -> Option<Effect> {
        let open = self.open.remove(&subject);
        open.map(|open| Effect::Cancel(open.job))
    }

    /// Does not want to know any more about any of these subjects.
    pub fn forget_all(&mut self, subjects: impl IntoIterator<Item = Subject>) -> Vec<Effect> {
        let subjects = subjects.into_iter();
        subjects.filter_map(|one| self.forget(one)).collect()
    }

    /// Whether a question of this subject waits for its answer.
    #[must_use]
    pub fn is_open(&self, subject: Subject) -> bool {
        self.open.contains_key(&subject)
    }

    /// The subject whose newest question an event belongs to; `None` for one that is stale.
    #[must_use]
    pub fn subject_of(&self, event: &Event) -> Option<Subject> {
        self.open
            .iter()
            .find_map(|(subject, open)| (open.job == event.job).then_some(*subject))
    }

    /// It is now this late.
    pub fn look_at_clock(&mut self, now: Watermark) {
        for open in self.open.values_mut() {
            open.since.get_or_insert(now);
        }
    }

    /// For how long the newest question of this subject has had no answer, in microseconds, where that is so
    /// long that it has to be said.
    #[must_use]
    pub fn waited(&self, subject: Subject, now: Watermark) -> Option<i64> {
        let since = self.open.get(&subject)?.since?;
        is_long(since, now).then(|| now.micros() - since.micros())
    }

    /// The newest question of this subject has been answered.
    pub fn close(&mut self, subject: Subject) {
        self.open.remove(&subject);
    }
}
