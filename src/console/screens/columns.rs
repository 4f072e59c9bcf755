//! Which columns the Tables screen has room for, and how wide they are.

use crate::console::model::Model;

/// Columns before the table's name: mark, state, blank.
pub const BEFORE: usize = 3;
const NAME: (usize, usize) = (8, 40);
const SEQUENCE: usize = 6;
const PENDING: usize = 7;
const LAST: usize = 11;
const AGE: usize = 10;
const TREND: usize = 8;
/// Columns of a timestamp to the second, to the millisecond, to the microsecond.
const SECONDS: usize = 19;
const MILLIS: usize = 23;
const MICROS: usize = 26;
/// Between size and age of the last object.
const BETWEEN: usize = 3;
/// Between two columns: at least, and where there is room.
const GAPS: (usize, usize) = (2, 4);

/// Widths of the columns; 0 is a column that is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Columns {
    pub gap: usize,
    pub name: usize,
    /// Also how much of a timestamp is shown.
    pub timestamp: usize,
    pub sequence: usize,
    pub pending: usize,
    pub last: usize,
    pub trend: usize,
    /// Whether timestamps are shown as ages.
    pub age: bool,
    /// Whether the last object is shown with the word "rows".
    pub long: bool,
}

impl Columns {
    /// The columns for the tables shown, in a terminal of `columns` columns. The widths are those
    /// of all of them, so that nothing moves when the list is scrolled. What has no room goes in
    /// this order: the word "rows", the trend, what a timestamp has below a second, the last
    /// object, the timestamp for its age, the sequence id, the age.
    #[must_use]
    pub fn fit(model: &Model, columns: usize) -> Self {
        let full = natural(model);
        let widths = &model.tables.widths;
        let short = Self {
            last: LAST.max(widths.short_last + BETWEEN + widths.ago),
            long: false,
            ..full
        };
        let plain = |of: Self| Self { trend: 0, ..of };
        let to = |most: usize, of: Self| Self {
            timestamp: of.timestamp.min(most),
            ..of
        };
        let aged = |of: Self| Self {
            timestamp: AGE,
            age: true,
            ..of
        };
        let without_last = |of: Self| Self { last: 0, ..of };
        let bare = plain(short);
        let candidates = [
            full,
            short,
            plain(full),
            bare,
            to(MILLIS, bare),
            to(SECONDS, bare),
            aged(bare),
            without_last(bare),
            without_last(to(SECONDS, bare)),
            without_last(aged(bare)),
            Self {
                sequence: 0,
                ..without_last(aged(bare))
            },
            Self {
                sequence: 0,
                timestamp: 0,
                ..without_last(bare)
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
        let rest = [
            self.timestamp,
            self.sequence,
            self.pending,
            self.last,
            self.trend,
        ];
        let columns: usize = rest
            .iter()
            .filter(|size| **size > 0)
            .map(|size| size + gap)
            .sum();
        BEFORE + self.name + columns + 1
    }
}

/// The widths that everything would like to have.
fn natural(model: &Model) -> Columns {
    let (tables, widths) = (&model.tables, &model.tables.widths);
    let timestamp = match (tables.age, widths.is_micros) {
        (true, _) => AGE,
        (false, true) => MICROS,
        (false, false) => MILLIS,
    };
    Columns {
        gap: GAPS.0,
        name: widths.name.clamp(NAME.0, NAME.1),
        timestamp,
        sequence: SEQUENCE.max(widths.sequence),
        pending: PENDING.max(widths.pending),
        last: LAST.max(widths.last + BETWEEN + widths.ago),
        trend: TREND,
        age: tables.age,
        long: true,
    }
}
