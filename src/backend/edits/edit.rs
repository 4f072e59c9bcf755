//! Changing the two values on purpose: planned, shown, then applied if nothing has moved since.

use super::{Consequence, EditError};
use crate::backend::journal::Act;
use crate::backend::stored::{ParameterWrite, Purpose, Slot};
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{SequenceId, TableName, Version, Watermark};

/// A change, as an operator requests it; a value that is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub table: TableName,
    pub timestamp: Option<Watermark>,
    pub sequence_id: Option<SequenceId>,
    /// Why it is made, for the parameter's Description and the journal. Never empty.
    pub reason: String,
    /// Allows a sequence id that is not exactly one more than the stored one. Also allows the stored one
    /// itself, which is written once more, so that its newest version is an edit.
    pub force: bool,
}

/// The exact writes of an edit, with what was stored when they were planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditPlan {
    pub table: TableName,
    /// `None` if the timestamp stays; likewise for the sequence id. At least one of them is written.
    pub timestamp: Option<ParameterWrite>,
    pub sequence_id: Option<ParameterWrite>,
    pub reason: String,
    /// What a new timestamp means for the rows; `None` if the timestamp stays.
    pub consequence: Option<Consequence>,
}

impl EditPlan {
    /// The writes, in order.
    pub fn writes(&self) -> impl Iterator<Item = &ParameterWrite> {
        self.timestamp.iter().chain(&self.sequence_id)
    }

    /// Whether rows may never be written once it is applied.
    #[must_use]
    pub const fn may_lose_rows(&self) -> bool {
        matches!(
            self.consequence,
            Some(
                Consequence::Skips(1..)
                    | Consequence::Outruns(_)
                    | Consequence::Overtakes(_)
                    | Consequence::Unknown
            )
        )
    }

    /// Whether it stores a sequence id that does not follow the stored one.
    #[must_use]
    pub fn is_out_of_turn(&self) -> bool {
        self.sequence_id.as_ref().is_some_and(|write| {
            let stored = write.spelled_before().and_then(|text| text.parse().ok());
            write.after != SequenceId::following(stored).to_string()
        })
    }
}

impl Backend {
    /// Validates an edit and says exactly what it would write, and what that means for the rows.
    ///
    /// # Errors
    /// [`Error::Edit`] for an edit without a reason or without a change,
    /// [`Error::SequenceGap`] for a sequence id that needs `force`, [`Error::Timestamp`] for a
    /// timestamp that the profile's format cannot hold, [`Error::Unavailable`], …
    pub async fn plan_edit(&self, edit: &Edit) -> Result<EditPlan> {
        if edit.reason.trim().is_empty() {
            let doing = "an edit";
            return Err(EditError::NoReason { doing }.into());
        }
        let table = &edit.table;
        let stored = self.values(table).await?;
        let timestamp = match edit.timestamp {
            Some(at) => {
                let after = self.timestamp_text(table, &stored.timestamp.name, at)?;
                stored.timestamp.change(after)
            }
            None => None,
        };
        let sequence_id = match edit.sequence_id {
            Some(given) => renumbered(edit, &stored.sequence_id, given)?,
            None => None,
        };
        if timestamp.is_none() && sequence_id.is_none() {
            let table = table.clone();
            return Err(EditError::NothingChanges { table }.into());
        }
        self.edit_plan(table, (timestamp, sequence_id), &edit.reason)
            .await
    }

    /// Applies the writes of a plan, and records them in the journal. The values are read again first: if
    /// anything has moved since the plan was made, nothing is written.
    ///
    /// # Errors
    /// [`Error::Interfered`] if a value has moved, [`Error::ReadOnly`], [`Error::Unavailable`];
    /// [`Error::HalfWritten`] with one of these as its cause if the first of two values was written.
    pub async fn apply_edit(&self, plan: &EditPlan) -> Result<()> {
        let table = &plan.table;
        self.refuse_read_only(&format!("editing {table}"))?;
        let writes: Vec<_> = plan.writes().collect();
        let writes = self.edited_by(writes, &plan.reason).await;
        let now = self.values(table).await?;
        refuse_moved(table, &now.timestamp, plan.timestamp.as_ref())?;
        refuse_moved(table, &now.sequence_id, plan.sequence_id.as_ref())?;
        let purpose = Purpose {
            table,
            act: Act::Edit,
            reason: &plan.reason,
        };
        self.write_all(purpose, writes).await
    }

    /// The plan for these writes of the timestamp and the sequence id.
    pub(super) async fn edit_plan(
        &self,
        table: &TableName,
        (timestamp, sequence_id): (Option<ParameterWrite>, Option<ParameterWrite>),
        reason: &str,
    ) -> Result<EditPlan> {
        if timestamp.is_some() && self.is_whole(table) {
            let table = table.clone();
            return Err(EditError::WrittenWhole { table }.into());
        }
        let consequence = match &timestamp {
            Some(write) => Some(self.consequence_of(table, write).await?),
            None => None,
        };
        Ok(EditPlan {
            table: table.clone(),
            timestamp,
            sequence_id,
            reason: reason.trim().to_owned(),
            consequence,
        })
    }
}

/// The write of a sequence id; `None` if it is stored already and the edit is not forced.
///
/// # Errors
/// [`Error::Edit`] for a number that cannot be used, [`Error::SequenceGap`] for a number that needs `force`
/// if that was not given.
fn renumbered(
    edit: &Edit,
    slot: &Slot<SequenceId>,
    given: SequenceId,
) -> Result<Option<ParameterWrite>> {
    given.usable().map_err(EditError::from)?;
    if edit.force {
        return Ok(Some(slot.write(given.to_string())));
    }
    let stored = slot.value;
    if given != SequenceId::following(stored) && Some(given) != stored {
        return Err(Error::SequenceGap {
            table: edit.table.clone(),
            parameter: slot.name.clone(),
            stored,
            given,
        });
    }
    Ok(slot.change(given.to_string()))
}

/// # Errors
/// [`Error::Interfered`] if the value to be overwritten is no longer there.
fn refuse_moved<T: Copy>(
    table: &TableName,
    now: &Slot<T>,
    write: Option<&ParameterWrite>,
) -> Result<()> {
    let Some(write) = write else { return Ok(()) };
    let read: Option<Version> = write.version();
    if now.version() == read {
        return Ok(());
    }
    Err(Error::Interfered {
        table: table.clone(),
        parameter: now.name.clone(),
        read,
        now: now.spelled().map(str::to_owned),
    })
}
