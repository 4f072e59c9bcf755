//! Going back to an older version of the two values.

use super::{EditError, EditPlan, HistoryEntry, Which};
use crate::backend::provenance::Origin;
use crate::backend::stored::{ParameterWrite, Slot};
use crate::backend::{Backend, Result};
use crate::vocabulary::{SequenceId, TableName, Version};

/// A return to an older version, as an operator requests it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revert {
    pub table: TableName,
    pub version: Version,
    /// `None` means the timestamp, and also the sequence id if its newest version is an edit.
    pub which: Option<Which>,
    pub reason: String,
}

impl Backend {
    /// Says exactly what going back to an older version would write.
    ///
    /// # Errors
    /// [`EditError`] if there is no such version any more or nothing would change,
    /// [`Error::Unavailable`](crate::backend::Error::Unavailable), …
    pub async fn plan_revert(&self, revert: &Revert) -> Result<EditPlan> {
        if revert.reason.trim().is_empty() {
            let doing = "a revert";
            return Err(EditError::NoReason { doing }.into());
        }
        let table = &revert.table;
        let stored = self.values(table).await?;
        let history = self.history(table).await?;
        let timestamp = self.older(revert, &history, (Which::Timestamp, &stored.timestamp))?;
        let sequence_id = self.older(revert, &history, (Which::SequenceId, &stored.sequence_id))?;
        if timestamp.is_none() && sequence_id.is_none() {
            return Err(EditError::NoSuchVersion {
                table: table.clone(),
                version: revert.version,
            }
            .into());
        }
        self.edit_plan(table, (timestamp, sequence_id), &revert.reason)
            .await
    }

    /// The write that goes back to the version; `None` if this value is not meant, no longer has such a
    /// version, or is already the same.
    fn older<T: Copy>(
        &self,
        revert: &Revert,
        history: &[HistoryEntry],
        (which, slot): (Which, &Slot<T>),
    ) -> Result<Option<ParameterWrite>> {
        let mut versions = history.iter().filter(|entry| entry.which == which);
        let newest = versions.clone().next();
        let is_edit = newest.is_some_and(|newest| newest.origin == Origin::Edit);
        let is_meant = revert
            .which
            .map_or(which == Which::Timestamp || is_edit, |one| one == which);
        let older = versions.find(|entry| is_meant && entry.version == revert.version);
        let Some(older) = older else { return Ok(None) };
        self.refuse_unreadable(older)?;
        Ok(slot.change(older.value.clone()))
    }

    /// # Errors
    /// [`EditError::VersionUnreadable`] for a version that would stop the table.
    fn refuse_unreadable(&self, entry: &HistoryEntry) -> Result<(), EditError> {
        let text = &entry.value;
        let what = match entry.which {
            Which::Timestamp if self.profile().spelling().read(text).is_err() => "timestamp",
            Which::SequenceId if text.parse::<SequenceId>().is_err() => "sequence id",
            _ => return Ok(()),
        };
        Err(EditError::VersionUnreadable {
            table: entry.table.clone(),
            parameter: entry.parameter.clone(),
            version: entry.version,
            text: text.clone(),
            what,
        })
    }
}
