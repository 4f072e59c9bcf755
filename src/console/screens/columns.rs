//! Which columns the Tables screen has room for, and how wide they are.

use super::cells;
use crate::console::model::Model;
use crate::figures::length;
use crate::text::{visible, width};

/// Columns before the table's name: mark, state, blank.
pub const BEFORE: usize = 3;
const NAME: (usize, usize) = (8, 40);
const SEQUENCE: usize = 6;
const PENDING: usize = 7;
const LAST: usize = 11;
const AGE: usize = 10;
/// Between two columns: at least, and where there is room.
const GAPS: (usize, usize) = (2, 4);

/// Widths of the columns; 0 is a column that is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Columns {
    pub gap: usize,
    pub name: usize,
    pub timestamp: usize,
    pub sequence: usize,
    pub pending: usize,
    pub last: usize,
    /// Whether timestamps are shown as ages.
    pub age: bool,
    /// Whether the last object is shown with the word "rows".
    pub long: bool,
}

impl Columns {
    /// The columns for the tables shown, in a terminal of `columns` columns. The widths are those
    /// of all of them, so that nothing moves when the list is scrolled. What has no room goes in
    /// this order: the word "rows", the last object, the timestamp for its age, the sequence id,
    /// the age.
    #[must_use]
    pub fn fit(model: &Model, columns: usize) -> Self {
        let (full, short) = natural(model);
        let aged = |of: Self| Self {
            timestamp: AGE,
            age: true,
            ..of
        };
        let without_last = |of: Self| Self { last: 0, ..of };
        let candidates = [
            full,
            short,
            aged(full),
            aged(short),
            without_last(short),
            without_last(aged(short)),
            Self {
                sequence: 0,
                ..without_last(aged(short))
            },
            Self {
                sequence: 0,
                timestamp: 0,
                ..without_last(short)
            },
        ];
        let chosen = candidates
            .into_iter()
            .find(|candidate| candidate.total(GAPS.0) <= columns)
            .unwrap_or(candidates[candidates.len() - 1]);
        let gap = if chosen.total(GAPS.1) <= columns {
            GAPS.1
        } else {
            GAPS.0
        };
        let missing = chosen.total(gap).saturating_sub(columns);
        Self {
            gap,
            name: chosen.name.saturating_sub(missing),
            ..chosen
        }
    }

    fn total(&self, gap: usize) -> usize {
        let rest = [self.timestamp, self.sequence, self.pending, self.last];
        let columns: usize = rest
            .iter()
            .filter(|size| **size > 0)
            .map(|size| size + gap)
            .sum();
        BEFORE + self.name + columns + 1
    }
}

/// The widths that everything would like to have, with the long and the short last object.
fn natural(model: &Model) -> (Columns, Columns) {
    let tables = &model.tables;
    let mut full = Columns {
        name: NAME.0,
        timestamp: if tables.age { AGE } else { 23 },
        sequence: SEQUENCE,
        pending: PENDING,
        last: LAST,
        age: tables.age,
        long: true,
        ..Columns::default()
    };
    let mut short = LAST;
    for row in tables.visible() {
        let status = &row.status;
        full.name = full
            .name
            .max(width(&visible(&status.table.to_string())))
            .min(NAME.1);
        if !tables.age
            && status
                .timestamp()
                .is_some_and(|at| at.micros() % 1_000 != 0)
        {
            full.timestamp = 26;
        }
        let digits = status
            .sequence_id()
            .map_or(0, |id| length(id.to_string().len()));
        full.sequence = full.sequence.max(usize::try_from(digits).unwrap_or(0));
        if let Some(counts) = status.counts() {
            full.pending = full.pending.max(width(&cells::pending_text(counts)));
        }
        if let Some(last) = status.last_object() {
            full.last = full
                .last
                .max(width(&cells::last_text(last, model.now, true)));
            short = short.max(width(&cells::last_text(last, model.now, false)));
        }
    }
    (
        full,
        Columns {
            last: short,
            long: false,
            ..full
        },
    )
}
