//! Why values are not changed.

use crate::backend::advice::command_on;
use crate::vocabulary::sequence::SequenceIdError;
use crate::vocabulary::{ParameterName, TableName, Version};

/// What is wrong with a requested change of the stored values.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("{doing} needs a reason, which is kept with the value and in the journal")]
    NoReason {
        /// `an edit` or `a revert`.
        doing: &'static str,
    },

    #[error("{table}: nothing would change: both values are already as asked for")]
    NothingChanges { table: TableName },

    #[error(
        "{table} is written in full by every run (mode = \"snapshot\"): its timestamp is not used"
    )]
    WrittenWhole { table: TableName },

    #[error(transparent)]
    Unusable(#[from] SequenceIdError),

    #[error(
        "{table}: there is no version {version} that differs from what is stored; {} lists all versions",
        command_on(table, "params history")
    )]
    NoSuchVersion { table: TableName, version: Version },

    #[error(
        "version {version} of {parameter} is {text:?}, which is not a {what} and would stop the table; {} lists the others",
        command_on(table, "params history")
    )]
    VersionUnreadable {
        table: TableName,
        parameter: ParameterName,
        version: Version,
        text: String,
        /// `timestamp` or `sequence id`.
        what: &'static str,
    },
}
