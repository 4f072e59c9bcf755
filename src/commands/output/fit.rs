//! Fits the columns of a table into the width of a terminal.
//!
//! Nothing is cut. The last column may wrap; any other column that does not fit moves beneath its row or, if it is
//! spare, is left to the other formats.

use super::record::{Column, Room};

/// The gap between two columns.
pub(super) const GAP: &str = "  ";
/// Text is never wrapped into fewer columns than this.
const READABLE: usize = 24;

/// The width of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// The width of its widest cell, or of its title.
    pub whole: usize,
    /// The width of the longest word in it.
    pub word: usize,
}

/// Where each column of a table goes; columns are given by their index.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fitted {
    /// Columns side by side, with their widths.
    pub beside: Vec<(usize, usize)>,
    /// Columns shown beneath each row that has a value for them.
    pub beneath: Vec<usize>,
}

/// Fits columns into `available`: the last one wraps between words if enough of it is left; if not, spare columns
/// are dropped, and then flexible ones move beneath the row, in both cases starting with the last.
pub(super) fn fit(columns: &[&Column], extents: &[Extent], available: Option<usize>) -> Fitted {
    let whole = |(i, extent): (usize, &Extent)| (i, extent.whole);
    let mut beside: Vec<(usize, usize)> = extents.iter().enumerate().map(whole).collect();
    let mut beneath = Vec::new();
    let Some(available) = available else {
        return Fitted { beside, beneath };
    };
    loop {
        let excess = needed(&beside).saturating_sub(available);
        if excess == 0 {
            break;
        }
        if let Some((i, width)) = beside.last_mut()
            && columns[*i].room == Room::Flexible
            && *width >= READABLE.max(extents[*i].word) + excess
        {
            *width -= excess;
            break;
        }
        let last = |room| beside.iter().rposition(|&(i, _)| columns[i].room == room);
        if let Some(at) = last(Room::Spare) {
            beside.remove(at);
        } else if let Some(at) = last(Room::Flexible) {
            beneath.insert(0, beside.remove(at).0);
        } else {
            break;
        }
    }
    Fitted { beside, beneath }
}

fn needed(beside: &[(usize, usize)]) -> usize {
    let gaps = GAP.len() * beside.len().saturating_sub(1);
    beside.iter().map(|(_, width)| width).sum::<usize>() + gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column::text("table", "TABLE"),
        Column::text("key", "KEY").spare(),
        Column::text("what", "WHAT").flexible(),
        Column::count("rows", "ROWS"),
        Column::text("message", "MESSAGE").flexible(),
    ];
    const WIDTHS: [usize; 5] = [10, 20, 20, 10, 40];

    fn fitted(available: impl Into<Option<usize>>, word: usize) -> Fitted {
        let columns: Vec<&Column> = COLUMNS.iter().collect();
        let extents = WIDTHS.map(|whole| Extent { whole, word });
        fit(&columns, &extents, available.into())
    }

    #[test]
    fn what_fits_is_left_as_it_is() {
        let whole = Fitted {
            beside: WIDTHS.into_iter().enumerate().collect(),
            beneath: vec![],
        };
        assert_eq!(fitted(108, 8), whole);
        assert_eq!(fitted(None, 8), whole);
    }

    #[test]
    fn the_last_column_wraps_while_it_can_be_read() {
        assert_eq!(fitted(92, 8).beside.last(), Some(&(4, 24)));
        assert_eq!(fitted(92, 8).beside.len(), 5);
        assert_eq!(fitted(92, 25).beside.len(), 4, "never inside a word");
    }

    #[test]
    fn then_a_spare_column_goes_and_then_flexible_ones_go_beneath() {
        let beside = |fitted: Fitted| fitted.beside.iter().map(|b| b.0).collect::<Vec<_>>();
        assert_eq!(beside(fitted(91, 8)), [0, 2, 3, 4]);
        assert_eq!(fitted(91, 8).beneath, [0; 0]);
        assert_eq!(beside(fitted(60, 8)), [0, 2, 3]);
        assert_eq!(fitted(60, 8).beneath, [4]);
        assert_eq!(beside(fitted(30, 8)), [0, 3]);
        assert_eq!(fitted(30, 8).beneath, [2, 4]);
        assert_eq!(beside(fitted(5, 8)), [0, 3]);
    }
}
