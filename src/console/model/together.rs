//! Jobs that were asked for together, once the last of them has ended.

use super::jobs::{JobList, JobRecord, JobState, Kept};
use crate::figures::{bytes, count, length};
use crate::jobs::Request;

/// What has come of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Together {
    pub jobs: usize,
    pub failed: usize,
    pub cancelled: usize,
    pub kept: Kept,
    verb: &'static str,
    /// Whether they were to write objects, rather than stored values.
    writes_objects: bool,
}

impl JobList {
    /// The jobs that were asked for together with `one`, and itself.
    fn asked_with(&self, one: &JobRecord) -> impl Iterator<Item = &JobRecord> {
        let kind = |job: &JobRecord| std::mem::discriminant(&job.request);
        let (asked, kinds) = (one.asked, kind(one));
        self.records.iter().filter(move |job| {
            let is_edit = matches!(job.request, Request::ApplyEdit(_));
            job.asked == asked && kind(job) == kinds && !is_edit
        })
    }

    /// Whether others that were asked for together with `one` are still to end, among those that `are`.
    pub fn is_awaited_with(&self, one: &JobRecord, are: impl Fn(&JobRecord) -> bool) -> bool {
        self.asked_with(one).any(|job| job.is_active() && are(job))
    }

    /// What has come of the jobs that were asked for together with `last`; `None` where it was alone, or while
    /// one of them has not ended.
    #[must_use]
    pub fn together(&self, last: &JobRecord) -> Option<Together> {
        let jobs: Vec<&JobRecord> = self.asked_with(last).collect();
        if jobs.len() < 2 || jobs.iter().any(|job| job.is_active()) {
            return None;
        }
        let mut together = Together {
            jobs: jobs.len(),
            failed: 0,
            cancelled: 0,
            kept: Kept {
                objects: 0,
                rows: 0,
                bytes: 0,
            },
            verb: last.verb(),
            writes_objects: matches!(last.request, Request::Ingest { .. } | Request::Backfill(_)),
        };
        for job in jobs {
            together.failed += usize::from(matches!(job.state, JobState::Failed { .. }));
            together.cancelled += usize::from(matches!(job.state, JobState::Cancelled));
            if let Some(kept) = job.kept {
                together.kept.objects += kept.objects;
                together.kept.rows += kept.rows;
                together.kept.bytes += kept.bytes;
            }
        }
        Some(together)
    }
}

impl Together {
    /// In one line; `key` leads to the jobs.
    #[must_use]
    pub fn in_words(&self, key: &str) -> String {
        let Kept {
            objects,
            rows,
            bytes: size,
        } = self.kept;
        let mut parts = Vec::new();
        if self.failed > 0 {
            parts.push(format!("{} failed ({key} tells more)", self.failed));
        }
        if self.cancelled > 0 {
            parts.push(format!("{} cancelled", self.cancelled));
        }
        if self.writes_objects {
            let (rows, objects) = (count(rows, "row"), count(length(objects), "object"));
            parts.push(format!("{rows} in {objects}, {}", bytes(size)));
        } else {
            let done = self.jobs - self.failed - self.cancelled;
            parts.push(format!("{done} done"));
        }
        let tables = count(length(self.jobs), "table");
        format!("{} {tables}: {}", self.verb, parts.join(", "))
    }
}
