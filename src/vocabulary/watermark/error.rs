//! Why a text is not a timestamp, or a timestamp cannot be stored.

use chrono_tz::Tz;

use super::Watermark;

/// An error in a stored value or in a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("{text:?} is not a timestamp in any format highwater reads")]
    Unreadable { text: String },
    #[error("{text:?} does not exist in time zone {timezone}, which skipped it")]
    NoSuchLocalTime { text: String, timezone: Tz },
    #[error("{pattern:?} is not a strftime pattern")]
    Pattern { pattern: String },
    #[error(
        "written as {written:?} the timestamp {timestamp} would be read back as another one: clocks in {timezone} show that time twice"
    )]
    HappensTwice {
        timestamp: Watermark,
        written: String,
        timezone: Tz,
    },
    #[error(
        "written as {written:?} the timestamp {timestamp} would be read back as another one; choose a timestamp_format that keeps microseconds"
    )]
    LosesPrecision {
        timestamp: Watermark,
        written: String,
    },
}
