//! The writes that bring the two values to where the objects say they belong.

use super::seen::Numbered;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::journal::Act;
use crate::backend::provenance::Provenance;
use crate::backend::stored::{ParameterWrite, Purpose, Stored, Values};
use crate::backend::table_objects::keys::NumberedKey;
use crate::backend::{Backend, Result};
use crate::vocabulary::{SequenceId, TableName, Watermark};

/// Writes that may be made without asking: they can neither lose nor repeat anything.
///
/// They are made in the name of the run that did not finish them, so that making them twice, or while that
/// run is still working, has the same result as making them once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Why, in half a sentence.
    why: String,
    /// The object that the values are to point at; `None` if it has been removed.
    object: Option<NumberedKey>,
    timestamp: Option<Restored<Watermark>>,
    sequence_id: Option<Restored<SequenceId>>,
    /// The values before the writes.
    before: Values,
}

/// A value to be written, and in whose name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Restored<T> {
    value: T,
    by: Provenance,
}

impl Recovery {
    /// A recovery towards `object`, with no writes yet.
    pub(super) fn new(stored: &Stored, object: &Numbered, why: String) -> Self {
        Self {
            object: Some(NumberedKey {
                sequence_id: object.sequence_id,
                key: object.head.key.clone(),
            }),
            ..Self::without_object(stored, why)
        }
    }

    /// A recovery towards an object that has been removed, with no writes yet.
    pub(super) fn without_object(stored: &Stored, why: String) -> Self {
        Self {
            why,
            object: None,
            timestamp: None,
            sequence_id: None,
            before: Values::of(stored),
        }
    }

    pub(super) fn with_timestamp(mut self, value: Watermark, by: Provenance) -> Self {
        self.timestamp = Some(Restored { value, by });
        self
    }

    pub(super) fn with_sequence_id(mut self, value: SequenceId, by: Provenance) -> Self {
        self.sequence_id = Some(Restored { value, by });
        self
    }

    /// Adds whichever of the two values has to change.
    pub(super) fn with(
        self,
        timestamp: Option<(Watermark, Provenance)>,
        sequence_id: Option<(SequenceId, Provenance)>,
    ) -> Self {
        let moved = match timestamp {
            Some((at, by)) => self.with_timestamp(at, by),
            None => self,
        };
        match sequence_id {
            Some((id, by)) => moved.with_sequence_id(id, by),
            None => moved,
        }
    }

    /// The timestamp to be written; `None` if it stays.
    #[must_use]
    pub fn timestamp(&self) -> Option<Watermark> {
        self.timestamp.as_ref().map(|restored| restored.value)
    }

    /// The sequence id to be written; `None` if it stays.
    #[must_use]
    pub fn sequence_id(&self) -> Option<SequenceId> {
        self.sequence_id.as_ref().map(|restored| restored.value)
    }

    /// The object that the values are to point at; `None` if it has been removed.
    #[must_use]
    pub const fn object(&self) -> Option<&NumberedKey> {
        self.object.as_ref()
    }

    /// One sentence: what was found, and what is written.
    #[must_use]
    pub fn sentence(&self) -> String {
        let change = |what: &str, before: Option<&str>, after: &str| {
            format!("{what} {} → {after}", before.unwrap_or("nothing"))
        };
        let timestamp = self.timestamp().map(|at| {
            change(
                "timestamp",
                self.before.timestamp.spelled(),
                &at.to_string(),
            )
        });
        let sequence_id = self.sequence_id().map(|id| {
            change(
                "sequence id",
                self.before.sequence_id.spelled(),
                &id.to_string(),
            )
        });
        let writes: Vec<String> = timestamp.into_iter().chain(sequence_id).collect();
        format!("{}: {}", self.why, writes.join(", "))
    }

    /// The recovery as a finding, which matters little because the next ingestion does it.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let code = if self.sequence_id.is_some() {
            FindingCode::StuckSequence
        } else {
            FindingCode::TimestampMismatch
        };
        Finding::new(
            code,
            format!(
                "{}; the next ingestion writes it by itself",
                self.sentence()
            ),
        )
        .with_severity(Severity::Info)
    }
}

impl Backend {
    /// The exact writes of `recovery`, in order.
    ///
    /// # Errors
    /// [`Error::Timestamp`](crate::backend::Error::Timestamp) if the profile's format cannot hold the
    /// timestamp.
    pub fn recovery_writes(
        &self,
        table: &TableName,
        recovery: &Recovery,
    ) -> Result<Vec<ParameterWrite>> {
        let writes = self.restoring(table, recovery)?;
        Ok(writes.into_iter().map(|(write, _)| write).collect())
    }

    /// Makes the writes of `recovery`, the timestamp first, and records them in the journal.
    ///
    /// # Errors
    /// [`Error::Interfered`](crate::backend::Error::Interfered) if a value has moved since it was judged,
    /// [`Error::ReadOnly`](crate::backend::Error::ReadOnly),
    /// [`Error::Unavailable`](crate::backend::Error::Unavailable).
    pub async fn recover(&self, table: &TableName, recovery: &Recovery) -> Result<()> {
        let sentence = recovery.sentence();
        tracing::info!(%table, recovery = %sentence, "recovering");
        let purpose = Purpose {
            table,
            act: Act::Recover,
            reason: &recovery.why,
        };
        for (write, by) in self.restoring(table, recovery)? {
            self.write_noted(purpose, &write, by).await?;
        }
        Ok(())
    }

    /// The writes of `recovery`, each with the author in whose name it is made.
    fn restoring<'a>(
        &self,
        table: &TableName,
        recovery: &'a Recovery,
    ) -> Result<Vec<(ParameterWrite, &'a Provenance)>> {
        let mut writes = Vec::new();
        if let Some(timestamp) = &recovery.timestamp {
            let before = &recovery.before.timestamp;
            let after = self.timestamp_text(table, &before.name, timestamp.value)?;
            writes.push((before.write(after), &timestamp.by));
        }
        if let Some(id) = &recovery.sequence_id {
            let after = id.value.to_string();
            writes.push((recovery.before.sequence_id.write(after), &id.by));
        }
        Ok(writes)
    }
}
