//! The preferred widths of the columns, over the tables shown.

use super::digest::Digest;
use crate::text::width;

/// The width of something `columns` wide with a blank before it; 0 for nothing.
#[must_use]
pub const fn before(columns: usize) -> usize {
    if columns > 0 { columns + 1 } else { 0 }
}

/// The widths of the columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Widths {
    pub name: usize,
    /// Whether any timestamp has microseconds.
    pub is_micros: bool,
    pub sequence: usize,
    pub pending: usize,
    /// Held rows, after the pending ones.
    pub held: usize,
    /// Pending and held rows of the row in which they are widest together.
    pub both: usize,
    /// Size of the last object with and without the word "rows".
    pub last: usize,
    pub short_last: usize,
    /// Whether any last object is measured in rows, and whether any is in bytes.
    pub in_rows: bool,
    pub in_bytes: bool,
    /// The key of the last object.
    pub key: usize,
    /// The age of the last object, which changes with the time.
    pub ago: usize,
}

impl Widths {
    /// The widths that a row needs, without those that depend on the time.
    #[must_use]
    pub fn of(digest: &Digest) -> Self {
        Self {
            name: digest.name_width,
            is_micros: digest.is_micros,
            sequence: digest.sequence_width,
            // Digits, commas and a sign are all one column wide.
            pending: digest.pending.len(),
            held: digest.held.len(),
            both: digest.pending.len() + before(digest.held.len()),
            last: digest.last_width,
            short_last: width(&digest.last),
            in_rows: digest.last_width > width(&digest.last),
            in_bytes: !digest.last.is_empty() && digest.last_width == width(&digest.last),
            key: digest.key_width,
            ago: 0,
        }
    }

    /// Makes room for `other` as well.
    pub fn widen(&mut self, other: &Self) {
        self.name = self.name.max(other.name);
        self.is_micros |= other.is_micros;
        self.sequence = self.sequence.max(other.sequence);
        self.pending = self.pending.max(other.pending);
        self.held = self.held.max(other.held);
        self.both = self.both.max(other.both);
        self.last = self.last.max(other.last);
        self.short_last = self.short_last.max(other.short_last);
        self.in_rows |= other.in_rows;
        self.in_bytes |= other.in_bytes;
        self.key = self.key.max(other.key);
        self.ago = self.ago.max(other.ago);
    }
}
