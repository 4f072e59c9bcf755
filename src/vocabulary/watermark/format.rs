//! Timestamps as text in the parameter store.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::Watermark;

/// What is wrong with a stored value or with a format.
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

/// The one format in which a profile's timestamps are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TimestampFormat {
    /// `2024-05-16T10:50:30.123456Z`: UTC, always six digits.
    #[default]
    Rfc3339,
    /// Seconds since the Unix epoch, with six decimals unless they are all zero.
    Epoch,
    /// Milliseconds since the Unix epoch, with three decimals unless they are all zero.
    EpochMillis,
    /// A [strftime pattern](chrono::format::strftime), in the profile's time zone, or in UTC where the pattern ends in `Z`.
    Strftime(String),
}

impl TimestampFormat {
    /// Writes `timestamp` as it is stored.
    ///
    /// # Errors
    /// [`FormatError::LosesPrecision`] and [`FormatError::HappensTwice`] where [`read`] would not give back
    /// the same timestamp: such a value would repeat or skip rows.
    pub fn write(&self, timestamp: Watermark, timezone: Tz) -> Result<String, FormatError> {
        let written = self.render(timestamp, timezone);
        match self.read(&written, timezone) {
            Ok(back) if back == timestamp => Ok(written),
            Ok(back) if self.is_local() && second_time(back, timezone) == Some(timestamp) => {
                Err(FormatError::HappensTwice {
                    timestamp,
                    written,
                    timezone,
                })
            }
            _ => Err(FormatError::LosesPrecision { timestamp, written }),
        }
    }

    /// Reads a stored value, this format before all others.
    ///
    /// # Errors
    /// [`FormatError::Unreadable`] and [`FormatError::NoSuchLocalTime`].
    pub fn read(&self, text: &str, timezone: Tz) -> Result<Watermark, FormatError> {
        let text = text.trim();
        let own = match self {
            Self::Rfc3339 => None,
            // So many digits are of a smaller unit: seconds would be tens of thousands of years away.
            Self::Epoch => decimal(text, 1_000_000).filter(|_| digits(text) < 13),
            Self::EpochMillis => decimal(text, 1_000),
            Self::Strftime(pattern) => strftime(text, pattern, timezone),
        };
        own.map_or_else(|| read(text, timezone), Ok)
    }

    /// Whether what is written is a time of the zone, which may not say so.
    fn is_local(&self) -> bool {
        matches!(self, Self::Strftime(pattern) if !pattern.ends_with('Z'))
    }

    fn render(&self, timestamp: Watermark, timezone: Tz) -> String {
        match self {
            Self::Rfc3339 => timestamp.to_string(),
            Self::Epoch => with_decimals(timestamp.micros(), 1_000_000, 6),
            Self::EpochMillis => with_decimals(timestamp.micros(), 1_000, 3),
            Self::Strftime(pattern) if pattern.ends_with('Z') => {
                timestamp.to_datetime().format(pattern).to_string()
            }
            Self::Strftime(pattern) => timestamp
                .to_datetime()
                .with_timezone(&timezone)
                .format(pattern)
                .to_string(),
        }
    }
}

impl FromStr for TimestampFormat {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        match text {
            "rfc3339" => Ok(Self::Rfc3339),
            "epoch" => Ok(Self::Epoch),
            "epoch-millis" => Ok(Self::EpochMillis),
            pattern => {
                let valid = StrftimeItems::new(pattern).all(|item| item != Item::Error);
                if valid && pattern.contains('%') {
                    Ok(Self::Strftime(pattern.to_owned()))
                } else {
                    Err(FormatError::Pattern {
                        pattern: pattern.to_owned(),
                    })
                }
            }
        }
    }
}

impl fmt::Display for TimestampFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rfc3339 => "rfc3339",
            Self::Epoch => "epoch",
            Self::EpochMillis => "epoch-millis",
            Self::Strftime(pattern) => pattern,
        })
    }
}

/// Patterns of a timestamp with its offset from UTC, `Z` already rewritten to `+00:00`.
const WITH_OFFSET: [&str; 3] = [
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y%m%dT%H%M%S%.f%#z",
];
/// Patterns of a timestamp without one.
const NAIVE: [&str; 3] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S%.f"];

