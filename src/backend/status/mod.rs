//! Where a table stands, assembled from parts that arrive one by one.
//!
//! The stored values, the newest object and the row counts come from three different services, at three
//! different speeds. Each is a [`Part`]; a screen shows what is there, and output waits for all of them.

mod gather;

use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::error::Error;
use super::finding::{Finding, FindingCode, Severity};
use super::source::RowCounts;
use super::standing::{LastObject, Newest};
use super::stored::Stored;
use crate::config::Mode;
use crate::vocabulary::{SequenceId, TableName, Watermark};

/// One part of a status: not there yet, there, or failed.
pub type Part<T> = Option<Result<T, Arc<Error>>>;

/// Where a table stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Something is wrong that keeps it from moving, or puts rows at risk.
    NeedsAttention,
    /// A service did not answer.
    Unreachable,
    Running,
    Pending,
    NeverIngested,
    UpToDate,
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 6] = [
        Self::NeedsAttention,
        Self::Unreachable,
        Self::Running,
        Self::Pending,
        Self::NeverIngested,
        Self::UpToDate,
    ];

    /// The word as it is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsAttention => "needs-attention",
            Self::Unreachable => "unreachable",
            Self::Running => "running",
            Self::Pending => "pending",
            Self::NeverIngested => "never-ingested",
            Self::UpToDate => "up-to-date",
        }
    }
}

/// Everything that is known about where a table stands.
#[derive(Debug, Clone)]
pub struct TableStatus {
    pub table: TableName,
    pub mode: Mode,
    /// What is wrong with the table itself, before any row is looked at.
    pub catalog: Vec<Finding>,
    pub stored: Part<Stored>,
    /// What can be read of the stored values, if one of them cannot be read.
    pub readable: Option<Stored>,
    pub newest: Part<Newest>,
    pub rows: Part<RowCounts>,
}

/// A part of the status of one table that has just arrived.
#[derive(Debug, Clone)]
pub struct StatusPart {
    pub table: TableName,
    pub value: PartValue,
}

/// Which part it is, and its value.
#[derive(Debug, Clone)]
pub enum PartValue {
    Stored(Result<Stored, Arc<Error>>),
    /// What can be read of the stored values; comes after the failure to read both.
    Readable(Stored),
    Newest(Result<Newest, Arc<Error>>),
    Rows(Result<RowCounts, Arc<Error>>),
}

impl TableStatus {
    /// A table of which only its entry in the catalog is known so far.
    #[must_use]
    pub const fn new(table: TableName, mode: Mode, catalog: Vec<Finding>) -> Self {
        Self {
            table,
            mode,
            catalog,
            stored: None,
            readable: None,
            newest: None,
            rows: None,
        }
    }

    /// Takes over a part that has arrived.
    pub fn apply(&mut self, part: PartValue) {
        match part {
            PartValue::Stored(stored) => {
                self.stored = Some(stored);
                self.readable = None;
            }
            PartValue::Readable(readable) => self.readable = Some(readable),
            PartValue::Newest(newest) => self.newest = Some(newest),
            PartValue::Rows(rows) => self.rows = Some(rows),
        }
    }

    /// The stored timestamp, if it is known and there is one.
    #[must_use]
    pub fn timestamp(&self) -> Option<Watermark> {
        Some(self.known()?.timestamp.as_ref()?.value)
    }

    /// The stored sequence id, if it is known and there is one.
    #[must_use]
    pub fn sequence_id(&self) -> Option<SequenceId> {
        Some(self.known()?.sequence_id.as_ref()?.value)
    }

    /// The newest object, if it is known and there is one.
    #[must_use]
    pub fn last_object(&self) -> Option<&LastObject> {
        self.newest.as_ref()?.as_ref().ok()?.last.as_ref()
    }

    /// The row counts, if they are known.
    #[must_use]
    pub fn counts(&self) -> Option<&RowCounts> {
        self.rows.as_ref()?.as_ref().ok()
    }

