//! How wide the columns of the tables shown would like to be.

use super::digest::Digest;
use crate::text::width;

/// The widths of the columns.
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
    /// How long ago the last object was written, which depends on the time.
    pub ago: usize,
}

impl Widths {
    /// The widths that one row needs, whatever the time is.
    #[must_use]
    pub fn of(digest: &Digest) -> Self {
        Self {
            name: digest.name_width,
            is_micros: digest.is_micros,
            sequence: digest.sequence_width,
            // Digits, commas, a sign: all of one column.
            pending: digest.pending.len(),
            last: digest.last_width,
            short_last: width(&digest.last),
            ago: 0,
        }
    }

    /// Makes room for `other` as well.
    pub fn widen(&mut self, other: &Self) {
        self.name = self.name.max(other.name);
        self.is_micros |= other.is_micros;
        self.sequence = self.sequence.max(other.sequence);
        self.pending = self.pending.max(other.pending);
        self.last = self.last.max(other.last);
        self.short_last = self.short_last.max(other.short_last);
        self.ago = self.ago.max(other.ago);
    }
}
