//! Who wrote what, version by version.

use serde::Serialize;

use super::Which;
use crate::backend::parameters::{ParameterName, ParameterVersion, Version};
use crate::backend::provenance::{Origin, Provenance};
use crate::backend::{Backend, Result, TableName, Watermark};

/// One version of one of a table's parameters; the shape of `highwater params history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    pub table: TableName,
    pub parameter: ParameterName,
    /// Which of the two values it is of.
    #[serde(skip)]
    pub which: Which,
    pub version: Version,
    pub value: String,
    pub written_at: Watermark,
    pub written_by: String,
    pub origin: Origin,
    pub description: String,
}

impl Backend {
    /// All versions of both parameters of `table` that the store still has, newest first.
    ///
    /// # Errors
    /// [`Unavailable`](crate::backend::Error::Unavailable) and
    /// [`Denied`](crate::backend::Error::Denied).
    pub async fn history(&self, table: &TableName) -> Result<Vec<HistoryEntry>> {
        let names = [
            (Which::Timestamp, self.profile().timestamp_parameter(table)?),
            (Which::SequenceId, self.profile().sequence_parameter(table)?),
        ];
        let mut entries = Vec::new();
        for (which, name) in names {
            let versions = self.inner.parameters.history(&name).await?;
            entries.extend(
                versions
                    .into_iter()
                    .map(|version| entry(table, (which, &name), version)),
            );
        }
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.written_at, entry.version)));
        Ok(entries)
    }
}

fn entry(
    table: &TableName,
    (which, parameter): (Which, &ParameterName),
    version: ParameterVersion,
) -> HistoryEntry {
    HistoryEntry {
        table: table.clone(),
        parameter: parameter.clone(),
        which,
        version: version.version,
        value: version.value,
        written_at: Watermark::from(version.written_at),
        written_by: version.written_by,
        origin: Provenance::from_description(&version.description).origin(),
        description: version.description,
    }
}
