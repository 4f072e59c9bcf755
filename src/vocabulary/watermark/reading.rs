//! Reads timestamps in any of the spellings that are found in a parameter store.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::Watermark;
use super::error::FormatError;

/// Patterns of a timestamp with its offset from UTC, after `Z` has been rewritten to `+00:00`.
const WITH_OFFSET: [&str; 3] = [
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y%m%dT%H%M%S%.f%#z",
];
/// Patterns of a timestamp without an offset.
const NAIVE: [&str; 3] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S%.f"];

/// Reads a timestamp in any format that pipelines leave in a parameter store.
///
/// These are RFC 3339; the same with a space instead of the `T`, with an offset of hours only, or naive (then in
/// `timezone`); a date; and seconds, milliseconds or microseconds since the Unix epoch, told apart by their size.
/// Digits below the microsecond are cut off.
///
/// # Errors
/// [`FormatError::Unreadable`], or [`FormatError::NoSuchLocalTime`] for a naive time that `timezone` skips.
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

/// Normalises the separators: `T` between date and time, `+00:00` for UTC.
fn normalise(text: &str) -> String {
    let text = text.trim_end_matches("UTC").trim_end();
    let text = text
        .strip_suffix(['Z', 'z'])
        .map_or_else(|| text.to_owned(), |t| format!("{t}+00:00"));
    let text = text.replacen([' ', 't'], "T", 1);
    text.replacen(" +", "+", 1).replacen(" -", "-", 1)
}

/// Converts a naive local time to UTC. A time that happened twice is taken as the earlier one: a watermark that is
/// read too early repeats rows, one that is read too late would lose them.
pub(super) fn local(naive: NaiveDateTime, timezone: Tz) -> Option<Watermark> {
    match timezone.from_local_datetime(&naive) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
            Some(Watermark::from(at.with_timezone(&Utc)))
        }
        LocalResult::None => None,
    }
}

/// The number of digits before the decimal point.
pub(super) fn digits(text: &str) -> usize {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    whole.trim_start_matches('-').len()
}

/// A bare number: seconds up to eleven digits, milliseconds up to fourteen, microseconds above that.
fn epoch(text: &str) -> Option<Watermark> {
    match digits(text) {
        // Eight digits or fewer would be a date without separators, or nothing at all.
        9..=11 => decimal(text, 1_000_000),
        12..=14 => decimal(text, 1_000),
        15..=18 => decimal(text, 1),
        _ => None,
    }
}

/// Parses a decimal number in units of `unit` microseconds, without going through a float.
pub(super) fn decimal(text: &str, unit: i64) -> Option<Watermark> {
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
        // A time that happened twice is the earlier one; a time that never happened is an error.
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
}
