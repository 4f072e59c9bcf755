//! Where ingestion continues from: what the two stored values and the objects say together.
//!
//! The object is the commit, and the two parameters are pointers derived from it, so they can
//! disagree after a crash, a race or an edit. What has been seen of a table (`Seen`) is judged in one
//! place (`Seen::decide`), which does no I/O. In short, with T and S the stored values, O the newest
//! object, W the watermark to continue from:
//!
//! | what is found | what happened | what is done |
//! |---|---|---|
//! | O = S, T = watermark(O) | clean | nothing |
//! | O > S, T = from(O) | a run crashed right after its commit | write T, then S |
//! | O > S, T = watermark(O) | a run crashed between its two writes, or a stale writer put S back | write S |
//! | the same, but that write of T overwrote an edit the run had not seen | they raced | write the edit again, then S |
//! | O > S, T written by an older run | a stale writer put both back | write T, then S |
//! | O > S, T written by an edit | a run crashed after its commit, T was set on purpose | write S, W = T |
//! | O = S, T written by an edit | rewound or advanced on purpose | W = T |
//! | O = S, T written by an older run | a stale writer | write T = watermark(O) |
//! | one of these two, and S was written late over an edit skipping numbers | a stale writer | write that edit again |
//! | T ≠ watermark(O), written by anything else | an edit outside highwater | finding |
//! | O was written under another `source.timezone`, T not set since | local times now mean other instants | finding |
//! | O = S without metadata, T still from a run for an older object | another program crashed before T | finding |
//! | S > O, S written by an edit | numbers skipped on purpose | continue after S; T is judged by O |
//! | S > O otherwise | the object was deleted, or S changed by hand | finding |
//! | O > S without metadata | another program crashed between its steps | finding |
//! | neither T nor S, no object | never ingested | first run |
//! | no S, the only object is the first one | the first run crashed | as with O > S |
//! | no S, no object, T written by an edit | where to begin was set on purpose | W = T |
//! | anything else missing | deleted by hand or by a script | finding |
//!
//! If objects are removed after use, the claim on object S stands in for it; a number that a run has stored
//! counts as committed, and so does S + 1 if the newest version of T says that a run wrote it for that
//! number.
//!
//! Recovery writes what the crashed run would have written, under that run's name: doing it twice, or at the
//! same moment as the run itself, changes nothing.
//!
//! Histories are only read if something is amiss, and that leaves a window open. Suppose that numbers are
//! skipped on purpose, a run continues from there, and a late write puts the sequence id back to the object
//! before the skipped numbers. T is still that object's watermark, because the run is about to commit, or
//! died before it stored T. Both values then name one object, the number after it is free, and only the
//! history of S shows otherwise: the next run takes that number, and writes the rows of the other object
//! again; none is lost. Closing the window would cost one more request for each table in every run, to guard
//! against a write that arrives after both an edit and a commit that followed it. If T was set on purpose as
//! well, it does not agree with the object, and both histories are read.

mod decision;
mod foreign;
mod gone;
mod judgement;
mod look;
mod recovery;
mod seen;
mod settled;
mod skipped;
#[cfg(test)]
mod tests;
mod whole;
mod zone;

use serde::Serialize;

use decision::{Decision, Question};
pub(super) use gone::after_claim;
pub use recovery::Recovery;
use seen::{Author, Looked, Seen};
pub(super) use settled::Position;
pub(super) use zone::end_in;

use super::authorship::Authorship;
use super::finding::{Finding, FindingCode, Severity};
use super::stored::Stored;
use super::{Backend, Error, Result};
use crate::vocabulary::{ObjectKey, ParameterName, SequenceId, TableName, Version, Watermark};

/// The newest object of a table, as far as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastObject {
    pub key: ObjectKey,
    /// `None` for an object that another program wrote.
    pub rows: Option<u64>,
    pub to: Option<Watermark>,
    /// The table's watermark once this object counts; for a backfill, that is not where it ends.
    #[serde(skip)]
    pub watermark: Option<Watermark>,
    /// Size of the stored body in bytes.
    pub bytes: u64,
    /// When it was written, by the clock of the object store.
    pub modified: Watermark,
}

/// The newest object of a table, and what it and the stored values say together.
#[derive(Debug, Clone)]
pub struct Newest {
    /// The next object is numbered after this one; `None` before the first batch.
    pub sequence_id: Option<SequenceId>,
    pub last: Option<LastObject>,
    /// The watermark that ingestion continues from, if nothing stops it; `None` before the first batch.
    pub watermark: Option<Watermark>,
    pub verdict: Verdict,
    /// Other things worth knowing, which stop nothing.
    pub notes: Vec<Finding>,
}

/// Whether a table can continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The values and the objects agree.
    Sound,
    /// It can continue once these writes are done, which ingestion does by itself.
    Recoverable(Box<Recovery>),
    /// Only the operator can tell how to continue.
    Stopped(Finding),
}

impl Newest {
    /// What keeps ingestion from continuing, if anything.
    #[must_use]
    pub const fn obstacle(&self) -> Option<&Finding> {
        match &self.verdict {
            Verdict::Stopped(finding) => Some(finding),
            Verdict::Sound | Verdict::Recoverable(_) => None,
        }
    }

    /// The writes that ingestion would begin with, if any.
    #[must_use]
    pub fn recovery(&self) -> Option<&Recovery> {
        match &self.verdict {
            Verdict::Recoverable(recovery) => Some(recovery),
            Verdict::Sound | Verdict::Stopped(_) => None,
        }
    }

