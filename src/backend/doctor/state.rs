//! What the two values and the objects say together: the judgement that ingestion follows, with its evidence
//! and its repairs.

use crate::backend::{
    Backend, Result,
    authorship::Authorship,
    error::Error,
    finding::{Finding, FindingCode},
    standing::{Newest, Verdict},
    stored::{Stored, Values},
    table_objects::{contents::Marks, keys::NumberedKey},
};
use crate::vocabulary::{ParameterName, SequenceId, TableName, Watermark};

use super::diagnosis::{Diagnosis, Evidence};
use super::mend::Case;
use super::tip::Tip;

/// What was found, and what the rest of the examination needs from it.
pub(super) struct State {
    pub diagnoses: Vec<Diagnosis>,
    /// The objects with their numbers.
    pub keys: Vec<NumberedKey>,
    /// The stored timestamp, if there is one that can be read.
    pub timestamp: Option<Watermark>,
    /// Everything up to here is ingested.
    pub watermark: Option<Watermark>,
    /// The number of the newest object, if nothing stops the table.
    pub goes_on_after: Option<SequenceId>,
    /// When the newest object was written.
    pub last_modified: Option<Watermark>,
    /// The table's watermark once the newest object counts, by its metadata or its rows.
    pub ends_at: Option<Watermark>,
}

/// One table while its state is examined.
pub(super) struct Patient<'a> {
    pub backend: &'a Backend,
    pub table: &'a TableName,
    pub values: Values,
    pub keys: Vec<NumberedKey>,
    /// The clock of the database, if it is known.
    pub(super) clock: Option<Watermark>,
    pub(super) whole: bool,
}

impl Backend {
    /// Judges the objects of `table` and its values, which are `stored`. `clock` is the clock of the database
    /// when they were read, if it is known.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Denied`], …
    pub(super) async fn state(
        &self,
        table: &TableName,
        stored: Result<Stored>,
        mut clock: Option<Watermark>,
    ) -> Result<State> {
        let settled = match stored {
            Ok(stored) => {
                let settled = self.settled(table, stored.clone()).await?;
                // What a run has stored since may be ahead of a clock that was read earlier.
                if settled.0 != stored {
                    clock = self.horizon().await.ok().map(|horizon| horizon.clock);
                }
                Ok(settled)
            }
            Err(error @ (Error::Timestamp { .. } | Error::SequenceUnreadable { .. })) => Err(error),
            Err(error) => return Err(error),
        };
        let values = match &settled {
            Ok((stored, _)) => Values::of(stored),
            Err(_) => self.values(table).await?,
        };
        let patient = Patient {
            backend: self,
            table,
            values,
            keys: self.numbered_keys(table).await?,
            clock,
            whole: self.is_whole(table),
        };
        let state = match settled {
            Ok((_, newest)) => patient.judged(newest, clock).await?,
            Err(error) => patient.unreadable(&error).await?,
        };
        let found = state.diagnoses.into_iter();
        Ok(State {
            diagnoses: found.map(|one| patient.with_a_way_on(one)).collect(),
            keys: patient.keys,
            ..state
        })
    }

    /// Doubts about a table whose newest object another program wrote; that object is read to find them.
    /// `clock` is the clock of the database.
    ///
    /// # Errors
    /// [`Error::Unavailable`], …; that the objects may not be read is a doubt, not an error.
    pub(in crate::backend) async fn doubts(
        &self,
        table: &TableName,
        clock: Watermark,
    ) -> Result<Vec<Finding>> {
        let state = match self
            .state(table, self.stored(table).await, Some(clock))
            .await
        {
            // Ingestion itself reads no object.
            Err(error @ Error::Denied { .. }) => {
                let message =
                    format!("it is not known whether rows would be written again: {error}");
                return Ok(vec![Finding::new(FindingCode::MissingPrivilege, message)]);
            }
            state => state?,
        };
        let findings = state
            .diagnoses
            .into_iter()
            .map(|diagnosis| diagnosis.finding);
        let doubtful = |finding: &Finding| finding.code == FindingCode::TimestampMismatch;
        Ok(findings.filter(doubtful).collect())
    }

