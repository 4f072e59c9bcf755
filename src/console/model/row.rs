//! One table on the Tables screen.

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

/// After this long a refresh is shown, by dimming what is being fetched anew. Before it the dimming
/// would only flicker.
const SLOW: i64 = 1_000_000;

/// Since when each part is being fetched; `None` for one that is not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Awaited {
    pub stored: Option<Watermark>,
    pub newest: Option<Watermark>,
    pub rows: Option<Watermark>,
}

impl Awaited {
    /// Since when it is waited for an answer, and whose. The stored values come first, by themselves;
    /// the newest object and the counts come together.
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

/// Whether a fetch that began `since` is noticeably slow.
#[must_use]
pub fn is_slow(since: Option<Watermark>, now: Watermark) -> bool {
    since.is_some_and(|since| now.micros() - since.micros() > SLOW)
}

/// The newest value of a part that ever arrived, whatever became of later questions.
#[derive(Debug, Clone)]
pub struct Known<T> {
    pub value: T,
    /// When it arrived.
    pub at: Watermark,
    /// Whether a later question failed, so that it may not be true any more.
    pub stale: bool,
}

/// A table with what is known of it and what is under way.
#[derive(Debug, Clone)]
pub struct Row {
    status: TableStatus,
    digest: Digest,
    /// Its columns, by the catalog.
    pub columns: Vec<SourceColumn>,
    /// Bytes on disk by the planner's statistics.
    pub bytes: u64,
    /// Rows by the planner's statistics.
    pub estimated_rows: Option<u64>,
    stored: Option<Known<Stored>>,
    newest: Option<Known<Newest>>,
    counts: Option<Known<RowCounts>>,
    pub trend: Trend,
    /// The newest question about this table; parts of older ones are stale.
    pub asked: Option<JobId>,
    /// Which parts are being fetched.
    pub awaited: Awaited,
    /// When it was last asked to be counted.
    pub counted: Option<Watermark>,
    /// The ingestion that runs on it.
    pub job: Option<JobId>,
    /// What the doctor has said of it.
    pub(super) foresight: Option<Foresight>,
    /// The job that failed last, if none has succeeded since.
    pub(super) last_setback: Option<Box<Setback>>,
}

impl Row {
    /// A table of which nothing has been asked.
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

    /// The catalog describes the table anew; what else is known of it stays.
    pub fn describe(&mut self, table: SourceTable) {
        self.status.catalog = table.findings;
        self.columns = table.columns;
        self.bytes = table.bytes;
        self.estimated_rows = table.estimated_rows;
        self.digest = Digest::of(&self.status, self.shown());
    }

    /// What is shown of it, also where the last answer was a failure.
    fn shown(&self) -> Shown<'_> {
        Shown {
            stored: self.values(),
            last: self.last_object(),
            counts: self.counts.as_ref().map(|known| &known.value),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn table(&self) -> &TableName {
        &self.status.table
    }

    /// What the newest answers say, failures included.
    #[must_use]
    pub const fn status(&self) -> &TableStatus {
        &self.status
    }

    /// What lists show of it.
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

    /// Bytes on disk; `None` where PostgreSQL has no statistics yet, which knows of no page either.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        Some(self.bytes).filter(|bytes| *bytes > 0 || self.estimated_rows.is_some())
    }

    /// Both stored values as they were last read.
    #[must_use]
    pub const fn stored(&self) -> Option<&Known<Stored>> {
        self.stored.as_ref()
    }

    /// Both stored values as they were last read, or what can be read of them now.
    fn values(&self) -> Option<&Stored> {
        let known = self.stored.as_ref().map(|known| &known.value);
        self.status.readable.as_ref().or(known)
    }

    /// The newest object as it was last seen.
    #[must_use]
    pub const fn newest(&self) -> Option<&Known<Newest>> {
        self.newest.as_ref()
    }

    /// The rows as they were last counted.
    #[must_use]
    pub const fn counts(&self) -> Option<&Known<RowCounts>> {
        self.counts.as_ref()
    }

    /// The stored timestamp as it was last read.
    #[must_use]
    pub fn timestamp(&self) -> Option<Watermark> {
        Some(self.values()?.timestamp.as_ref()?.value)
    }

    /// The newest object as it was last seen.
    #[must_use]
    pub fn last_object(&self) -> Option<&LastObject> {
        self.newest.as_ref()?.value.last.as_ref()
    }

    /// Where it stands, a running ingestion before everything else.
    #[must_use]
    pub const fn state(&self) -> Option<State> {
        if self.job.is_some() {
            Some(State::Running)
        } else {
            self.digest.state
        }
    }

    /// It has been asked anew where the table stands.
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

    /// A part has arrived, or will not arrive any more.
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

    /// Whether every part has been answered, be it by a failure.
    #[must_use]
    pub const fn is_answered(&self) -> bool {
        let status = &self.status;
        status.stored.is_some() && status.newest.is_some() && status.rows.is_some()
    }

    /// Whether a value that was never there is being fetched.
    #[must_use]
    pub const fn is_filling(&self) -> bool {
        let (status, awaited) = (&self.status, &self.awaited);
        status.stored.is_none() && awaited.stored.is_some()
            || status.newest.is_none() && awaited.newest.is_some()
            || status.rows.is_none() && awaited.rows.is_some()
    }

    /// What needs attention, for the line under the table; nothing while it is being ingested.
    #[must_use]
    pub fn remark(&self) -> Option<&Remark> {
        match self.job {
            None => self.foreseen_remark().or(self.digest.remark.as_ref()),
            Some(_) => None,
        }
    }

    /// Lines that it takes in the list.
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
