//! Jobs that write: the running ones, and the outcomes of the rest.

use std::collections::{HashSet, VecDeque};

use super::report::{Kept, RowsReport};
use crate::backend::backfill::BackfillPlan;
use crate::backend::ingest::{ObjectWritten, Outcome};
use crate::backend::progress::{Phase, ProgressSnapshot};
use crate::figures;
use crate::jobs::{Failure, JobId, Request};
use crate::vocabulary::{TableName, Watermark};

/// How many failed jobs are remembered, and how many that have ended otherwise.
const REMEMBERED: usize = 200;
/// The period that the rate is measured over, in microseconds.
const WINDOW: i64 = 3_000_000;
/// How long nothing may come of a job before this is reported, in microseconds: a part may just be uploading.
const HITCH: i64 = 5_000_000;

/// The jobs of this session, newest first.
#[derive(Debug, Default)]
pub struct JobList {
    pub records: VecDeque<JobRecord>,
    /// Failures since the user last looked.
    pub unread_errors: u64,
    /// What holds the waiting jobs back, if anything does.
    pub held: Option<Held>,
}

/// What holds the waiting jobs back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The job that reported it.
    pub job: JobId,
    /// Which service is out of reach, safe to show.
    pub by: String,
}

/// One job.
#[derive(Debug, Clone)]
pub struct JobRecord {
    pub id: JobId,
    pub table: TableName,
    pub request: Request,
    pub state: JobState,
    pub cancelling: bool,
    pub asked: Watermark,
    pub started: Option<Watermark>,
    pub ended: Option<Watermark>,
    pub progress: Option<ProgressSnapshot>,
    /// What the job has written, once it has ended and reported.
    pub kept: Option<Kept>,
    /// The objects that the job reported as written.
    pub objects: Vec<ObjectWritten>,
    /// Rows done, sampled over the last seconds.
    samples: VecDeque<(Watermark, u64)>,
}

/// The state of a job.
#[derive(Debug, Clone)]
pub enum JobState {
    Waiting,
    Running,
    /// Done, with a one-line summary.
    Done(String),
    /// Cancelled by the user.
    Cancelled,
    /// Failed: the error, its causes, and what to do next.
    Failed {
        chain: Vec<String>,
        next: String,
    },
}

impl JobState {
    /// The name of the state.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done(_) => "done",
            Self::Cancelled => "cancelled",
            Self::Failed { .. } => "failed",
        }
    }
}

impl JobList {
    /// The job with this id.
    #[must_use]
    pub fn get(&self, id: JobId) -> Option<&JobRecord> {
        self.records.iter().find(|record| record.id == id)
    }

    /// The job with this id.
    pub fn get_mut(&mut self, id: JobId) -> Option<&mut JobRecord> {
        self.records.iter_mut().find(|record| record.id == id)
    }

    /// Jobs that have not ended.
    #[must_use]
    pub fn running(&self) -> usize {
        self.records
            .iter()
            .filter(|record| record.is_active())
            .count()
    }

    /// Whether any job is shown with a spinner rather than with its progress.
    #[must_use]
    pub fn is_any_turning(&self) -> bool {
        let mut active = self.records.iter().filter(|record| record.is_active());
        active.any(|job| job.cancelling || job.started.is_some() && job.percent().is_none())
    }

    /// Jobs that have not begun.
    pub fn waiting(&self) -> impl Iterator<Item = &JobRecord> {
        let records = self.records.iter();
        records.filter(|record| matches!(record.state, JobState::Waiting))
    }

    /// Adds a new job, and forgets the oldest that have ended, unless others requested together with
    /// them are still active.
    pub fn add(&mut self, record: JobRecord) {
        self.records.push_front(record);
        let ended = self.records.iter().filter(|record| !record.is_active());
        // The rest is too slow to do for each of ten thousand jobs that are started at once.
        if ended.count() <= REMEMBERED {
            return;
        }
        let active = self.records.iter().filter(|record| record.is_active());
        let under_way: HashSet<Watermark> = active.map(|record| record.asked).collect();
        let (mut failed, mut others) = (0, 0);
        self.records.retain(|record| {
            let is_needed = under_way.contains(&record.asked);
            // Successes do not push out failures, which somebody has yet to look at.
            let ended = match record.state {
                JobState::Failed { .. } => &mut failed,
                _ => &mut others,
            };
            *ended += usize::from(!is_needed);
            is_needed || *ended <= REMEMBERED
        });
    }
}

impl JobRecord {
    /// A job that has just been requested.
    #[must_use]
    pub const fn new(id: JobId, table: TableName, request: Request, asked: Watermark) -> Self {
        Self {
            id,
            table,
            request,
            state: JobState::Waiting,
            cancelling: false,
            asked,
            started: None,
            ended: None,
            progress: None,
            kept: None,
            objects: Vec::new(),
            samples: VecDeque::new(),
        }
    }

