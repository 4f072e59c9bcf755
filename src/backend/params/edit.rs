//! Changing the two values on purpose: planned, shown, then applied if nothing has moved since.

use serde::Serialize;

use super::HistoryEntry;
use crate::backend::advice::command_on;
use crate::backend::journal::{Act, Change};
use crate::backend::provenance::Origin;
use crate::backend::{Backend, Error, Result};
use crate::vocabulary::{ParameterName, SequenceId, TableName, Version, Watermark};

/// Which of the two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    Timestamp,
    SequenceId,
}

/// A change that an operator asks for; a value that is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub table: TableName,
    pub timestamp: Option<Watermark>,
    pub sequence_id: Option<SequenceId>,
    /// Why; goes into the parameter's Description and the journal. Never empty.
    pub reason: String,
    /// Allows a sequence id that is not exactly one more than the stored one, and one that is stored
    /// already, which is written once more: its newest version is an edit then.
    pub force: bool,
}

/// A return to an older version that an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revert {
    pub table: TableName,
    pub version: Version,
    /// `None`: the timestamp, and the sequence id where its newest version is an edit.
    pub which: Option<Which>,
    pub reason: String,
}

/// The exact writes of an edit, with what was there when they were planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditPlan {
    pub table: TableName,
    pub writes: Vec<PlannedWrite>,
    pub reason: String,
    /// What a new timestamp means for the rows; `None` if the timestamp stays.
    pub consequence: Option<Consequence>,
}

impl EditPlan {
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
        let mut numbers = self
            .writes
            .iter()
            .filter(|write| write.which == Which::SequenceId);
        numbers.any(|write| {
            let stored = write.before.as_ref().and_then(|text| text.parse().ok());
            let next = stored.map_or(SequenceId::FIRST, SequenceId::next);
            write.after != next.to_string()
        })
    }
}

/// One write of an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedWrite {
    pub which: Which,
    pub parameter: ParameterName,
    /// The version that is there; `None` if the parameter will be created.
    pub version: Option<Version>,
    pub before: Option<String>,
    pub after: String,
}

/// What moving the watermark does to rows, counted in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// The watermark goes back: this many rows will be written again.
    ReIngests(u64),
    /// The watermark goes forward over this many rows: what no object holds of them is never written.
    Skips(u64),
    /// The watermark goes beyond the database's clock: neither this many rows will ever be written, nor any
    /// that comes until then.
    Outruns(u64),
    /// The watermark goes forward to the horizon or beyond: neither this many rows will ever be written, nor
    /// those that open transactions still add before it.
    Overtakes(u64),
    /// No row lies between the old and the new value.
    Nothing,
    /// The old value cannot be read, so that nothing tells which rows lie between.
    Unknown,
}

impl Backend {
    /// Validates an edit and says exactly what it would write, and what that means for the rows.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an edit without a reason or without a change,
    /// [`Error::SequenceGap`] for a sequence id that needs `force`, [`Error::Timestamp`] for a
    /// timestamp that the profile's format cannot hold, [`Error::Unavailable`], …
    pub async fn plan_edit(&self, edit: &Edit) -> Result<EditPlan> {
        if edit.reason.trim().is_empty() {
            return Err(Error::Invalid(
                "an edit needs a reason: it is kept with the value and in the journal".to_owned(),
            ));
        }
        let stored = self.stored_as_text(&edit.table).await?;
        let mut writes = Vec::new();
        if let Some(timestamp) = edit.timestamp {
            let after = self.timestamp_text(&edit.table, &stored.timestamp.0, timestamp)?;
            writes.extend(stored.write(Which::Timestamp, after));
        }
        if let Some(sequence_id) = edit.sequence_id {
            let usable = sequence_id.usable();
            usable.map_err(|error| Error::Invalid(error.to_string()))?;
            stored.check_sequence(edit, sequence_id)?;
            let after = sequence_id.to_string();
            let write = stored.write(Which::SequenceId, after.clone());
            let again = || stored.written(Which::SequenceId, after);
            writes.extend(write.or_else(|| edit.force.then(again)));
        }
        if writes.is_empty() {
            return Err(Error::Invalid(format!(
                "{}: nothing would change: both values are what they are to be",
                edit.table
            )));
        }
        self.edit_plan(&edit.table, writes, edit.reason.trim())
            .await
    }

