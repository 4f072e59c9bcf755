//! Jobs that were requested together, once the last of them has ended.

use super::jobs::{JobList, JobRecord, JobState};
use super::report::Kept;
use crate::figures::{bytes, count, length};
use crate::jobs::Request;

/// The outcome of jobs that were requested together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Together {
    pub jobs: usize,
    pub failed: usize,
    pub cancelled: usize,
    pub kept: Kept,
    verb: &'static str,
    /// Whether the jobs write objects, rather than stored values.
    writes_objects: bool,
}

impl JobList {
    /// The jobs of the same kind that were requested together with `one`, itself included; none if it is an
    /// edit.
    fn asked_with(&self, one: &JobRecord) -> impl Iterator<Item = &JobRecord> {
        let kind = |job: &JobRecord| std::mem::discriminant(&job.request);
        let (asked, kinds) = (one.asked, kind(one));
        self.records.iter().filter(move |job| {
            let is_edit = matches!(job.request, Request::ApplyEdit(_));
            job.asked == asked && kind(job) == kinds && !is_edit
        })
    }

    /// Whether any job requested together with `one` is still active, of those for which `are` holds.
    pub fn is_awaited_with(&self, one: &JobRecord, are: impl Fn(&JobRecord) -> bool) -> bool {
        self.asked_with(one).any(|job| job.is_active() && are(job))
    }

    /// The outcome of the jobs requested together with `last`; `None` if it was requested alone, or while any
    /// of them is active.
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
    /// The outcome in one line; `key` opens the jobs.
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
