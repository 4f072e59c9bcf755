//! The number of an object.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::Serialize;

/// Number of the newest object of a table; the next object is exactly one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct SequenceId(pub u64);

impl SequenceId {
    /// The number of a table's first object.
    pub const FIRST: Self = Self(1);
    /// The greatest number that can be set, after which more are left than are ever needed.
    pub const GREATEST_EDIT: Self = Self(1_000_000_000_000_000);

    /// The number of the next object.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for SequenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for SequenceId {
    type Err = ParseIntError;

    /// Reads a decimal number, white space around it ignored; also a zero-padded one.
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.trim().parse().map(Self)
    }
}
