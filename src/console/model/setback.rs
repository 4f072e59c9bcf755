//! The job of a table that failed last: its row tells of it until a later one succeeds.

use super::jobs::{JobRecord, JobState};
use super::row::Row;
use crate::vocabulary::Watermark;

/// A job that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// What it did, in one word.
    pub verb: &'static str,
    pub at: Watermark,
    /// The error and its causes.
    pub chain: Vec<String>,
    /// What to do next.
    pub next: String,
}

impl Row {
    /// A job on the table has ended at `at`. One that was cancelled says nothing of the one before.
    pub fn hear_job(&mut self, job: &JobRecord, at: Watermark) {
        match &job.state {
            JobState::Done(_) => self.last_setback = None,
            JobState::Failed { chain, next } => {
                self.last_setback = Some(Box::new(Setback {
                    verb: job.verb(),
                    at,
                    chain: chain.clone(),
                    next: next.clone(),
                }));
            }
            _ => {}
        }
    }

    /// The job that failed last, for the page of what is wrong.
    #[must_use]
    pub fn last_setback(&self) -> Option<&Setback> {
        self.last_setback.as_deref()
    }

    /// The job that failed last, for the line under the table: what is wrong with the table itself comes before it, and a
    /// job that runs is another try.
    #[must_use]
    pub fn setback(&self) -> Option<&Setback> {
        let is_told = self.job.is_none() && self.remark().is_none();
        self.last_setback().filter(|_| is_told)
    }
}
