//! The name of one backfill.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDateTime, Timelike, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::Watermark;

/// The format of the time of beginning in an id.
const BEGUN: &str = "%Y%m%dT%H%M%S";

/// Names one backfill, in the metadata of its objects and on the command line that resumes it:
/// `20240516T105030-1f3a5c7e`, the second in which it was begun (UTC) and eight random hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BackfillId {
    begun: NaiveDateTime,
    random: u32,
}

/// A text that is not a backfill id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a backfill id like 20240516T105030-1f3a5c7e")]
pub struct NoBackfillId(String);

impl BackfillId {
    /// A new id, begun now.
    #[must_use]
    pub fn new() -> Self {
        let (random, ..) = Uuid::new_v4().as_fields();
        let now = Utc::now().naive_utc();
        Self {
            begun: now.with_nanosecond(0).unwrap_or(now),
            random,
        }
    }

    /// When it was begun, to the second, by the clock of the machine that began it.
    #[must_use]
    pub fn begun(&self) -> Watermark {
        Watermark::from(self.begun.and_utc())
    }
}

impl Default for BackfillId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for BackfillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}", self.begun.format(BEGUN), self.random)
    }
}

impl FromStr for BackfillId {
    type Err = NoBackfillId;

    fn from_str(text: &str) -> Result<Self, NoBackfillId> {
        let read = || {
            let (begun, random) = text.split_once('-')?;
            let digits = random.len() == 8 && random.bytes().all(|b| b.is_ascii_hexdigit());
            Some(Self {
                begun: NaiveDateTime::parse_from_str(begun, BEGUN).ok()?,
                random: u32::from_str_radix(random, 16).ok().filter(|_| digits)?,
            })
        };
        read().ok_or_else(|| NoBackfillId(text.to_owned()))
    }
}

impl Serialize for BackfillId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_was_printed() {
        let id: BackfillId = "20240516T105030-1f3a5c7e".parse().expect("an id");
        assert_eq!(id.to_string(), "20240516T105030-1f3a5c7e");
        assert_eq!(id.begun().to_string(), "2024-05-16T10:50:30.000000Z");
        let new = BackfillId::new();
        assert_eq!(
            new.to_string()
                .parse::<BackfillId>()
                .expect("an id")
                .to_string(),
            new.to_string()
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "x",
            "20240516T105030",
            "20240516T105030-1f3",
            "20240516T105030-+f3a5c7e",
            "20241316T105030-1f3a5c7e",
        ] {
            assert!(text.parse::<BackfillId>().is_err(), "{text}");
        }
    }
}