/// Reads a timestamp in any format that pipelines leave in a parameter store.
///
/// These are RFC 3339, the same with a space, with an offset of hours or none, naive (then in `timezone`), a date, and seconds,
/// milliseconds or microseconds since the Unix epoch, told apart by their size. Digits below the
/// microsecond are cut.
///
/// # Errors
/// [`FormatError::Unreadable`], and [`FormatError::NoSuchLocalTime`] for a naive time that
/// `timezone` skips.
pub fn read(text: &str, timezone: Tz) -> Result<Watermark, FormatError> {
    let trimmed = text.trim();
    let unreadable = || FormatError::Unreadable {
        text: text.to_owned(),
    };
    if let Some(epoch) = epoch(trimmed) {
        return Ok(epoch);
    }
    let iso = normalise(trimmed);
    if let Some(at) = WITH_OFFSET
        .iter()
        .find_map(|p| DateTime::parse_from_str(&iso, p).ok())
    {
        return Watermark::from_micros(at.timestamp_micros()).ok_or_else(unreadable);
    }
    let naive = NAIVE
        .iter()
        .find_map(|p| NaiveDateTime::parse_from_str(&iso, p).ok())
        .or_else(|| {
            NaiveDate::parse_from_str(&iso, "%Y-%m-%d")
                .ok()?
                .and_hms_opt(0, 0, 0)
        })
        .ok_or_else(unreadable)?;
    local(naive, timezone).ok_or_else(|| FormatError::NoSuchLocalTime {
        text: text.to_owned(),
        timezone,
    })
}

/// One spelling of the separators: `T` between date and time, `+00:00` for UTC.
fn normalise(text: &str) -> String {
    let text = text.trim_end_matches("UTC").trim_end();
    let text = text
        .strip_suffix(['Z', 'z'])
        .map_or_else(|| text.to_owned(), |t| format!("{t}+00:00"));
    let text = text.replacen([' ', 't'], "T", 1);
    text.replacen(" +", "+", 1).replacen(" -", "-", 1)
}

/// A naive local time as UTC. Of a time that happened twice the earlier one: to read a watermark too early
/// repeats rows, too late would lose them.
fn local(naive: NaiveDateTime, timezone: Tz) -> Option<Watermark> {
    match timezone.from_local_datetime(&naive) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
            Some(Watermark::from(at.with_timezone(&Utc)))
        }
        LocalResult::None => None,
    }
}

/// When clocks in `timezone` show the time of `at` for the second time, if they do.
fn second_time(at: Watermark, timezone: Tz) -> Option<Watermark> {
    let local = at.to_datetime().with_timezone(&timezone).naive_local();
    match timezone.from_local_datetime(&local) {
        LocalResult::Ambiguous(_, second) => Some(Watermark::from(second.with_timezone(&Utc))),
        _ => None,
    }
}

fn strftime(text: &str, pattern: &str, timezone: Tz) -> Option<Watermark> {
    if let Ok(at) = DateTime::parse_from_str(text, pattern) {
        return Some(Watermark::from(at.with_timezone(&Utc)));
    }
    let naive = NaiveDateTime::parse_from_str(text, pattern)
        .ok()
        .or_else(|| {
            NaiveDate::parse_from_str(text, pattern)
                .ok()?
                .and_hms_opt(0, 0, 0)
        })?;
    local(
        naive,
        if pattern.ends_with('Z') {
            Tz::UTC
        } else {
            timezone
        },
    )
}

/// Digits before the decimal point.
fn digits(text: &str) -> usize {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    whole.trim_start_matches('-').len()
}

/// A bare number: seconds up to eleven digits, milliseconds up to fourteen, else microseconds.
fn epoch(text: &str) -> Option<Watermark> {
    match digits(text) {
        // Eight and fewer digits would be a date written without separators, or nothing at all.
        9..=11 => decimal(text, 1_000_000),
        12..=14 => decimal(text, 1_000),
        15..=18 => decimal(text, 1),
        _ => None,
    }
}

/// A decimal number of units of `unit` microseconds, without passing through a float.
fn decimal(text: &str, unit: i64) -> Option<Watermark> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let magnitude = whole.strip_prefix('-').unwrap_or(whole);
    if magnitude.is_empty() || !digits(magnitude) || !digits(fraction) {
        return None;
    }
    let mut micros: i64 = magnitude.parse::<i64>().ok()?.checked_mul(unit)?;
    let mut place = unit / 10;
    for digit in fraction.bytes() {
        micros = micros.checked_add(i64::from(digit - b'0') * place)?;
        place /= 10;
    }
    Watermark::from_micros(if whole.starts_with('-') {
        -micros
    } else {
        micros
    })
}

