//! The writes that bring the two values where the objects say they belong.

use serde::Serialize;

use super::seen::Numbered;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::journal::{Act, Change};
use crate::backend::provenance::Provenance;
use crate::backend::stored::{Recorded, Stored};
use crate::backend::{Backend, Result};
use crate::vocabulary::{ObjectKey, ParameterName, SequenceId, TableName, Version, Watermark};

/// Writes that may be done without asking: nothing can be lost or repeated by them.
///
/// They are made in the name of the run that did not finish them, so that doing them twice, or while that
/// run is still working, comes to the same as doing them once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Why, in half a sentence.
    why: String,
    /// The object that the values are to point at; `None` where it has been removed.
    object: Option<(SequenceId, ObjectKey)>,
    timestamp: Option<Restored<Watermark>>,
    sequence_id: Option<Restored<SequenceId>>,
    timestamp_before: Before,
    sequence_before: Before,
}

/// A value to be written, and in whose name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Restored<T> {
    value: T,
    by: Provenance,
}

/// What was there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Before {
    name: ParameterName,
    text: Option<String>,
    version: Option<Version>,
}

/// One write of a recovery, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoveryWrite {
    pub parameter: ParameterName,
    pub before: Option<String>,
    /// The version that is written over; `None` where nothing is there.
    pub version: Option<Version>,
    pub after: String,
}

impl Before {
    fn of<T>(name: &ParameterName, stored: Option<&Recorded<T>>) -> Self {
        Self {
            name: name.clone(),
            text: stored.map(|stored| stored.text.clone()),
            version: stored.map(|stored| stored.version),
        }
    }
}

impl Recovery {
    /// A recovery towards `object`, without a write so far.
    pub(super) fn new(stored: &Stored, object: &Numbered, why: String) -> Self {
        Self {
            object: Some((object.sequence_id, object.head.key.clone())),
            ..Self::without_object(stored, why)
        }
    }

    /// A recovery towards an object that has been removed, without a write so far.
    pub(super) fn without_object(stored: &Stored, why: String) -> Self {
        Self {
            why,
            object: None,
            timestamp: None,
            sequence_id: None,
            timestamp_before: Before::of(&stored.timestamp_name, stored.timestamp.as_ref()),
            sequence_before: Before::of(&stored.sequence_name, stored.sequence_id.as_ref()),
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

    /// The object that the values are to point at; `None` where it has been removed.
    #[must_use]
    pub const fn object(&self) -> Option<&(SequenceId, ObjectKey)> {
        self.object.as_ref()
    }

    /// One sentence: what was found, and what is written.
    #[must_use]
    pub fn sentence(&self) -> String {
        let change = |what: &str, before: &Before, after: &str| {
            let before = before.text.as_deref().unwrap_or("nothing");
            format!("{what} {before} → {after}")
        };
        let timestamp = self
            .timestamp()
            .map(|at| change("timestamp", &self.timestamp_before, &at.to_string()));
        let sequence_id = self
            .sequence_id()
            .map(|id| change("sequence id", &self.sequence_before, &id.to_string()));
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
    /// The exact writes of `recovery`.
    ///
    /// # Errors
    /// [`Error::Timestamp`](crate::backend::Error::Timestamp) where the profile's format cannot hold
    /// the timestamp.
    pub fn recovery_writes(
        &self,
        table: &TableName,
        recovery: &Recovery,
    ) -> Result<Vec<RecoveryWrite>> {
        let mut writes = Vec::new();
        if let Some(at) = recovery.timestamp() {
            let before = &recovery.timestamp_before;
            let after = self.timestamp_text(table, &before.name, at)?;
            writes.push(before.written(after));
        }
        if let Some(id) = recovery.sequence_id() {
            writes.push(recovery.sequence_before.written(id.to_string()));
        }
        Ok(writes)
    }

    /// Does the writes of `recovery`, the timestamp first, and notes them in the journal.
    ///
    /// # Errors
    /// [`Error::Interfered`](crate::backend::Error::Interfered) where a value has moved since it was
    /// judged, [`Error::ReadOnly`](crate::backend::Error::ReadOnly),
    /// [`Error::Unavailable`](crate::backend::Error::Unavailable).
    pub async fn recover(&self, table: &TableName, recovery: &Recovery) -> Result<()> {
        let sentence = recovery.sentence();
        tracing::info!(%table, recovery = %sentence, "recovering");
        if let Some(timestamp) = &recovery.timestamp {
            let before = &recovery.timestamp_before;
            let after = self.timestamp_text(table, &before.name, timestamp.value)?;
            self.restore(table, before, after, &timestamp.by, &recovery.why)
                .await?;
        }
        if let Some(id) = &recovery.sequence_id {
            let after = id.value.to_string();
            self.restore(
                table,
                &recovery.sequence_before,
                after,
                &id.by,
                &recovery.why,
            )
            .await?;
        }
        Ok(())
    }

    async fn restore(
        &self,
        table: &TableName,
        before: &Before,
        after: String,
        by: &Provenance,
        why: &str,
    ) -> Result<()> {
        self.write_after(table, &before.name, &after, before.version, by)
            .await?;
        self.record(Change {
            table: table.clone(),
            action: Act::Recover,
            what: before.name.to_string(),
            before: before.text.clone(),
            after,
            reason: why.to_owned(),
        })
        .await;
        Ok(())
    }
}

impl Before {
    fn written(&self, after: String) -> RecoveryWrite {
        RecoveryWrite {
            parameter: self.name.clone(),
            before: self.text.clone(),
            version: self.version,
            after,
        }
    }
}
