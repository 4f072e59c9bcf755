//! The two stored values as they are spelled, whether they can be read or not.

use crate::backend::parameters::Parameter;
use crate::backend::stored::{Recorded, Stored};
use crate::backend::{Backend, Result};
use crate::vocabulary::{ParameterName, SequenceId, TableName, Version, Watermark};

use super::diagnosis::Evidence;

/// One stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot<T> {
    pub name: ParameterName,
    /// As it is spelled, and its version; `None` where nothing is stored.
    pub text: Option<(String, Version)>,
    /// What it says; `None` also where it cannot be read.
    pub value: Option<T>,
}

/// Both values of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Values {
    pub timestamp: Slot<Watermark>,
    pub sequence_id: Slot<SequenceId>,
}

impl<T: Copy> Slot<T> {
    fn of(name: &ParameterName, recorded: Option<&Recorded<T>>) -> Self {
        Self {
            name: name.clone(),
            text: recorded.map(|recorded| (recorded.text.clone(), recorded.version)),
            value: recorded.map(|recorded| recorded.value),
        }
    }

    fn read(
        name: ParameterName,
        found: Option<Parameter>,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Self {
        Self {
            name,
            value: found.as_ref().and_then(|found| read(&found.value)),
            text: found.map(|found| (found.value, found.version)),
        }
    }

    pub fn version(&self) -> Option<Version> {
        self.text.as_ref().map(|(_, version)| *version)
    }

    pub fn spelled(&self) -> Option<&str> {
        self.text.as_ref().map(|(text, _)| text.as_str())
    }

    pub const fn is_unreadable(&self) -> bool {
        self.text.is_some() && self.value.is_none()
    }
}

impl Values {
    pub fn of(stored: &Stored) -> Self {
        Self {
            timestamp: Slot::of(&stored.timestamp_name, stored.timestamp.as_ref()),
            sequence_id: Slot::of(&stored.sequence_name, stored.sequence_id.as_ref()),
        }
    }

    pub fn evidence(&self) -> Evidence {
        Evidence::default()
            .with("timestamp", self.timestamp.spelled())
            .with("timestamp_version", self.timestamp.version())
            .with("sequence_id", self.sequence_id.spelled())
            .with("sequence_id_version", self.sequence_id.version())
    }
}

impl Backend {
    /// Both values of `table`, also where they cannot be read.
    pub(super) async fn values(&self, table: &TableName) -> Result<Values> {
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
