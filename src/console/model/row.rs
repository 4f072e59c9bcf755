//! A table on the Tables screen.

use super::digest::{Digest, Remark, Shown};
use super::foresight::Foresight;
use super::setback::Setback;
use super::trend::Trend;
use crate::backend::finding::Finding;
use crate::backend::source::{Precision, RowCounts, SourceColumn, SourceTable};
use crate::backend::standing::{LastObject, Newest};
use crate::backend::status::{PartValue, State, TableStatus};
use crate::backend::stored::Stored;
use crate::config::Mode;
use crate::jobs::JobId;
use crate::vocabulary::{TableName, Watermark};

/// How long a refresh must take before it is shown, by dimming what is being fetched: on shorter ones
/// the dimming would only flicker.
const SLOW: i64 = 1_000_000;

/// When each part was requested; `None` if it is not being fetched.
#[derive(Debug, Clone, Copy, Default)]
pub struct Awaited {
    pub stored: Option<Watermark>,
    pub newest: Option<Watermark>,
    pub rows: Option<Watermark>,
}

impl Awaited {
    /// The service that has yet to answer, and since when. The stored values are fetched first; the
    /// newest object and the counts then come together.
    #[must_use]
    pub const fn silent(&self) -> Option<(Watermark, &'static str)> {
        match (self.stored, self.newest, self.rows) {
            (Some(since), _, _) => Some((since, "the parameter store")),
            (None, Some(since), Some(_)) => Some((since, "PostgreSQL or the object store")),
            (None, Some(since), None) => Some((since, "the object store")),
            (None, None, Some(since)) => Some((since, "PostgreSQL")),
            (None, None, None) => None,
        }
    }
}

/// Whether a fetch that began at `since` is noticeably slow.
#[must_use]
pub fn is_slow(since: Option<Watermark>, now: Watermark) -> bool {
    since.is_some_and(|since| now.micros() - since.micros() > SLOW)
}

/// The newest value of a part that ever arrived, regardless of later failures.
#[derive(Debug, Clone)]
pub struct Known<T> {
    pub value: T,
    /// When it arrived.
    pub at: Watermark,
    /// Whether a later request failed, so that the value may be out of date.
    pub stale: bool,
}

/// A table, what is known of it, and what is under way.
#[derive(Debug, Clone)]
pub struct Row {
    status: TableStatus,
    digest: Digest,
    /// Its columns, according to the catalog.
    pub columns: Vec<SourceColumn>,
    /// Bytes on disk, according to the planner's statistics.
    pub bytes: u64,
    /// Rows, according to the planner's statistics.
    pub estimated_rows: Option<u64>,
    stored: Option<Known<Stored>>,
    newest: Option<Known<Newest>>,
    counts: Option<Known<RowCounts>>,
    pub trend: Trend,
    /// The newest question about this table; answers to older ones are stale.
    pub asked: Option<JobId>,
    /// The parts that are being fetched.
    pub awaited: Awaited,
    /// When an exact count was last requested.
    pub counted: Option<Watermark>,
    /// The ingestion or backfill at work on it, or waiting for its turn.
    pub job: Option<JobId>,
    /// What the doctor has said about it.
    pub(super) foresight: Option<Foresight>,
    /// The last failed job, unless a later one has succeeded.
    pub(super) last_setback: Option<Box<Setback>>,
}

impl Row {
    /// A table about which nothing has been asked.
    #[must_use]
    pub fn new(table: SourceTable) -> Self {
        let status = TableStatus::new(table.name, Mode::default(), table.findings);
        Self {
            digest: Digest::of(&status, Shown::default()),
            status,
            columns: table.columns,
            bytes: table.bytes,
            estimated_rows: table.estimated_rows,
            stored: None,
            newest: None,
            counts: None,
            trend: Trend::default(),
            asked: None,
            awaited: Awaited::default(),
            counted: None,
            job: None,
            foresight: None,
            last_setback: None,
        }
    }

    /// Stores a new description from the catalog; everything else that is known stays.
    pub fn describe(&mut self, table: SourceTable) {
        self.status.catalog = table.findings;
        self.columns = table.columns;
        self.bytes = table.bytes;
        self.estimated_rows = table.estimated_rows;
        self.digest = Digest::of(&self.status, self.shown());
    }

