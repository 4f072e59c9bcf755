//! The order of the tables.

use super::row::Row;
use crate::vocabulary::Watermark;

/// What the tables are ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SortColumn {
    #[default]
    Name,
    State,
    Timestamp,
    SequenceId,
    Pending,
    Held,
    /// Rows of the last object.
    Rows,
    /// When the last object was written.
    Written,
    Unreachable,
    /// Rows of the table, according to the planner's statistics.
    TableRows,
    /// Bytes of the table on disk.
    Size,
}

impl SortColumn {
    /// All of them, in the order of the columns on the screen.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::State,
        Self::Timestamp,
        Self::SequenceId,
        Self::Pending,
        Self::Held,
        Self::Rows,
        Self::Written,
        Self::Unreachable,
        Self::TableRows,
        Self::Size,
    ];

    /// The name of the column in a menu.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::State => "state",
            Self::Timestamp => "timestamp",
            Self::SequenceId => "sequence id",
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Rows => "rows of the last object",
            Self::Written => "last object written",
            Self::Unreachable => "unreachable rows",
            Self::TableRows => "rows, estimated",
            Self::Size => "size on disk",
        }
    }

    /// Whether the values that an operator looks for first are the greatest.
    const fn begins_down(self) -> bool {
        matches!(
            self,
            Self::SequenceId
                | Self::Pending
                | Self::Held
                | Self::Rows
                | Self::Written
                | Self::Unreachable
                | Self::TableRows
                | Self::Size
        )
    }
}

/// The order of the tables; ties are by name, and unknown values come last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sort {
    pub column: SortColumn,
    /// Whether the greatest value comes first.
    pub down: bool,
}

impl Sort {
    /// The order after the user has chosen `column`: reversed if the tables are already ordered by
    /// it.
    #[must_use]
    pub fn choose(self, column: SortColumn) -> Self {
        let down = if self.column == column {
            !self.down
        } else {
            column.begins_down()
        };
        Self { column, down }
    }

    /// The name of the column with its direction.
    #[must_use]
    pub fn label(self) -> String {
        let direction = if self.down { "↓" } else { "↑" };
        format!("{} {direction}", self.column.label())
    }

    /// The sort key of a row, least first; unknown values come last.
    #[must_use]
    pub fn key(self, row: &Row) -> (bool, Option<i64>) {
        let value = self.value(row);
        let signed = |value: i64| {
            if self.down {
                value.saturating_neg()
            } else {
                value
            }
        };
        (value.is_none(), value.map(signed))
    }

    fn value(self, row: &Row) -> Option<i64> {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let counts = row.counts().map(|counts| &counts.value);
        match self.column {
            SortColumn::Name => None,
            SortColumn::State => row.state().map(|state| i64::from(state as u8)),
            SortColumn::Timestamp => row.timestamp().map(Watermark::micros),
            SortColumn::SequenceId => row.status().sequence_id().map(|id| number(id.0)),
            SortColumn::Pending => counts.map(|counts| number(counts.pending)),
            SortColumn::Held => counts?.held.map(number),
            SortColumn::Rows => row.last_object()?.rows.map(number),
            SortColumn::Written => row.last_object().map(|last| last.modified.micros()),
            SortColumn::Unreachable => counts?.unreachable.map(number),
            SortColumn::TableRows => row.estimated_rows.map(number),
            SortColumn::Size => row.size().map(number),
        }
    }
}
