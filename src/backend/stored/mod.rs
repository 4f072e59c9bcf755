//! The two stored values of a table: reading them, and writing them one at a time.
//!
//! These are four of the seven core operations.

mod checked_write;
mod collision;
mod parameter_write;
mod reading;
mod values;

use super::parameters::Parameter;
use super::provenance::Provenance;
use super::{Backend, Error, Result};
use crate::vocabulary::{ParameterName, SequenceId, TableName, Version, Watermark};

pub use parameter_write::ParameterWrite;
pub(super) use parameter_write::Purpose;
pub(super) use values::{Slot, Values};

/// A stored value with the version it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded<T> {
    pub value: T,
    pub version: Version,
    /// The value as spelled in the store.
    pub text: String,
}

/// The names and values of a table's two parameters; a value that is not recorded is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub timestamp_name: ParameterName,
    pub timestamp: Option<Recorded<Watermark>>,
    pub sequence_name: ParameterName,
    pub sequence_id: Option<Recorded<SequenceId>>,
}

impl Stored {
    /// The versions of the timestamp and the sequence id.
    pub(super) fn versions(&self) -> [Option<Version>; 2] {
        [
            self.timestamp.as_ref().map(|at| at.version),
            self.sequence_id.as_ref().map(|id| id.version),
        ]
    }
}

impl Backend {
    /// Returns the stored watermark of `table`.
    ///
    /// # Errors
    /// [`Error::NotRecorded`] if there is no parameter for the table, [`Error::Timestamp`] if it holds no
    /// timestamp, [`Error::Unavailable`] if the store cannot be reached, [`Error::Denied`] if it refuses.
    pub async fn get_timestamp(&self, table: &TableName) -> Result<Watermark> {
        let name = self.profile().timestamp_parameter(table)?;
        let parameter = self.parameter(table, &name).await?;
        self.read_timestamp(table, &name, parameter)
            .map(|recorded| recorded.value)
    }

    /// Stores the watermark of `table` in the profile's format, whatever is stored now, and returns its
    /// version.
    ///
    /// # Errors
    /// [`Error::Timestamp`] if the format would lose precision, [`Error::Interfered`] if somebody else
    /// wrote at the same moment, [`Error::Unavailable`] if the store cannot be reached, [`Error::Denied`]
    /// if it refuses, [`Error::ReadOnly`] if the profile is read-only.
    pub async fn write_timestamp(
        &self,
        table: &TableName,
        timestamp: Watermark,
        by: &Provenance,
    ) -> Result<Version> {
        let name = self.profile().timestamp_parameter(table)?;
        let read = self
            .inner
            .parameters
            .get(std::slice::from_ref(&name))
            .await?;
        let version = read.into_iter().flatten().next().map(|found| found.version);
        self.write_timestamp_after(table, timestamp, version, by)
            .await
    }

    /// [`Self::write_timestamp`] for a writer that has already read version `read` (`None` if there was
    /// none) and must know whether anybody has written since.
    ///
    /// # Errors
    /// As [`Self::write_timestamp`].
    pub async fn write_timestamp_after(
        &self,
        table: &TableName,
        timestamp: Watermark,
        read: Option<Version>,
        by: &Provenance,
    ) -> Result<Version> {
        let name = self.profile().timestamp_parameter(table)?;
        let text = self.timestamp_text(table, &name, timestamp)?;
        self.write_after(table, &name, &text, read, by).await
    }

    /// Returns the stored sequence id of `table`.
    ///
    /// # Errors
    /// [`Error::NotRecorded`] if there is no parameter for the table, [`Error::SequenceUnreadable`] if it
    /// holds no number, [`Error::Unavailable`] if the store cannot be reached, [`Error::Denied`] if it
    /// refuses.
    pub async fn get_seq_id(&self, table: &TableName) -> Result<SequenceId> {
        self.recorded_seq_id(table)
            .await
            .map(|recorded| recorded.value)
    }

    /// Stores the sequence id of `table` only if it is exactly one more than the stored one, or the first
    /// one if nothing is stored, and returns its version.
    ///
    /// # Errors
    /// [`Error::SequenceGap`] if it is any other number, [`Error::NotRecorded`] if nothing is stored and
    /// it is not the first, [`Error::SequenceUnreadable`] if what is stored is not a number,
    /// [`Error::Interfered`] if somebody else wrote at the same moment, [`Error::Unavailable`] if the
    /// store cannot be reached, [`Error::Denied`] if it refuses, [`Error::ReadOnly`] if the profile is
    /// read-only.
    pub async fn write_seq_id(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        by: &Provenance,
    ) -> Result<Version> {
        let name = self.profile().sequence_parameter(table)?;
        let text = sequence_id.to_string();
        let stored = match self.recorded_seq_id(table).await {
            Ok(recorded) => recorded,
            Err(Error::NotRecorded { .. }) if sequence_id == SequenceId::FIRST => {
                return self.write_after(table, &name, &text, None, by).await;
            }
            Err(error) => return Err(error),
        };
        if sequence_id != stored.value.next() {
            return Err(Error::SequenceGap {
                table: table.clone(),
                parameter: name,
                stored: Some(stored.value),
                given: sequence_id,
            });
        }
        self.write_after(table, &name, &text, Some(stored.version), by)
            .await
    }

    async fn recorded_seq_id(&self, table: &TableName) -> Result<Recorded<SequenceId>> {
        let name = self.profile().sequence_parameter(table)?;
        let parameter = self.parameter(table, &name).await?;
        read_sequence(table, &name, parameter)
    }

    async fn parameter(&self, table: &TableName, name: &ParameterName) -> Result<Parameter> {
        let found = self
            .inner
            .parameters
            .get(std::slice::from_ref(name))
            .await?
            .pop()
            .flatten();
        found.ok_or_else(|| Error::NotRecorded {
            table: table.clone(),
            parameter: name.clone(),
        })
    }

    fn read_timestamp(
        &self,
        table: &TableName,
        name: &ParameterName,
        found: Parameter,
    ) -> Result<Recorded<Watermark>> {
        match self.profile().spelling().read(&found.value) {
            Ok(value) => Ok(Recorded {
                value,
                version: found.version,
                text: found.value,
            }),
            Err(cause) => Err(Error::Timestamp {
                table: table.clone(),
                parameter: name.clone(),
                cause,
            }),
        }
    }

    /// Returns the text that would be stored for a timestamp of `table`.
    pub(super) fn timestamp_text(
        &self,
        table: &TableName,
        name: &ParameterName,
        at: Watermark,
    ) -> Result<String> {
        let text = self.profile().spelling().write(at);
        text.map_err(|cause| Error::Timestamp {
            table: table.clone(),
            parameter: name.clone(),
            cause,
        })
    }
}

fn read_sequence(
    table: &TableName,
    name: &ParameterName,
    found: Parameter,
) -> Result<Recorded<SequenceId>> {
    match found.value.parse() {
        Ok(value) => Ok(Recorded {
            value,
            version: found.version,
            text: found.value,
        }),
        Err(_) => Err(Error::SequenceUnreadable {
            table: table.clone(),
            parameter: name.clone(),
            value: found.value,
        }),
    }
}
