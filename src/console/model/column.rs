//! Columns of the Tables screen: all of them, and the ones that are hidden.

use serde::{Deserialize, Serialize};

/// A column to the right of the table's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    Timestamp,
    SequenceId,
    Pending,
    LastObject,
    /// Pending rows at the last few counts.
    Trend,
    /// Age of the newest ingested row, next to its timestamp.
    Ingested,
    Unreachable,
    /// Rows of the table, estimated from the planner's statistics.
    Rows,
    /// Bytes of the table on disk.
    Size,
    /// Key of the last object.
    Key,
}

impl Column {
    /// All columns. The ones after the trend are shown if there is room, in this order.
    pub const ALL: [Self; 10] = [
        Self::Timestamp,
        Self::SequenceId,
        Self::Pending,
        Self::LastObject,
        Self::Trend,
        Self::Ingested,
        Self::Unreachable,
        Self::Rows,
        Self::Size,
        Self::Key,
    ];

    /// The name of the column in a menu.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::SequenceId => "sequence id",
            Self::Pending => "pending and held rows",
            Self::LastObject => "last object",
            Self::Trend => "trend of pending",
            Self::Ingested => "age of the timestamp",
            Self::Unreachable => "unreachable rows",
            Self::Rows => "rows, estimated",
            Self::Size => "size on disk",
            Self::Key => "last object's key",
        }
    }

    /// The letter that selects it in a menu.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Timestamp => 't',
            Self::SequenceId => 'i',
            Self::Pending => 'p',
            Self::LastObject => 'l',
            Self::Trend => 'r',
            Self::Ingested => 'a',
            Self::Unreachable => 'u',
            Self::Rows => 'n',
            Self::Size => 's',
            Self::Key => 'k',
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// The columns that the user has hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Column>", into = "Vec<Column>")]
pub struct LeftOut(u16);

impl LeftOut {
    /// Whether a column is hidden.
    #[must_use]
    pub const fn has(self, column: Column) -> bool {
        self.0 & column.bit() != 0
    }

    /// Hides a column, or shows it again.
    #[must_use]
    pub const fn toggle(self, column: Column) -> Self {
        Self(self.0 ^ column.bit())
    }
}

impl From<Vec<Column>> for LeftOut {
    fn from(columns: Vec<Column>) -> Self {
        Self(
            columns
                .into_iter()
                .map(Column::bit)
                .fold(0, std::ops::BitOr::bitor),
        )
    }
}

impl From<LeftOut> for Vec<Column> {
    fn from(left_out: LeftOut) -> Self {
        let all = Column::ALL.into_iter();
        all.filter(|column| left_out.has(*column)).collect()
    }
}