    /// What the job does, in one word.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self.request {
            Request::Ingest { .. } => "ingest",
            Request::Backfill(_) => "backfill",
            Request::Repair(_) => "repair",
            Request::ForgetBackfill { .. } => "forget",
            _ => "edit",
        }
    }

    /// Whether the job has not ended.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, JobState::Waiting | JobState::Running)
    }

    /// Whether the job can be started again. An edit or a repair cannot: it names versions that have
    /// moved since.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self.state, JobState::Failed { .. } | JobState::Cancelled)
            && matches!(self.request, Request::Ingest { .. } | Request::Backfill(_))
    }

    /// The plan of the job, if it is a backfill.
    #[must_use]
    pub const fn backfill(&self) -> Option<&BackfillPlan> {
        match &self.request {
            Request::Backfill(plan) => Some(plan),
            _ => None,
        }
    }

    /// Whether objects of the job have been written, either by it or by the job that it resumes.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.kept.is_some_and(|kept| kept.objects > 0)
            || self.backfill().is_some_and(|plan| plan.there > 0)
    }

    /// What remains of a cancelled job, in one line.
    #[must_use]
    pub fn cancelled(&self) -> String {
        let kept = self.kept.filter(|kept| kept.objects > 0);
        let kept = kept.map_or_else(String::new, |kept| {
            format!(
                "{} in {} stay; ",
                figures::count(kept.rows, "row"),
                figures::count(figures::length(kept.objects), "object")
            )
        });
        format!("cancelled; {kept}nothing was half-written")
    }

    /// Stores new progress.
    pub fn advance(&mut self, progress: ProgressSnapshot, now: Watermark) {
        self.samples.push_back((now, progress.rows));
        while let Some((at, _)) = self.samples.front()
            && now.micros() - at.micros() > WINDOW
            && self.samples.len() > 2
        {
            self.samples.pop_front();
        }
        self.progress = Some(progress);
    }

    /// How long nothing has come of a job that is running, in microseconds, if that is long enough to be reported.
    #[must_use]
    pub fn stalled(&self, now: Watermark) -> Option<i64> {
        let last = self.samples.back().map(|(at, _)| *at).or(self.started)?;
        let rested = now.micros() - last.micros();
        (rested >= HITCH).then_some(rested)
    }

    /// What a running job is doing, and for how long nothing has come of it.
    #[must_use]
    pub fn doing(&self, now: Watermark) -> String {
        let phase = self.progress.map(|progress| progress.phase);
        let phase = phase.map_or("starting", Phase::label);
        match self.stalled(now) {
            Some(rested) => format!("{phase}, nothing for {}", figures::span(rested)),
            None => phase.to_owned(),
        }
    }

    /// Rows per second over the last seconds.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let micros = u64::try_from(last.0.micros() - first.0.micros()).ok()?;
        let rows = last.1.checked_sub(first.1)?;
        (micros > 0 && rows > 0).then(|| rows.saturating_mul(1_000_000) / micros)
    }

    /// Microseconds left at the current rate.
    #[must_use]
    pub fn left(&self) -> Option<i64> {
        let progress = self.progress?;
        let rows = progress.total_rows.checked_sub(progress.rows)?;
        let seconds = rows.checked_div(self.rate()?)?;
        i64::try_from(seconds).ok()?.checked_mul(1_000_000)
    }

    /// Percentage done; `None` while the total is unknown.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        let progress = self.progress?;
        let percent = progress
            .rows
            .saturating_mul(100)
            .checked_div(progress.total_rows)?;
        Some(percent.min(100))
    }

    /// Ends the job with a failure.
    pub fn fail(&mut self, failure: &Failure) {
        self.state = if failure.is_cancelled() {
            JobState::Cancelled
        } else {
            JobState::Failed {
                chain: failure.chain(),
                next: failure.next_step(),
            }
        };
    }

    /// Ends the job with the report of the rows it moved.
    pub fn finish(&mut self, report: &RowsReport<'_>) {
        self.kept = Some(report.kept());
        self.objects = report.objects.to_vec();
        self.state = match (report.error, report.outcome) {
            (Some(error), _) if error.is_cancelled() => JobState::Cancelled,
            (Some(error), _) => JobState::Failed {
                chain: vec![error.message.clone()],
                next: error.next_step.clone(),
            },
            (None, Outcome::Skipped) => JobState::Cancelled,
            (None, _) => JobState::Done(report.summary()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::ingest::IngestOptions;

    fn job(number: u64, asked: Watermark) -> JobRecord {
        let table = TableName::parse(&format!("t{number}"));
        let request = Request::Ingest {
            table: table.clone(),
            options: IngestOptions::default(),
        };
        JobRecord::new(JobId(number), table, request, asked)
    }

    #[test]
    fn what_has_ended_is_remembered_while_others_that_were_asked_for_with_it_are_at_work() {
        let mut jobs = JobList::default();
        let asked = Watermark::now();
        for number in 0..300 {
            jobs.add(job(number, asked));
        }
        jobs.records[7].state = JobState::Cancelled;
        let later = asked.successor();
        jobs.add(job(300, later));
        assert_eq!(jobs.records.len(), 301);
        for record in &mut jobs.records {
            record.state = JobState::Done(String::new());
        }
        // The first job requested is the last in the list.
        jobs.records[300].state = JobState::Failed {
            chain: Vec::new(),
            next: String::new(),
        };
        jobs.add(job(301, later.successor()));
        assert_eq!(jobs.records.len(), REMEMBERED + 2);
        let last = jobs.records.back().map(|record| record.id);
        assert_eq!(last, Some(JobId(0)), "what has failed is still there");
    }
}
