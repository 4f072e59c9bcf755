//! The open questions, so that late answers to older ones are dropped.

use std::collections::HashMap;

use crate::console::effect::Effect;
use crate::jobs::{Event, JobId, Request};
use crate::vocabulary::Watermark;

/// What a screen wants to know. Only the newest question about each subject counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    Tables,
    Plan,
    Viewer,
    /// Of the table in front: its objects, the objects before those, all versions of its values, its next
    /// rows.
    Objects,
    OlderObjects,
    History,
    NextRows,
    EditPlan,
    /// Who has moved the values that the form in front is about.
    Mover,
    /// The plan at this index among those requested together.
    BackfillPlan(usize),
    /// The interrupted backfills of a table: for the backfill form, and for the page of the table.
    Interrupted,
    InterruptedOfPage,
    Journal,
    /// The findings about tables, and about the table in front.
    Doctor,
    Findings,
    /// Whether there are repairs for what the rows on the screen report.
    Foresight,
}

/// The last job id given, and the newest question about each subject.
#[derive(Debug, Default)]
pub struct Ledger {
    last: u64,
    open: HashMap<Subject, Open>,
}

/// A question without an answer.
#[derive(Debug, Clone, Copy)]
struct Open {
    job: JobId,
    /// When it was asked; `None` until the next look at the clock.
    since: Option<Watermark>,
}

/// How long a question may go unanswered before this is reported, in microseconds.
const LONG: i64 = 3_000_000;

/// Whether a question asked at `since` has gone unanswered for long enough to be reported.
#[must_use]
pub const fn is_long(since: Watermark, now: Watermark) -> bool {
    now.micros() - since.micros() > LONG
}

impl Ledger {
    /// A new job id, greater than all before it.
    pub const fn number(&mut self) -> JobId {
        self.last += 1;
        JobId(self.last)
    }

    /// Asks a question, which replaces any earlier one about this subject.
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

    /// Drops the question about this subject.
    pub fn forget(&mut self, subject: Subject) -> Option<Effect> {
        let open = self.open.remove(&subject);
        open.map(|open| Effect::Cancel(open.job))
    }

    /// Drops the questions about these subjects.
    pub fn forget_all(&mut self, subjects: impl IntoIterator<Item = Subject>) -> Vec<Effect> {
        let subjects = subjects.into_iter();
        subjects.filter_map(|one| self.forget(one)).collect()
    }

    /// Whether a question about this subject is unanswered.
    #[must_use]
    pub fn is_open(&self, subject: Subject) -> bool {
        self.open.contains_key(&subject)
    }

    /// The subject of the question that an event belongs to; `None` if the event is stale.
    #[must_use]
    pub fn subject_of(&self, event: &Event) -> Option<Subject> {
        self.open
            .iter()
            .find_map(|(subject, open)| (open.job == event.job).then_some(*subject))
    }

    /// Sets the time of the questions asked since the last look at the clock.
    pub fn look_at_clock(&mut self, now: Watermark) {
        for open in self.open.values_mut() {
            open.since.get_or_insert(now);
        }
    }

    /// How long the newest question about this subject has gone unanswered, in microseconds, if long enough
    /// to be reported.
    #[must_use]
    pub fn waited(&self, subject: Subject, now: Watermark) -> Option<i64> {
        let since = self.open.get(&subject)?.since?;
        is_long(since, now).then(|| now.micros() - since.micros())
    }

    /// Closes the newest question about this subject, as it has been answered.
    pub fn close(&mut self, subject: Subject) {
        self.open.remove(&subject);
    }
}
