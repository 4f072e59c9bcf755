//! How wide the columns of the tables shown would like to be.

use super::row::Row;
use crate::backend::Watermark;
use crate::figures::ago_width;
use crate::text::width;

/// The widest of each column over the tables shown, so that nothing moves when the list is scrolled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Widths {
    pub name: usize,
    /// Whether a timestamp has microseconds.
    pub is_micros: bool,
    pub sequence: usize,
    pub pending: usize,
    /// Size of the last object with and without the word "rows".
    pub last: usize,
    pub short_last: usize,
    /// How long ago the last object was written.
    pub ago: usize,
}

impl Widths {
    /// The widths of `rows`.
    #[must_use]
    pub fn of<'a>(rows: impl Iterator<Item = &'a Row>, now: Watermark) -> Self {
        let mut widths = Self::default();
        for row in rows {
            let digest = row.digest();
            widths.name = widths.name.max(digest.name_width);
            widths.is_micros |= digest.is_micros;
            widths.sequence = widths.sequence.max(digest.sequence_width);
            // Digits, commas, a sign: all of one column.
            widths.pending = widths.pending.max(digest.pending.len());
            widths.last = widths.last.max(digest.last_width);
            widths.short_last = widths.short_last.max(width(&digest.last));
            if let Some(last) = row.last_object() {
                widths.ago = widths.ago.max(ago_width(last.modified, now));
            }
        }
        widths
    }
}
