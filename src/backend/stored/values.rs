//! The two stored values as spelled in the store, readable or not.

use super::{ParameterWrite, Recorded, Stored};
use crate::backend::parameters::Parameter;
use crate::backend::{Backend, Result};
use crate::vocabulary::{ParameterName, SequenceId, TableName, Version, Watermark};

/// A parameter and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Slot<T> {
    pub name: ParameterName,
    /// `None` if nothing is stored.
    pub held: Option<Parameter>,
    /// The value it stands for; also `None` if that cannot be read.
    pub value: Option<T>,
}

/// Both parameters of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backend) struct Values {
    pub timestamp: Slot<Watermark>,
    pub sequence_id: Slot<SequenceId>,
}

impl<T: Copy> Slot<T> {
    fn of(name: &ParameterName, recorded: Option<&Recorded<T>>) -> Self {
        Self {
            name: name.clone(),
            held: recorded.map(|recorded| Parameter {
                value: recorded.text.clone(),
                version: recorded.version,
            }),
            value: recorded.map(|recorded| recorded.value),
        }
    }

    fn read(
        name: ParameterName,
        held: Option<Parameter>,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Self {
        Self {
            name,
            value: held.as_ref().and_then(|held| read(&held.value)),
            held,
        }
    }

    /// The version of the stored value.
    pub fn version(&self) -> Option<Version> {
        self.held.as_ref().map(|held| held.version)
    }

    /// The stored value exactly as spelled.
    pub fn spelled(&self) -> Option<&str> {
        self.held.as_ref().map(|held| held.value.as_str())
    }

    /// Whether it holds something that cannot be read as a `T`.
    pub const fn is_unreadable(&self) -> bool {
        self.held.is_some() && self.value.is_none()
    }

    /// The write of `after`, even if the value is the same.
    pub fn write(&self, after: String) -> ParameterWrite {
        ParameterWrite {
            name: self.name.clone(),
            before: self.held.clone(),
            after,
        }
    }

    /// The write that changes the value to `after`; `None` if that is already stored.
    pub fn change(&self, after: String) -> Option<ParameterWrite> {
        (self.spelled() != Some(after.as_str())).then(|| self.write(after))
    }
}

impl Values {
    /// Both values as they were read.
    pub fn of(stored: &Stored) -> Self {
        Self {
            timestamp: Slot::of(&stored.timestamp_name, stored.timestamp.as_ref()),
            sequence_id: Slot::of(&stored.sequence_name, stored.sequence_id.as_ref()),
        }
    }
}

impl Backend {
    /// Returns both parameters of `table`, even if they cannot be read as values.
    pub(in crate::backend) async fn values(&self, table: &TableName) -> Result<Values> {
        let timestamp = self.profile().timestamp_parameter(table)?;
        let sequence_id = self.profile().sequence_parameter(table)?;
        let names = [timestamp.clone(), sequence_id.clone()];
        let mut found = self.inner.parameters.get(&names).await?.into_iter();
        let mut next = || found.next().flatten();
        Ok(Values {
            timestamp: Slot::read(timestamp, next(), |text| self.timestamp_of(text)),
            sequence_id: Slot::read(sequence_id, next(), |text| text.parse().ok()),
        })
    }
}
