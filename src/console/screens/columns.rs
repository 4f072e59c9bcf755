//! Which columns the Tables screen has room for, and how wide they are.

use crate::console::model::Model;
use crate::console::model::column::{Column, LeftOut};
use crate::console::model::widths::before;

/// Columns before the table's name: mark, state, blank.
pub const BEFORE: usize = 3;
/// Minimum and maximum width of a name: one long name must not take the room of all other columns.
const NAME: (usize, usize) = (8, 24);
/// Maximum width of a name if nothing else takes the room.
const LONG_NAME: usize = 63;
const SEQUENCE: usize = 6;
const PENDING: usize = 7;
const LAST: usize = 11;
const AGE: usize = 10;
/// Minimum and maximum width of the trend: at most five minutes are remembered.
const TREND: (usize, usize) = (8, 30);
const UNREACHABLE: usize = 11;
const ROWS: usize = 10;
const SIZE: usize = 8;
const KEY: (usize, usize) = (10, 72);
/// Width of a timestamp to the second, to the millisecond, to the microsecond.
const SECONDS: usize = 19;
const MILLIS: usize = 23;
pub const MICROS: usize = 26;
/// Width of the separator between size and age of the last object.
const BETWEEN: usize = 3;
/// Gap between two columns: the minimum, and the one used if there is room.
const GAPS: (usize, usize) = (2, 4);

/// Widths of the columns; 0 for one that is not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Columns {
    pub gap: usize,
    pub name: usize,
    /// Also determines how much of a timestamp is shown.
    pub timestamp: usize,
    pub sequence: usize,
    /// Includes the held rows.
    pub pending: usize,
    /// The part of `pending` that is a separate column for held rows, with the blank before them.
    pub held: usize,
    pub last: usize,
    pub trend: usize,
    /// The age of the timestamp as a separate column.
    pub ingested: usize,
    pub unreachable: usize,
    pub rows: usize,
    pub size: usize,
    pub key: usize,
    /// Whether timestamps are shown as ages.
    pub age: bool,
    /// Whether the last object is shown with the word "rows".
    pub long: bool,
}

impl Columns {
    /// The columns for the tables shown, in a terminal of `columns` columns. Widths are computed over all
    /// of these tables, so that nothing moves when the list is scrolled. What there is no room for is
    /// dropped in this order: the word "rows" or else the trend, then both; the part of a timestamp below a
    /// second; the timestamp in favour of its age, or else the last object, then both; the sequence id; the
    /// age. If some sizes are in rows and some in bytes, the word is dropped after the part of a
    /// timestamp below a millisecond. If nothing has to be dropped, further columns are added as long as
    /// there is room. Columns that the user has hidden leave their room to the others.
    #[must_use]
    pub fn fit(model: &Model, columns: usize) -> Self {
        let left_out = model.tables.left_out;
        let [apart, together] = [true, false].map(|apart| {
            let candidates = candidates(model, natural(model, apart));
            let candidates = candidates.map(|candidate| candidate.without(left_out));
            let place = candidates
                .iter()
                .position(|candidate| candidate.total(GAPS.0) <= columns)
                .unwrap_or(candidates.len() - 1);
            (place, candidates[place])
        });
        // Held rows get a column of their own unless something else would have to give way to it.
        let (given_way, chosen) = if apart.0 <= together.0 {
            apart
        } else {
            together
        };
        if given_way == 0 && chosen.total(GAPS.1) <= columns {
            return chosen
                .with_longer_names(model, columns, GAPS.1)
                .with_more(model, columns);
        }
        let gap = if chosen.total(GAPS.1) <= columns {
            GAPS.1
        } else {
            GAPS.0
        };
        let missing = chosen.total(gap).saturating_sub(columns);
        let fitted = Self {
            gap,
            name: chosen.name.saturating_sub(missing),
            ..chosen
        };
        fitted.with_longer_names(model, columns, gap)
    }

    /// Widens names as far as there is room: two names that start alike may differ at the end.
    fn with_longer_names(self, model: &Model, columns: usize, gap: usize) -> Self {
        let room = columns.saturating_sub(self.total(gap));
        let wanted = model.tables.widths.name.min(LONG_NAME);
        Self {
            name: self.name.max(wanted.min(self.name + room)),
            ..self
        }
    }

    /// Removes the columns that the user has hidden.
    fn without(mut self, left_out: LeftOut) -> Self {
        for column in Column::ALL {
            if left_out.has(column) {
                *self.of_mut(column) = 0;
            }
        }
        if left_out.has(Column::Pending) {
            self.held = 0;
        }
        self
    }