    /// Whether the write of the timestamp that counts was made on purpose; `false` if that may not be known.
    async fn is_edit(&self, timestamp: &ParameterName) -> Result<bool> {
        let history = match self.inner.parameters.history(timestamp).await {
            Ok(history) => history,
            Err(Error::Denied { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let written = Authorship::of(history, |text| self.timestamp_of(text));
        Ok(written.newest().is_some_and(|newest| newest.by.is_edit()))
    }
}

impl Patient<'_> {
    async fn judged(&self, newest: Newest, clock: Option<Watermark>) -> Result<State> {
        let timestamp = self.values.timestamp.value;
        let mut diagnoses: Vec<Diagnosis> = newest
            .notes
            .iter()
            .map(|note| {
                self.diagnosis(note.clone())
                    .because(Evidence::of(&self.values))
            })
            .collect();
        let mut tip = None;
        // What a recovery puts right is no longer wrong.
        let ahead_of_clock = clock.filter(|clock| newest.watermark > Some(*clock));
        if let Some(clock) = ahead_of_clock {
            tip = self.tip().await?;
            diagnoses.push(self.in_future(clock, tip.as_ref()).await?);
        }
        match &newest.verdict {
            Verdict::Sound if ahead_of_clock.is_none() && !self.whole && newest.is_foreign() => {
                tip = self.tip().await?;
                diagnoses.extend(self.foreign_end(tip.as_ref()).await?);
            }
            Verdict::Sound => {}
            Verdict::Recoverable(recovery) => diagnoses.push(self.recoverable(recovery)?),
            Verdict::Stopped(finding)
                if ahead_of_clock.is_some()
                    && finding.code.yields_to(FindingCode::TimestampInFuture) => {}
            Verdict::Stopped(finding) => {
                tip = self.tip().await?;
                diagnoses.push(self.stopped(finding, tip.as_ref()).await?);
            }
        }
        let of_metadata = newest.last.as_ref().and_then(|last| last.watermark);
        Ok(State {
            diagnoses,
            keys: Vec::new(),
            timestamp,
            watermark: newest.watermark,
            goes_on_after: newest.sequence_id.filter(|_| newest.obstacle().is_none()),
            ends_at: tip.and_then(|tip| tip.watermark()).or(of_metadata),
            last_modified: newest.last.map(|last| last.modified),
        })
    }

    /// A value that cannot be read: what it should be is derived from the newest object.
    async fn unreadable(&self, error: &Error) -> Result<State> {
        let code = if self.values.timestamp.is_unreadable() {
            FindingCode::TimestampUnreadable
        } else {
            FindingCode::SequenceMissing
        };
        let tip = self.tip().await?;
        let claimed = self.claimed_beyond().await?;
        let repairs = match &tip {
            Some(tip) if claimed.is_none() => {
                let case = self.case(code, tip).await?;
                let case = self.held_against_source(case).await?;
                // The timestamp may be missing while it is the sequence id that cannot be read.
                if self.values.timestamp.value.is_none() && !self.whole {
                    case.without_timestamp()
                } else {
                    case.without_sequence_id()
                }
            }
            _ => Vec::new(),
        };
        let finding = Finding::new(code, error.to_string());
        let diagnosis = self
            .diagnosis(finding)
            .because(self.evidence(tip.as_ref()))
            .offering(repairs);
        let diagnosis = self.after_claim(diagnosis, claimed.as_ref());
        Ok(State {
            diagnoses: vec![diagnosis],
            keys: Vec::new(),
            timestamp: self.values.timestamp.value,
            watermark: None,
            goes_on_after: None,
            last_modified: tip.as_ref().map(|tip| Watermark::from(tip.head.modified)),
            ends_at: tip.and_then(|tip| tip.watermark()),
        })
    }

    pub(super) async fn tip(&self) -> Result<Option<Tip>> {
        self.backend.tip(self.table, &self.keys, self.marks()).await
    }

    /// The objects before number `from`, newest first.
    pub(super) fn keys_before(&self, from: SequenceId) -> Vec<&NumberedKey> {
        let is_before = |one: &&NumberedKey| one.sequence_id < from;
        let mut before: Vec<_> = self.keys.iter().filter(is_before).collect();
        before.sort_unstable_by(|a, b| b.cmp(a));
        before
    }

    /// What the rows of objects are compared with.
    pub(super) const fn marks(&self) -> Marks {
        Marks {
            above: self.values.timestamp.value,
            clock: self.clock,
        }
    }

    pub(super) async fn case<'a>(&'a self, code: FindingCode, tip: &'a Tip) -> Result<Case<'a>> {
        let edit = self.backend.is_edit(&self.values.timestamp.name).await?;
        Ok(self.case_of(code, tip, edit))
    }

    pub(super) fn case_of<'a>(&'a self, code: FindingCode, tip: &'a Tip, edit: bool) -> Case<'a> {
        Case {
            profile: self.backend.profile(),
            table: self.table,
            code,
            values: &self.values,
            tip,
            timestamp_is_edit: edit,
            end: tip.watermark(),
            above: tip.contents.map(|contents| contents.above),
            read: tip
                .contents
                .map_or_else(Vec::new, |_| vec![tip.head.key.clone()]),
            base: None,
            between: None,
            left_out: None,
            below: None,
            is_unread: false,
            whole: self.whole,
        }
    }

    pub(super) fn diagnosis(&self, finding: Finding) -> Diagnosis {
        Diagnosis::new(self.table, finding)
    }

    pub(super) fn evidence(&self, tip: Option<&Tip>) -> Evidence {
        let values = Evidence::of(&self.values);
        match tip {
            Some(tip) => tip.evidence(values),
            None => values,
        }
    }
}