    /// The errors among the parts, each listed once: a service that is down fails several parts in the same
    /// way.
    #[must_use]
    pub fn errors(&self) -> Vec<&Arc<Error>> {
        let parts = [
            self.stored.as_ref().and_then(|part| part.as_ref().err()),
            self.newest.as_ref().and_then(|part| part.as_ref().err()),
            self.rows.as_ref().and_then(|part| part.as_ref().err()),
        ];
        let mut errors: Vec<&Arc<Error>> = Vec::new();
        for error in parts.into_iter().flatten() {
            if errors
                .iter()
                .all(|known| known.to_string() != error.to_string())
            {
                errors.push(error);
            }
        }
        errors
    }

    /// The errors that are not findings about the table: services that were out of reach.
    #[must_use]
    pub fn failures(&self) -> Vec<&Arc<Error>> {
        let mut failures = self.errors();
        failures.retain(|error| as_finding(error).is_none());
        failures
    }

    /// Everything that is wrong, worst first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.catalog.clone();
        if let Some(Ok(newest)) = &self.newest {
            findings.extend(newest.findings());
        }
        if let Some(counts) = self.counts() {
            findings.extend(counts.findings.iter().cloned());
        }
        findings.extend(self.errors().iter().filter_map(|error| as_finding(error)));
        let codes: Vec<FindingCode> = findings.iter().map(|finding| finding.code).collect();
        findings.retain(|finding| !codes.iter().any(|other| finding.code.yields_to(*other)));
        findings.sort_by_key(Finding::rank);
        let mut seen = Vec::new();
        findings.retain(|finding| {
            let first = !seen.contains(&finding.code);
            seen.push(finding.code);
            first
        });
        findings
    }

    /// Where the table stands, in one word; `None` while too little is known to say.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        let findings = self.findings();
        if findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
        {
            return Some(State::NeedsAttention);
        }
        if !self.errors().is_empty() {
            return Some(State::Unreachable);
        }
        let stored = self.stored()?;
        let newest = self.newest.as_ref().and_then(|newest| newest.as_ref().ok());
        let recovers = newest.is_some_and(|newest| newest.recovery().is_some());
        if stored.timestamp.is_none()
            && stored.sequence_id.is_none()
            && self.newest.is_some()
            && !recovers
        {
            return Some(State::NeverIngested);
        }
        Some(match self.counts()?.pending {
            0 => State::UpToDate,
            _ => State::Pending,
        })
    }

    fn stored(&self) -> Option<&Stored> {
        self.stored.as_ref()?.as_ref().ok()
    }

    fn known(&self) -> Option<&Stored> {
        self.stored().or(self.readable.as_ref())
    }
}

/// An error as a finding, if it says something about the table, rather than that a service was out of reach
/// or allows nothing.
fn as_finding(error: &Error) -> Option<Finding> {
    if error.lacks_credentials() {
        return None;
    }
    let code = error.finding()?;
    Some(Finding::new(code, error.to_string()))
}

impl Serialize for TableStatus {
    /// The shape of `highwater status --output json`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = self.counts();
        let codes: Vec<FindingCode> = self.findings().iter().map(|finding| finding.code).collect();
        let mut status = serializer.serialize_struct("TableStatus", 11)?;
        status.serialize_field("table", &self.table)?;
        status.serialize_field("mode", &self.mode)?;
        status.serialize_field("timestamp", &self.timestamp())?;
        status.serialize_field("sequence_id", &self.sequence_id())?;
        status.serialize_field("pending_rows", &counts.map(|counts| counts.pending))?;
        status.serialize_field("pending_exact", &counts.is_some_and(|counts| counts.exact))?;
        status.serialize_field("held_rows", &counts.and_then(|counts| counts.held))?;
        status.serialize_field(
            "unreachable_rows",
            &counts.and_then(|counts| counts.unreachable),
        )?;
        status.serialize_field("last_object", &self.last_object())?;
        status.serialize_field("state", &self.state().unwrap_or(State::Unreachable))?;
        status.serialize_field("findings", &codes)?;
        status.end()
    }
}