    /// Says exactly what going back to an older version would write.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there is no such version any more or nothing would change,
    /// [`Error::Unavailable`], …
    pub async fn plan_revert(&self, revert: &Revert) -> Result<EditPlan> {
        if revert.reason.trim().is_empty() {
            return Err(Error::Invalid(
                "a revert needs a reason: it is kept with the value and in the journal".to_owned(),
            ));
        }
        let table = &revert.table;
        let stored = self.stored_as_text(table).await?;
        let history = self.history(table).await?;
        let mut writes = Vec::new();
        for which in [Which::Timestamp, Which::SequenceId] {
            let name = stored.name(which);
            let mut versions = history.iter().filter(|entry| entry.parameter == *name);
            let edited = versions
                .clone()
                .next()
                .is_some_and(|newest| newest.origin == Origin::Edit);
            let meant = revert
                .which
                .map_or(which == Which::Timestamp || edited, |one| one == which);
            if let Some(entry) = versions
                .find(|entry| entry.version == revert.version)
                .filter(|_| meant)
            {
                self.check_readable(table, which, entry)?;
                writes.extend(stored.write(which, entry.value.clone()));
            }
        }
        if writes.is_empty() {
            return Err(Error::Invalid(format!(
                "{table}: there is no version {} to go back to that differs from what is stored; {} lists them",
                revert.version,
                command_on(table, "params history")
            )));
        }
        self.edit_plan(table, writes, revert.reason.trim()).await
    }

    /// # Errors
    /// [`Error::Invalid`] for a version at which the table would stop.
    fn check_readable(&self, table: &TableName, which: Which, entry: &HistoryEntry) -> Result<()> {
        let what = match which {
            Which::Timestamp if self.profile().spelling().read(&entry.value).is_err() => {
                "timestamp"
            }
            Which::SequenceId if entry.value.parse::<SequenceId>().is_err() => "sequence id",
            _ => return Ok(()),
        };
        Err(Error::Invalid(format!(
            "version {} of {} is {:?}, no {what}, and the table would stop there; {} lists the others",
            entry.version,
            entry.parameter,
            entry.value,
            command_on(table, "params history")
        )))
    }

    /// Applies the writes of a plan, and notes them in the journal. The values are read again
    /// first: if anything has moved since the plan was made, nothing is written.
    ///
    /// # Errors
    /// [`Error::Interfered`] where a value has moved, [`Error::ReadOnly`], [`Error::Unavailable`];
    /// [`Error::HalfWritten`] with one of them where the first of two was written.
    pub async fn apply_edit(&self, plan: &EditPlan) -> Result<()> {
        self.refuse_read_only(&format!("editing {}", plan.table))?;
        let mut writes = Vec::new();
        for write in &plan.writes {
            let by = self.editor(&write.parameter, &write.after, &plan.reason);
            writes.push((write, by.await));
        }
        let now = self.stored_as_text(&plan.table).await?;
        for write in &plan.writes {
            let found = now.value(write.which);
            if found.map(|(_, version)| version) != write.version {
                return Err(Error::Interfered {
                    table: plan.table.clone(),
                    parameter: write.parameter.clone(),
                    read: write.version,
                    now: found.map(|(text, _)| text.to_owned()),
                });
            }
        }
        let table = &plan.table;
        let mut written = Vec::new();
        for (write, by) in writes {
            let (name, after) = (&write.parameter, &write.after);
            let put = self.write_after(table, name, after, write.version, &by);
            if let Err(error) = put.await {
                return Err(error.after(table, written));
            }
            written.push(name.to_string());
            self.record(change(plan, write)).await;
        }
        Ok(())
    }

    async fn edit_plan(
        &self,
        table: &TableName,
        writes: Vec<PlannedWrite>,
        reason: &str,
    ) -> Result<EditPlan> {
        let moved = writes.iter().find(|write| write.which == Which::Timestamp);
        if moved.is_some() && self.is_whole(table) {
            return Err(Error::Invalid(format!(
                "{table} is written whole by every run (mode = \"snapshot\"): no timestamp counts for it"
            )));
        }
        let consequence = match moved {
            Some(write) => Some(self.consequence_of(table, write).await?),
            None => None,
        };
        Ok(EditPlan {
            table: table.clone(),
            writes,
            reason: reason.to_owned(),
            consequence,
        })
    }

