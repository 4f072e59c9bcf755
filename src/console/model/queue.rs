//! The jobs as they are looked at: which of them, and the place among them.

use super::jobs::{JobList, JobRecord, JobState};
use super::scroll::Scroll;
use super::words::Words;
use crate::jobs::JobId;
use crate::text::visible;

/// The place among the jobs. The cursor is on a job, whatever comes or ends, and on none once that is not shown
/// any more: a key must not cancel another one than was under it.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// What every job shown must hold.
    pub filter: Words,
    pub scroll: Scroll,
    under: Option<JobId>,
    /// The filter by which the cursor was brought in line last; none before the first time.
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

    /// The cursor goes to the job that was added last, unless the filter hides that.
    pub fn go_to_newest(&mut self, jobs: &JobList) {
        if let Some(newest) = jobs.records.front().filter(|job| self.shows(job)) {
            self.scroll = Scroll::default();
            self.under = Some(newest.id);
        }
    }

    /// The cursor was put on another line.
    pub fn point(&mut self, jobs: &JobList) {
        let job = self.shown(jobs).nth(self.scroll.cursor);
        self.under = job.map(|job| job.id);
    }

    /// Brings the cursor in line with the jobs: it stays on its job. Where that is gone, it is on what is at
    /// its line after the filter was changed, and otherwise on none until it is put on a line.
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
    /// What it does and to which table, safe to show.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.verb(), visible(&self.table.to_string()))
    }

    /// Whether every word is in what it does, in how far it is, or in what came of it.
    fn matches(&self, words: &Words) -> bool {
        let said = match &self.state {
            JobState::Done(what) => what.as_str(),
            JobState::Failed { chain, .. } => chain.first().map_or("", String::as_str),
            JobState::Waiting | JobState::Running | JobState::Cancelled => "",
        };
        words.match_in(&[&self.label(), self.state.as_str(), said])
    }
}
