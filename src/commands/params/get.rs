//! `highwater params get`: both values with their versions.

use serde::Serialize;

use crate::backend::Backend;
use crate::backend::stored::Stored;
use crate::commands::error::CommandError;
use crate::commands::exit::Exit;
use crate::commands::invocation::Invocation;
use crate::commands::output::{Column, Record};
use crate::commands::session::Session;
use crate::commands::targets;
use crate::vocabulary::{SequenceId, TableName, Version, Watermark};

/// One table of `highwater params get --output json`; null stands for what is not recorded.
#[derive(Debug, Serialize)]
struct ParamsRecord {
    table: TableName,
    timestamp: Option<Watermark>,
    timestamp_version: Option<Version>,
    sequence_id: Option<SequenceId>,
    sequence_id_version: Option<Version>,
}

impl Record for ParamsRecord {
    const COLUMNS: &'static [Column] = &[
        Column::text("table", "TABLE"),
        Column::text("timestamp", "TIMESTAMP"),
        Column::count("timestamp_version", "VERSION"),
        Column::count("sequence_id", "SEQ ID"),
        Column::count("sequence_id_version", "VERSION"),
    ];
}

impl ParamsRecord {
    fn new(table: TableName, stored: Stored) -> Self {
        let (timestamp, sequence_id) = (stored.timestamp, stored.sequence_id);
        Self {
            table,
            timestamp_version: timestamp.as_ref().map(|recorded| recorded.version),
            timestamp: timestamp.map(|recorded| recorded.value),
            sequence_id_version: sequence_id.as_ref().map(|recorded| recorded.version),
            sequence_id: sequence_id.map(|recorded| recorded.value),
        }
    }
}

/// Prints both values. A value that is not recorded is printed as null, which is no failure; a value that cannot be
/// read is printed as null, and is a failure.
///
/// # Errors
/// [`CommandError::Backend`] if the table is unknown or a service fails.
pub(super) async fn run(
    session: &Session,
    invocation: &Invocation,
    table: &str,
) -> Result<Exit, CommandError> {
    let backend = session.backend(invocation).await?;
    let table = invocation
        .until_interrupted(targets::spelled(&backend, table))
        .await?;
    print(&backend, invocation, table).await
}

/// Prints what is stored now, also after an edit; reports values that cannot be read.
pub(super) async fn print(
    backend: &Backend,
    invocation: &Invocation,
    table: TableName,
) -> Result<Exit, CommandError> {
    let readable = backend.readable(&table);
    let (stored, unreadable) = invocation.until_interrupted(readable).await?;
    invocation
        .out
        .records(&[ParamsRecord::new(table, stored)])?;
    let errors: Vec<CommandError> = unreadable.into_iter().map(CommandError::from).collect();
    invocation.notes.errors(&errors);
    Ok(if errors.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::stored::Recorded;
    use crate::vocabulary::ParameterName;
    use serde_json::json;

    #[test]
    fn the_record_has_the_shape_of_the_contract_and_null_for_what_is_not_recorded() {
        let stored = Stored {
            timestamp_name: ParameterName::new("/t"),
            timestamp: None,
            sequence_name: ParameterName::new("/s"),
            sequence_id: Some(Recorded {
                value: SequenceId(101),
                version: Version(214),
                text: "101".to_owned(),
            }),
        };
        let record = ParamsRecord::new(TableName::parse("payment"), stored);
        let expected = json!({
            "table": "payment",
            "timestamp": null,
            "timestamp_version": null,
            "sequence_id": 101,
            "sequence_id_version": 214,
        });
        assert_eq!(serde_json::to_value(record).expect("JSON"), expected);
    }
}
