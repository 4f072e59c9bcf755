//! The stored timestamp: its type and every format it is read and written in.
//!
//! A watermark is a point in time with microseconds, the precision of PostgreSQL's timestamps
//! (documentation, 8.5). In the parameter store it is text: written in the one format that the
//! profile names ([`TimestampFormat`]), and read in any format that pipelines are known to leave
//! there ([`read`]), so that a table can be taken over without a conversion.

mod error;
mod format;
mod input;
mod reading;
mod spelling;
mod twice;

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

pub use error::FormatError;
pub use format::TimestampFormat;
pub use input::{InputError, is_length, read_change, read_input};
pub use reading::read;
pub use spelling::Spelling;
pub use twice::SecondPass;

/// Microseconds between the Unix epoch and 2000-01-01, PostgreSQL's own epoch.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

/// A point in time in whole microseconds since the Unix epoch, UTC.
///
/// As a stored watermark: every row at or below it is ingested. Always within the years that
/// [`chrono`] can represent, and never infinite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Watermark(i64);

impl Watermark {
    /// Converts from microseconds since the Unix epoch; `None` beyond the years that can be
    /// represented.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(|_| Self(micros))
    }

    /// Converts from PostgreSQL's binary form, microseconds since 2000-01-01. `None` for ±infinity,
    /// which PostgreSQL sends as the two ends of the range, and for years that cannot be
    /// represented.
    #[must_use]
    pub fn from_postgres(micros: i64) -> Option<Self> {
        if micros == i64::MIN || micros == i64::MAX {
            return None;
        }
        Self::from_micros(micros.checked_add(POSTGRES_EPOCH)?)
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The next instant, one microsecond later: `ts <= to` is equivalent to `ts < to.successor()`.
    #[must_use]
    pub const fn successor(self) -> Self {
        Self(self.0 + 1)
    }

    /// The previous instant, one microsecond earlier.
    #[must_use]
    pub const fn predecessor(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// PostgreSQL's binary form: microseconds since 2000-01-01.
    #[must_use]
    pub const fn to_postgres(self) -> i64 {
        self.0 - POSTGRES_EPOCH
    }

    /// The same instant as a [`chrono`] type.
    #[must_use]
    pub fn to_datetime(self) -> DateTime<Utc> {
        // `from_micros` only accepts what chrono can represent.
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The current time on this machine. Good enough for ages on a screen; the bounds of batches
    /// come from the clock of the database.
    #[must_use]
    pub fn now() -> Self {
        Self::from(Utc::now())
    }
}

impl From<DateTime<Utc>> for Watermark {
    /// Cuts off everything below the microsecond.
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_micros())
    }
}

impl fmt::Display for Watermark {
    /// RFC 3339 in UTC with six digits: `2024-05-16T10:50:30.123456Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(
            &self
                .to_datetime()
                .to_rfc3339_opts(SecondsFormat::Micros, true),
        )
    }
}

impl Serialize for Watermark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_counts_from_2000_and_its_infinities_are_no_watermarks() {
        let epoch = Watermark::from_postgres(0).expect("2000 can be printed");
        assert_eq!(epoch.to_string(), "2000-01-01T00:00:00.000000Z");
        assert_eq!(Watermark::from_postgres(i64::MAX), None);
        assert_eq!(Watermark::from_postgres(i64::MIN), None);
        assert_eq!(Watermark::from_postgres(i64::MAX - 1), None);
    }
}
