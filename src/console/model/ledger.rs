//! Which questions are open, so that late answers to older ones are dropped.

use std::collections::HashMap;

use crate::console::effect::Effect;
use crate::jobs::{Event, Generation, JobId, Request};

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
    Unfinished,
    Journal,
    /// What is wrong with tables, and with the table in front.
    Doctor,
    Findings,
    /// Whether there are repairs for what the rows on the screen tell of.
    Foresight,
}

/// Numbers of jobs and generations, and the newest question of each subject.
#[derive(Debug, Default)]
pub struct Ledger {
    last: u64,
    open: HashMap<Subject, (JobId, Generation)>,
}

impl Ledger {
    /// A number that no job and no generation has had.
    pub const fn number(&mut self) -> (JobId, Generation) {
        self.last += 1;
        (JobId(self.last), Generation(self.last))
    }

    /// Asks, in place of whatever was asked of this subject before.
    pub fn ask(&mut self, subject: Subject, request: Request) -> Vec<Effect> {
        let (job, generation) = self.number();
        let before = self.open.insert(subject, (job, generation));
        let mut effects: Vec<Effect> = before
            .map(|(job, _)| Effect::Cancel(job))
            .into_iter()
            .collect();
        effects.push(Effect::Start {
            job,
            generation,
            request,
        });
        effects
    }

    /// Does not want to know any more.
    pub fn forget(&mut self, subject: Subject) -> Option<Effect> {
        self.open
            .remove(&subject)
            .map(|(job, _)| Effect::Cancel(job))
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
        let asked = (event.job, event.generation);
        self.open
            .iter()
            .find_map(|(subject, open)| (*open == asked).then_some(*subject))
    }

    /// The newest question of this subject has been answered.
    pub fn close(&mut self, subject: Subject) {
        self.open.remove(&subject);
    }
}
