//! Why a name does not refer to a selected table.

use std::fmt;

use crate::vocabulary::TableName;

/// Why a name is not that of a selected table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unselected {
    /// There is no such table; this one was probably meant.
    Misspelled(TableName),
    /// A table that the profile leaves out.
    LeftOut,
    /// A partition of a table; its rows are ingested with that table.
    Partition,
    /// Something else with rows that is not read, such as a view.
    Other(&'static str),
}

impl fmt::Display for Unselected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misspelled(meant) => write!(f, "did you mean {meant}?"),
            Self::LeftOut => f.write_str("the profile leaves it out"),
            Self::Partition => {
                f.write_str("it is a partition, and its rows are those of its table")
            }
            Self::Other(kind) => write!(f, "it is a {kind}, and only tables are read"),
        }
    }
}