    /// Uses wide gaps, and adds what else has room in `columns` columns: further columns, then a longer
    /// trend.
    fn with_more(mut self, model: &Model, columns: usize) -> Self {
        self.gap = GAPS.1;
        let widths = &model.tables.widths;
        let more = [
            (Column::Ingested, if self.age { 0 } else { AGE }),
            (Column::Unreachable, UNREACHABLE),
            (Column::Rows, ROWS),
            (Column::Size, SIZE),
            (Column::Key, widths.key.clamp(KEY.0, KEY.1)),
        ];
        for (column, width) in more {
            let mut wider = self;
            *wider.of_mut(column) = width;
            if !model.tables.left_out.has(column) && wider.total(self.gap) <= columns {
                self = wider;
            }
        }
        if self.trend > 0 {
            let room = columns.saturating_sub(self.total(self.gap));
            self.trend = (self.trend + room).min(TREND.1);
        }
        self
    }

    /// Width of a column; 0 if it is not shown.
    #[must_use]
    pub const fn of(mut self, column: Column) -> usize {
        *self.of_mut(column)
    }

    const fn of_mut(&mut self, column: Column) -> &mut usize {
        match column {
            Column::Timestamp => &mut self.timestamp,
            Column::SequenceId => &mut self.sequence,
            Column::Pending => &mut self.pending,
            Column::LastObject => &mut self.last,
            Column::Trend => &mut self.trend,
            Column::Ingested => &mut self.ingested,
            Column::Unreachable => &mut self.unreachable,
            Column::Rows => &mut self.rows,
            Column::Size => &mut self.size,
            Column::Key => &mut self.key,
        }
    }

    /// Number of terminal columns that the list takes.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.total(self.gap)
    }

    fn total(&self, gap: usize) -> usize {
        let rest = Column::ALL.map(|column| self.of(column));
        let columns: usize = rest
            .iter()
            .filter(|size| **size > 0)
            .map(|size| size + gap)
            .sum();
        BEFORE + self.name + columns + self.margin()
    }

    /// Keeps the list off the edge of the screen. Ages of last objects need no margin: they are ragged
    /// anyway, and seldom as wide as their column.
    const fn margin(&self) -> usize {
        let after =
            self.trend + self.ingested + self.unreachable + self.rows + self.size + self.key;
        if self.last > 0 && after == 0 { 0 } else { 1 }
    }
}

/// The possible layouts, from the one that shows most.
fn candidates(model: &Model, full: Columns) -> [Columns; 14] {
    let widths = &model.tables.widths;
    let short = Columns {
        last: LAST.max(widths.short_last + BETWEEN + widths.ago),
        long: false,
        ..full
    };
    let plain = |of: Columns| Columns { trend: 0, ..of };
    let to = |most: usize, of: Columns| Columns {
        timestamp: of.timestamp.min(most),
        ..of
    };
    let aged = |of: Columns| Columns {
        timestamp: AGE,
        age: true,
        ..of
    };
    let without_last = |of: Columns| Columns { last: 0, ..of };
    let without_sequence = |of: Columns| Columns { sequence: 0, ..of };
    // A number of rows next to one of bytes needs its word more than a timestamp needs its microseconds.
    let is_mixed = widths.in_rows && widths.in_bytes;
    let worded = |of: Columns| if is_mixed { of } else { full };
    let bare = plain(short);
    [
        full,
        worded(plain(full)),
        worded(to(MILLIS, plain(full))),
        short,
        plain(full),
        bare,
        to(MILLIS, bare),
        to(SECONDS, bare),
        aged(bare),
        without_last(bare),
        without_last(to(SECONDS, bare)),
        without_last(aged(bare)),
        without_sequence(without_last(aged(bare))),
        without_sequence(Columns {
            timestamp: 0,
            ..without_last(bare)
        }),
    ]
}

/// The preferred widths, with held rows `apart` in a column of their own or right after the pending ones.
fn natural(model: &Model, apart: bool) -> Columns {
    let (tables, widths) = (&model.tables, &model.tables.widths);
    let timestamp = match (tables.age, widths.is_micros) {
        (true, _) => AGE,
        (false, true) => MICROS,
        (false, false) => MILLIS,
    };
    let held = if apart { before(widths.held) } else { 0 };
    let pending = if apart {
        widths.pending + held
    } else {
        widths.both
    };
    Columns {
        gap: GAPS.0,
        name: widths.name.clamp(NAME.0, NAME.1),
        timestamp,
        sequence: SEQUENCE.max(widths.sequence),
        pending: PENDING.max(pending),
        held,
        last: LAST.max(widths.last + BETWEEN + widths.ago),
        trend: TREND.0,
        age: tables.age,
        long: true,
        ..Columns::default()
    }
}
