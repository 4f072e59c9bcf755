//! Who wrote what, version by version.

use serde::Serialize;

use crate::backend::authorship::Writers;
use crate::backend::parameters::ParameterVersion;
use crate::backend::provenance::{Origin, Provenance};
use crate::backend::{Backend, Result};
use crate::vocabulary::{ParameterName, TableName, Version, Watermark};

/// Which of the two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    Timestamp,
    SequenceId,
}

/// One version of one of a table's parameters; the shape of `highwater params history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    pub table: TableName,
    pub parameter: ParameterName,
    /// Which of the two values it belongs to.
    #[serde(skip)]
    pub which: Which,
    pub version: Version,
    pub value: String,
    pub written_at: Watermark,
    pub written_by: String,
    pub origin: Origin,
    pub description: String,
    /// Who decided it: the author in its Description, unless the store only kept that when somebody else
    /// wrote.
    #[serde(skip)]
    pub by: Provenance,
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
            let mut versions = self.inner.parameters.history(&name).await?;
            versions.sort_by_key(|version| version.version);
            let mut writers = Writers::default();
            entries.extend(versions.into_iter().map(|version| {
                let by = writer(&mut writers, which, &version);
                entry(table, (which, &name), version, by)
            }));
        }
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.written_at, entry.version)));
        Ok(entries)
    }
}

/// Returns who wrote the next version after those that `writers` has seen. A run stores the number of its
/// object, and nothing else.
fn writer(writers: &mut Writers<String>, which: Which, version: &ParameterVersion) -> Provenance {
    let by = Provenance::from_description(&version.description);
    let by = writers.of_next(by, version.value.clone());
    match (which, &by) {
        (Which::SequenceId, Provenance::Run { sequence_id, .. })
            if version.value != sequence_id.to_string() =>
        {
            Provenance::Other
        }
        _ => by,
    }
}

fn entry(
    table: &TableName,
    (which, parameter): (Which, &ParameterName),
    version: ParameterVersion,
    by: Provenance,
) -> HistoryEntry {
    HistoryEntry {
        table: table.clone(),
        parameter: parameter.clone(),
        which,
        version: version.version,
        value: version.value,
        written_at: Watermark::from(version.written_at),
        written_by: version.written_by,
        origin: by.origin(),
        description: version.description,
        by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The origins of these values of `which`, each written under its Description, oldest first.
    fn origins(which: Which, writes: &[(&str, &str)]) -> Vec<Origin> {
        let mut known = Writers::default();
        let versions = writes
            .iter()
            .zip(1..)
            .map(|((value, description), number)| {
                let version = ParameterVersion {
                    version: Version(number),
                    value: (*value).to_owned(),
                    description: (*description).to_owned(),
                    written_at: chrono::DateTime::UNIX_EPOCH,
                    written_by: "ada".to_owned(),
                };
                writer(&mut known, which, &version).origin()
            });
        versions.collect()
    }

    #[test]
    fn a_description_that_the_store_kept_over_another_value_is_not_its_authors() {
        let first = "highwater run=00000000-0000-4000-8000-000000000001 seq=1";
        let second = "highwater run=00000000-0000-4000-8000-000000000001 seq=2";
        let numbers = [("1", first), ("7", first), ("2", second), ("seven", second)];
        let (run, other) = (Origin::Run, Origin::Other);
        let expected = [run, other, run, other];
        assert_eq!(origins(Which::SequenceId, &numbers), expected);
        let times = [("t1", first), ("t0", first), ("t2", second), ("t2", second)];
        let expected = [run, other, run, run];
        assert_eq!(origins(Which::Timestamp, &times), expected);
        let edit = "highwater edit by=ada: late corrections";
        let times = [("t1", first), ("t0", edit), ("t3", edit), ("t3", "")];
        let expected = [run, Origin::Edit, other, other];
        assert_eq!(origins(Which::Timestamp, &times), expected);
    }
}
