//! The last failed job of a table: the row reports it until a later job succeeds.

use super::jobs::{JobRecord, JobState};
use super::row::Row;
use crate::vocabulary::Watermark;

/// A failed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// What the job did, in one word.
    pub verb: &'static str,
    pub at: Watermark,
    /// The error and its causes.
    pub chain: Vec<String>,
    /// What to do next.
    pub next: String,
}

impl Row {
    /// Records the end of a job on the table. A cancelled job does not affect an earlier failure.
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

    /// The last failed job, for the page of findings.
    #[must_use]
    pub fn last_setback(&self) -> Option<&Setback> {
        self.last_setback.as_deref()
    }

    /// The last failed job, for the line under the table: a finding about the table itself takes precedence, and a
    /// running job is another try.
    #[must_use]
    pub fn setback(&self) -> Option<&Setback> {
        let is_told = self.job.is_none() && self.remark().is_none();
        self.last_setback().filter(|_| is_told)
    }
}