    /// What recovery would do, in a sentence; empty if there is nothing to recover.
    #[must_use]
    pub fn recovers(&self) -> Vec<String> {
        self.recovery()
            .map(Recovery::sentence)
            .into_iter()
            .collect()
    }

    /// Whether another program wrote the newest object, so that only its rows show where it ends.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.rows.is_none())
    }

    /// Everything there is to report, worst first.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let own = match &self.verdict {
            Verdict::Sound => None,
            Verdict::Recoverable(recovery) => Some(recovery.finding()),
            Verdict::Stopped(finding) => Some(finding.clone()),
        };
        own.into_iter().chain(self.notes.iter().cloned()).collect()
    }
}

impl Backend {
    /// Looks at the objects around the stored sequence id and judges where ingestion continues from.
    ///
    /// # Errors
    /// [`Error::Interfered`] if a value was written while it was being judged, so that it is worth looking
    /// again; [`Error::Unavailable`] and [`Error::Denied`]. Whatever is wrong with the state itself is in the
    /// `verdict`.
    pub async fn newest(&self, table: &TableName, stored: &Stored) -> Result<Newest> {
        let mut seen = self.look(table, stored).await?;
        let (watermark, sequence_id) = (
            stored.timestamp.as_ref().map(|at| at.value),
            stored.sequence_id.as_ref().map(|id| id.value),
        );
        let mut asked = Vec::new();
        let (sequence_id, watermark, verdict) = loop {
            match seen.decide() {
                Decision::GoOn { watermark, after } => break (after, watermark, Verdict::Sound),
                Decision::Recover(recovery) => {
                    break (
                        recovery.sequence_id().or(sequence_id),
                        recovery.timestamp().or(watermark),
                        Verdict::Recoverable(recovery),
                    );
                }
                Decision::Stop(finding) => {
                    // What looks wrong may be two moments of one run: it may have stored values after they
                    // were read here, and then written objects.
                    self.still_stored(table, stored.versions()).await?;
                    break (sequence_id, watermark, Verdict::Stopped(finding));
                }
                Decision::Ask(question) if asked.contains(&question) => {
                    return Err(Error::Bug(format!(
                        "{table}: {question:?} was answered and asked again"
                    )));
                }
                Decision::Ask(question) => {
                    asked.push(question);
                    self.answer(question, table, &mut seen).await?;
                }
            }
        };
        let notes = seen.notes();
        Ok(Newest {
            sequence_id,
            last: seen.into_last().map(|object| object.summary()),
            watermark,
            verdict,
            notes,
        })
    }

    /// Looks up one more fact that the decision needs.
    async fn answer(
        &self,
        question: Question,
        table: &TableName,
        seen: &mut Seen<'_>,
    ) -> Result<()> {
        let stored = seen.stored;
        match question {
            Question::TimestampAuthor => {
                let version = stored.timestamp.as_ref().map(|at| at.version);
                let read = |text: &str| self.timestamp_of(text);
                let name = &stored.timestamp_name;
                seen.timestamp_by = Some(self.author(table, name, version, read).await?);
            }
            Question::SequenceAuthor => {
                let version = stored.sequence_id.as_ref().map(|id| id.version);
                let read = |text: &str| text.parse().ok();
                let name = &stored.sequence_name;
                seen.sequence_by = Some(self.author(table, name, version, read).await?);
            }
            Question::Newest => {
                let newest = self.any_object(table).await?;
                seen.newest = newest.map_or(Looked::Nothing, Looked::Found);
            }
            Question::Above(id) => {
                let run = seen.newest_run().cloned();
                seen.above = self.above(table, id, run.as_ref(), stored).await?;
            }
        }
        Ok(())
    }

    /// Who decided a parameter that was read at `version`.
    ///
    /// # Errors
    /// [`Error::Interfered`] if somebody has written it since, [`Error::Unavailable`]. A history that may not
    /// be read is an answer, not an error.
    async fn author<V: Copy + Ord>(
        &self,
        table: &TableName,
        name: &ParameterName,
        version: Option<Version>,
        read: impl Fn(&str) -> Option<V> + Send,
    ) -> Result<Author<V>> {
        let history = match self.inner.parameters.history(name).await {
            Ok(history) => history,
            Err(Error::Denied { permission, .. }) => return Ok(Author::Hidden { permission }),
            Err(error) => return Err(error),
        };
        let newest = history.iter().max_by_key(|version| version.version);
        if newest.map(|newest| newest.version) != version {
            return Err(Error::Interfered {
                table: table.clone(),
                parameter: name.clone(),
                read: version,
                now: newest.map(|newest| newest.value.clone()),
            });
        }
        Ok(Author::Known(Authorship::of(history, read)))
    }

    /// A stored text as a timestamp, if it is one.
    pub(super) fn timestamp_of(&self, text: &str) -> Option<Watermark> {
        self.profile().spelling().read(text).ok()
    }
}

/// The finding for a history that is needed for the decision but may not be read.
fn hidden_history(permission: &str) -> Finding {
    Finding::new(
        FindingCode::MissingPrivilege,
        format!("{permission} is missing, so nobody can tell who wrote the values: a run, an edit or something else; nothing is assumed"),
    )
    .with_severity(Severity::Warning)
}
