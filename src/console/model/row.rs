//! One table on the Tables screen.

use crate::backend::finding::Severity;
use crate::backend::status::{PartValue, State, TableStatus};
use crate::backend::{Error, Watermark};
use crate::jobs::{Generation, JobId};

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

/// Whether a fetch that began `since` is noticeably slow.
#[must_use]
pub fn is_slow(since: Option<Watermark>, now: Watermark) -> bool {
    since.is_some_and(|since| now.micros() - since.micros() > SLOW)
}

/// A table with what is known of it and what is under way.
#[derive(Debug, Clone)]
pub struct Row {
    pub status: TableStatus,
    /// Generation of the newest question about this table; parts of older ones are stale.
    pub generation: Generation,
    /// Which parts are being fetched.
    pub awaited: Awaited,
    /// The ingestion that runs on it.
    pub job: Option<JobId>,
}

impl Row {
    /// A table of which nothing has been asked.
    #[must_use]
    pub fn new(status: TableStatus) -> Self {
        Self {
            status,
            generation: Generation(0),
            awaited: Awaited::default(),
            job: None,
        }
    }

    /// Where it stands, a running ingestion before everything else.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        self.job
            .map_or_else(|| self.status.state(), |_| Some(State::Running))
    }

    /// It has been asked anew where the table stands.
    pub const fn ask(&mut self, generation: Generation, now: Watermark) {
        self.generation = generation;
        self.awaited = Awaited {
            stored: Some(now),
            newest: Some(now),
            rows: Some(now),
        };
    }

    /// A part has arrived, or will not arrive any more.
    pub fn apply(&mut self, part: PartValue) {
        match part {
            PartValue::Stored(_) => self.awaited.stored = None,
            PartValue::Newest(_) => self.awaited.newest = None,
            PartValue::Rows(_) => self.awaited.rows = None,
        }
        self.status.apply(part);
    }

    /// Whether a value that was never there is being fetched.
    #[must_use]
    pub const fn is_filling(&self) -> bool {
        let (status, awaited) = (&self.status, &self.awaited);
        status.stored.is_none() && awaited.stored.is_some()
            || status.newest.is_none() && awaited.newest.is_some()
            || status.rows.is_none() && awaited.rows.is_some()
    }

    /// What needs attention, for the line under the table: the first finding, or an error that
    /// concerns this table alone. A party that is out of reach is said once, for all tables.
    #[must_use]
    pub fn remark(&self) -> Option<(Severity, String)> {
        if self.job.is_some() {
            return None;
        }
        if let Some(finding) = self.status.findings().into_iter().next() {
            let text = format!(
                "{}: {}",
                finding.code,
                own_words(&self.status, &finding.message)
            );
            return Some((finding.code.severity(), text));
        }
        let error = self
            .status
            .errors()
            .into_iter()
            .find(|error| outage(error).is_none())?;
        Some((Severity::Error, error.to_string()))
    }

    /// Lines that it takes in the list.
    #[must_use]
    pub fn height(&self) -> usize {
        1 + usize::from(self.remark().is_some())
    }
}

/// The message without the table and the code in front, which stand beside it already.
fn own_words<'a>(status: &TableStatus, message: &'a str) -> &'a str {
    let table = status.table.to_string();
    let mut rest = message;
    while let Some((head, tail)) = rest.split_once(": ") {
        let is_code = status
            .findings()
            .iter()
            .any(|finding| finding.code.as_str() == head);
        if head != table && !is_code {
            break;
        }
        rest = tail;
    }
    rest
}

/// Which party is out of reach, as one line that is the same for all tables.
#[must_use]
pub fn outage(error: &Error) -> Option<String> {
    match error {
        Error::Unavailable { service, place, .. } => {
            Some(format!("{service} at {place} cannot be reached"))
        }
        _ => None,
    }
}