/// `micros` in units of `unit` microseconds, the rest as `width` decimals unless it is zero.
fn with_decimals(micros: i64, unit: i64, width: usize) -> String {
    let mut text = String::new();
    if micros < 0 {
        text.push('-');
    }
    let magnitude = micros.unsigned_abs();
    let unit = unit.unsigned_abs();
    // Writing to a String cannot fail.
    let _ = write!(text, "{}", magnitude / unit);
    if !magnitude.is_multiple_of(unit) {
        let _ = write!(text, ".{:0width$}", magnitude % unit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Watermark {
        read(text, Tz::UTC).expect("a timestamp")
    }

    #[test]
    fn every_spelling_of_one_instant_is_read_alike() {
        let expected = at("2024-05-16T10:50:30.123000Z");
        for text in [
            "2024-05-16 10:50:30.123",
            "2024-05-16T10:50:30.123",
            "2024-05-16T10:50:30.123+00:00",
            "2024-05-16 10:50:30.123+00",
            "2024-05-16 10:50:30.123 UTC",
            "2024-05-16 12:50:30.123+0200",
            "2024-05-16 12:50:30.123 +02:00",
            "2024-05-16T10:50:30.123000999Z",
            "20240516T105030.123",
            "20240516T105030.123Z",
            "20240516T125030.123+0200",
            "1715856630.123",
            "1715856630123",
            "1715856630123000",
            "  2024-05-16T10:50:30.123Z\n",
        ] {
            assert_eq!(read(text, Tz::UTC), Ok(expected), "{text}");
        }
    }

    #[test]
    fn naive_times_are_in_the_zone_of_the_profile() {
        let read = |text| read(text, Tz::Europe__London);
        assert_eq!(read("2024-07-01 12:00:00"), Ok(at("2024-07-01T11:00:00Z")));
        // Happened twice: the earlier one. Never happened: an error.
        assert_eq!(read("2024-10-27 01:30:00"), Ok(at("2024-10-27T00:30:00Z")));
        assert!(matches!(
            read("2024-03-31 01:30:00"),
            Err(FormatError::NoSuchLocalTime { .. })
        ));
    }

    #[test]
    fn what_is_not_a_timestamp_is_an_error() {
        for text in [
            "",
            "yesterday",
            "2024-13-01",
            "12",
            "1.2.3",
            "∞",
            "infinity",
        ] {
            assert!(
                matches!(read(text, Tz::UTC), Err(FormatError::Unreadable { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn each_format_reads_back_what_it_wrote() {
        let timestamp = at("2024-05-16T10:50:30.123456Z");
        let before_epoch = at("1969-12-31T23:59:59.5Z");
        for format in [
            "rfc3339",
            "epoch",
            "epoch-millis",
            "%Y-%m-%d %H:%M:%S%.6f",
            "%Y-%m-%dT%H:%M:%S%.6fZ",
        ] {
            let format: TimestampFormat = format.parse().expect("a format");
            for zone in [Tz::UTC, Tz::Asia__Kolkata] {
                for timestamp in [timestamp, before_epoch] {
                    let written = format.write(timestamp, zone).expect("written");
                    assert_eq!(
                        format.read(&written, zone),
                        Ok(timestamp),
                        "{format}: {written}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_format_that_would_lose_precision_refuses_to_write() {
        let format: TimestampFormat = "%Y-%m-%d %H:%M:%S".parse().expect("a format");
        let error = format.write(at("2024-05-16T10:50:30.123456Z"), Tz::UTC);
        assert!(matches!(error, Err(FormatError::LosesPrecision { .. })));
        assert!(format.write(at("2024-05-16T10:50:30Z"), Tz::UTC).is_ok());
    }

    #[test]
    fn a_local_time_that_happens_twice_is_refused_by_name() {
        let local: TimestampFormat = "%Y-%m-%d %H:%M:%S".parse().expect("a format");
        let zone = Tz::America__New_York;
        let (first, second) = (at("2026-11-01T05:40:00Z"), at("2026-11-01T06:40:00Z"));
        let written = local.write(first, zone).expect("the earlier one");
        assert_eq!(
            local.write(second, zone),
            Err(FormatError::HappensTwice {
                timestamp: second,
                written,
                timezone: zone,
            })
        );
        let finer = at("2026-11-01T05:40:00.5Z");
        let error = local.write(finer, zone);
        assert!(matches!(error, Err(FormatError::LosesPrecision { .. })));
        let with_offset: TimestampFormat = "%Y-%m-%d %H:%M:%S%z".parse().expect("a format");
        assert!(with_offset.write(second, zone).is_ok());
    }

    #[test]
    fn a_word_that_is_no_format_is_refused() {
        assert!("rfc-3339".parse::<TimestampFormat>().is_err());
        assert!("%Q".parse::<TimestampFormat>().is_err());
    }
}