    /// What is shown of the table, even if the last answer was a failure.
    fn shown(&self) -> Shown<'_> {
        Shown {
            stored: self.values(),
            last: self.last_object(),
            counts: self.counts.as_ref().map(|known| &known.value),
        }
    }

    /// The name of the table.
    #[must_use]
    pub const fn table(&self) -> &TableName {
        &self.status.table
    }

    /// What the newest answers say, including failures.
    #[must_use]
    pub const fn status(&self) -> &TableStatus {
        &self.status
    }

    /// What lists show of the table.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Everything that is wrong, worst first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.status.findings();
        findings.extend(self.foreseen_finding().cloned());
        findings.sort_by_key(Finding::rank);
        findings
    }

    /// Bytes on disk; `None` if PostgreSQL has no statistics yet and so does not know of any page.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        Some(self.bytes).filter(|bytes| *bytes > 0 || self.estimated_rows.is_some())
    }

    /// Both stored values as last read.
    #[must_use]
    pub const fn stored(&self) -> Option<&Known<Stored>> {
        self.stored.as_ref()
    }

    /// Both stored values as last read, or whatever can be read of them now.
    fn values(&self) -> Option<&Stored> {
        let known = self.stored.as_ref().map(|known| &known.value);
        self.status.readable.as_ref().or(known)
    }

    /// The newest object as last seen.
    #[must_use]
    pub const fn newest(&self) -> Option<&Known<Newest>> {
        self.newest.as_ref()
    }

    /// The rows as last counted.
    #[must_use]
    pub const fn counts(&self) -> Option<&Known<RowCounts>> {
        self.counts.as_ref()
    }

    /// The stored timestamp as last read.
    #[must_use]
    pub fn timestamp(&self) -> Option<Watermark> {
        Some(self.values()?.timestamp.as_ref()?.value)
    }

    /// The newest object as last seen.
    #[must_use]
    pub fn last_object(&self) -> Option<&LastObject> {
        self.newest.as_ref()?.value.last.as_ref()
    }

    /// The state of the table; an ingestion or a backfill at work on it comes before everything else.
    #[must_use]
    pub const fn state(&self) -> Option<State> {
        if self.job.is_some() {
            Some(State::Running)
        } else {
            self.digest.state
        }
    }

    /// Records that the state of the table has been requested.
    pub const fn ask(&mut self, job: JobId, precision: Precision, now: Watermark) {
        self.asked = Some(job);
        if matches!(precision, Precision::Exact) {
            self.counted = Some(now);
        }
        self.awaited = Awaited {
            stored: Some(now),
            newest: Some(now),
            rows: Some(now),
        };
    }

    /// Stores a part, or the failure to fetch it.
    pub fn apply(&mut self, part: PartValue, now: Watermark) {
        match &part {
            PartValue::Stored(stored) => {
                self.awaited.stored = None;
                keep(&mut self.stored, stored.as_ref().ok(), now);
            }
            PartValue::Readable(_) => {}
            PartValue::Newest(newest) => {
                self.awaited.newest = None;
                keep(&mut self.newest, newest.as_ref().ok(), now);
            }
            PartValue::Rows(counts) => {
                self.awaited.rows = None;
                keep(&mut self.counts, counts.as_ref().ok(), now);
                if let Some(counts) = counts.as_ref().ok().filter(|counts| counts.exact) {
                    self.trend.push(counts.pending);
                }
            }
        }
        self.status.apply(part);
        self.digest = Digest::of(&self.status, self.shown());
    }

    /// Whether every part has been answered, even if by a failure.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        let status = &self.status;
        status.stored.is_some() && status.newest.is_some() && status.rows.is_some()
    }

    /// Whether a value that has never been known is being fetched.
    #[must_use]
    pub const fn is_filling(&self) -> bool {
        let (status, awaited) = (&self.status, &self.awaited);
        status.stored.is_none() && awaited.stored.is_some()
            || status.newest.is_none() && awaited.newest.is_some()
            || status.rows.is_none() && awaited.rows.is_some()
    }

    /// What needs attention, for the line under the table; nothing while an ingestion or a backfill is
    /// at work.
    #[must_use]
    pub fn remark(&self) -> Option<&Remark> {
        match self.job {
            None => self.foreseen_remark().or(self.digest.remark.as_ref()),
            Some(_) => None,
        }
    }

    /// Number of lines that the row takes in the list.
    #[must_use]
    pub fn height(&self) -> usize {
        1 + usize::from(self.remark().is_some() || self.setback().is_some())
    }
}

fn keep<T: Clone>(known: &mut Option<Known<T>>, arrived: Option<&T>, at: Watermark) {
    if let Some(value) = arrived {
        let value = value.clone();
        let stale = false;
        *known = Some(Known { value, at, stale });
    } else if let Some(known) = known {
        known.stale = true;
    }
}
