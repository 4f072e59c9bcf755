//! The jobs screen: which jobs are shown, and the cursor among them.

use super::jobs::{JobList, JobRecord, JobState};
use super::scroll::Scroll;
use super::words::Words;
use crate::jobs::JobId;
use crate::text::visible;

/// The position among the jobs.
///
/// The cursor stays on its job whatever is added or ends, and is on none once that job is no longer shown: a
/// key must never cancel a job other than the one it was meant for.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// What every job shown must contain.
    pub filter: Words,
    pub scroll: Scroll,
    under: Option<JobId>,
    /// The filter when the cursor was last brought in line; `None` before the first time.
    followed: Option<Words>,
}

impl Queue {
    /// The jobs that the filter lets through, newest first.
    pub fn shown<'a>(&'a self, jobs: &'a JobList) -> impl Iterator<Item = &'a JobRecord> {
        jobs.records.iter().filter(|job| self.shows(job))
    }

    fn shows(&self, job: &JobRecord) -> bool {
        self.filter.is_empty() || job.matches(&self.filter)
    }

    /// The job under the cursor.
    #[must_use]
    pub fn current<'a>(&self, jobs: &'a JobList) -> Option<&'a JobRecord> {
        jobs.get(self.under?)
    }

    /// Moves the cursor to the job that was added last, unless the filter hides that job.
    pub fn go_to_newest(&mut self, jobs: &JobList) {
        if let Some(newest) = jobs.records.front().filter(|job| self.shows(job)) {
            self.scroll = Scroll::default();
            self.under = Some(newest.id);
        }
    }

    /// Records which job is under the cursor after the cursor was put on another line.
    pub fn point(&mut self, jobs: &JobList) {
        let job = self.shown(jobs).nth(self.scroll.cursor);
        self.under = job.map(|job| job.id);
    }

    /// Brings the cursor in line with the jobs: it stays on its job. If that job is gone, the cursor goes to
    /// the one on its line if the filter has changed, and otherwise to none until it is moved.
    pub fn follow(&mut self, jobs: &JobList) {
        let place = self.shown(jobs).position(|job| Some(job.id) == self.under);
        let last = self.shown(jobs).count().saturating_sub(1);
        self.scroll.cursor = place.unwrap_or(self.scroll.cursor).min(last);
        if self.followed.as_ref() != Some(&self.filter) {
            self.followed = Some(self.filter.clone());
            self.point(jobs);
        } else if place.is_none() {
            self.under = None;
        }
    }
}

impl JobRecord {
    /// What the job does and to which table, safe to show.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.verb(), visible(&self.table.to_string()))
    }

    /// Whether every word is in the job's label, its state or its outcome.
    fn matches(&self, words: &Words) -> bool {
        let said = match &self.state {
            JobState::Done(what) => what.as_str(),
            JobState::Failed { chain, .. } => chain.first().map_or("", String::as_str),
            JobState::Waiting | JobState::Running | JobState::Cancelled => "",
        };
        words.match_in(&[&self.label(), self.state.as_str(), said])
    }
}
