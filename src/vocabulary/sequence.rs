//! The number of an object.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use serde::Serialize;

/// Why a text is not a sequence id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SequenceIdError {
    #[error("a sequence id is a whole number up to {max}", max = SequenceId::GREATEST)]
    NoNumber(#[from] ParseIntError),
    #[error("{0} leaves no numbers for the objects after it; up to {max} can be used", max = SequenceId::GREATEST)]
    TooGreat(SequenceId),
}

/// The number of the newest object of a table; the next object is exactly one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct SequenceId(pub u64);

impl SequenceId {
    /// The number of a table's first object.
    pub const FIRST: Self = Self(1);
    /// The greatest number that is stored or read. More numbers are left above it than are ever
    /// needed.
    pub const GREATEST: Self = Self(1_000_000_000_000_000_000);

    /// Returns this number, if it leaves numbers for the objects after it.
    ///
    /// # Errors
    /// [`SequenceIdError::TooGreat`].
    pub fn usable(self) -> Result<Self, SequenceIdError> {
        if self > Self::GREATEST {
            return Err(SequenceIdError::TooGreat(self));
        }
        Ok(self)
    }

    /// The number of the object after `stored`; the first number if none is stored.
    #[must_use]
    pub const fn following(stored: Option<Self>) -> Self {
        match stored {
            Some(stored) => stored.next(),
            None => Self::FIRST,
        }
    }

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
    type Err = SequenceIdError;

    /// Parses a decimal number, possibly zero-padded; surrounding white space is ignored.
    fn from_str(text: &str) -> Result<Self, SequenceIdError> {
        Self(text.trim().parse()?).usable()
    }
}