    /// What a write of the timestamp does to the rows.
    async fn consequence_of(&self, table: &TableName, write: &PlannedWrite) -> Result<Consequence> {
        let spelling = self.profile().spelling();
        let before = write.before.as_deref().map(|text| spelling.read(text));
        match (before.transpose(), spelling.read(&write.after)) {
            (Ok(before), Ok(after)) => self.consequence(table, before, after).await,
            _ => Ok(Consequence::Unknown),
        }
    }

    /// What moving the watermark from `before` (`None`: from the beginning) to `after` does to the
    /// rows in between.
    async fn consequence(
        &self,
        table: &TableName,
        before: Option<Watermark>,
        after: Watermark,
    ) -> Result<Consequence> {
        let back = before.is_some_and(|before| after < before);
        let (low, high) = if back {
            (Some(after), before.unwrap_or(after))
        } else {
            (before, after)
        };
        if low == Some(high) {
            return Ok(Consequence::Nothing);
        }
        let (horizon, snapshot) = self.snapshot_below_horizon(table).await?;
        let rows = snapshot.count(low, high.successor()).await?;
        snapshot.close().await;
        let is_past = horizon.at.is_none_or(|horizon| horizon <= after);
        Ok(match rows.map_or(0, |cut| cut.rows) {
            rows if after > horizon.clock => Consequence::Outruns(if back { 0 } else { rows }),
            rows if is_past && !back => Consequence::Overtakes(rows),
            0 => Consequence::Nothing,
            rows if back => Consequence::ReIngests(rows),
            rows => Consequence::Skips(rows),
        })
    }

    /// Both values as text: an edit must be able to mend a value that cannot be read.
    async fn stored_as_text(&self, table: &TableName) -> Result<StoredText> {
        let timestamp = self.profile().timestamp_parameter(table)?;
        let sequence_id = self.profile().sequence_parameter(table)?;
        let names = [timestamp.clone(), sequence_id.clone()];
        let mut values = self.inner.parameters.get(&names).await?.into_iter();
        let mut next = || {
            values
                .next()
                .flatten()
                .map(|parameter| (parameter.value, parameter.version))
        };
        Ok(StoredText {
            timestamp: (timestamp, next()),
            sequence_id: (sequence_id, next()),
        })
    }
}

/// Names, texts and versions of both values.
struct StoredText {
    timestamp: (ParameterName, Option<(String, Version)>),
    sequence_id: (ParameterName, Option<(String, Version)>),
}

impl StoredText {
    const fn name(&self, which: Which) -> &ParameterName {
        match which {
            Which::Timestamp => &self.timestamp.0,
            Which::SequenceId => &self.sequence_id.0,
        }
    }

    fn value(&self, which: Which) -> Option<(&str, Version)> {
        let value = match which {
            Which::Timestamp => &self.timestamp.1,
            Which::SequenceId => &self.sequence_id.1,
        };
        value
            .as_ref()
            .map(|(text, version)| (text.as_str(), *version))
    }

    /// The write that makes a value `after`; `None` if it is that already.
    fn write(&self, which: Which, after: String) -> Option<PlannedWrite> {
        let value = self.value(which);
        let is_new = value.map(|(text, _)| text) != Some(after.as_str());
        is_new.then(|| self.written(which, after))
    }

    /// The write of `after`, also over a value that is the same.
    fn written(&self, which: Which, after: String) -> PlannedWrite {
        let value = self.value(which);
        PlannedWrite {
            which,
            parameter: self.name(which).clone(),
            version: value.map(|(_, version)| version),
            before: value.map(|(text, _)| text.to_owned()),
            after,
        }
    }

    /// # Errors
    /// [`Error::SequenceGap`] where the number needs `force`, which was not given.
    fn check_sequence(&self, edit: &Edit, given: SequenceId) -> Result<()> {
        let stored = self
            .value(Which::SequenceId)
            .and_then(|(text, _)| text.parse::<SequenceId>().ok());
        let next = stored.map_or(SequenceId::FIRST, SequenceId::next);
        if edit.force || given == next || Some(given) == stored {
            return Ok(());
        }
        Err(Error::SequenceGap {
            table: edit.table.clone(),
            parameter: self.sequence_id.0.clone(),
            stored,
            given,
        })
    }
}

fn change(plan: &EditPlan, write: &PlannedWrite) -> Change {
    Change {
        table: plan.table.clone(),
        action: Act::Edit,
        what: write.parameter.to_string(),
        before: write.before.clone(),
        after: write.after.clone(),
        reason: plan.reason.clone(),
    }
}
