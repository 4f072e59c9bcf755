//! Timestamps as an operator types them.
//!
//! Absolute, in the profile's format or any other that is accepted in a parameter store, or relative to now: `now`,
//! `-2h`, `-1d 30m`, `today`, `yesterday 09:00`, `tomorrow`, `14:30`. When a stored timestamp is being changed,
//! `-2h` is relative to that timestamp.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{Spelling, Watermark};

/// The typed text is not a timestamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a timestamp; try 2024-05-16T10:50:30Z, 2024-05-16 10:50, -2h, now, or yesterday 09:00"
)]
pub struct InputError {
    text: String,
}

/// Reads what an operator typed. Relative expressions refer to `now`; days and naive times are in the time zone of
/// `spelling`.
///
/// # Errors
/// [`InputError`] if the text is neither a timestamp nor a known phrase.
pub fn read_input(
    text: &str,
    now: Watermark,
    spelling: &Spelling,
) -> Result<Watermark, InputError> {
    let trimmed = text.trim();
    relative(trimmed, now)
        .or_else(|| day_and_time(trimmed, now, spelling.timezone))
        .or_else(|| spelling.read(trimmed).ok())
        .ok_or_else(|| InputError {
            text: text.to_owned(),
        })
}

/// Reads what an operator typed to replace `stored`. Like [`read_input`], but a bare length of time is relative to
/// the stored timestamp, if there is one, because that is what is being changed.
///
/// # Errors
/// As [`read_input`].
pub fn read_change(
    text: &str,
    stored: Option<Watermark>,
    now: Watermark,
    spelling: &Spelling,
) -> Result<Watermark, InputError> {
    let trimmed = text.trim();
    let shifted = stored.and_then(|stored| relative(trimmed, stored));
    let read = shifted.map_or_else(|| read_input(text, now, spelling), Ok)?;
    // Nobody means these to the microsecond.
    let is_vague = is_length(trimmed) || trimmed.eq_ignore_ascii_case("now");
    Ok(if is_vague { spelling.cut(read) } else { read })
}

/// Whether the text is a bare length of time.
#[must_use]
pub fn is_length(text: &str) -> bool {
    // Any moment will do that is far from the ends of the range.
    Watermark::from_micros(0).is_some_and(|at| relative(text.trim(), at).is_some())
}

/// `-2h`, `+15m`, `-1d 12h`.
fn relative(text: &str, now: Watermark) -> Option<Watermark> {
    let (sign, span) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => return None,
    };
    let span = humantime::parse_duration(span).ok()?;
    let micros = i64::try_from(span.as_micros()).ok()?;
    Watermark::from_micros(now.micros().checked_add(sign * micros)?)
}

/// `now`, `today`, `yesterday 09:00`, `14:30`.
fn day_and_time(text: &str, now: Watermark, timezone: Tz) -> Option<Watermark> {
    let lower = text.to_ascii_lowercase();
    if lower == "now" {
        return Some(now);
    }
    let today = now.to_datetime().with_timezone(&timezone).date_naive();
    let (word, rest) = lower.split_once(' ').unwrap_or((&lower, ""));
    let (day, time) = match word {
        "today" => (today, rest),
        "yesterday" => (today.checked_sub_days(Days::new(1))?, rest),
        "tomorrow" => (today.checked_add_days(Days::new(1))?, rest),
        _ => (today, lower.as_str()),
    };
    let time = if word != time && time.is_empty() {
        NaiveTime::MIN
    } else {
        time_of_day(time)?
    };
    at(day, time, timezone)
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S", "%H:%M:%S%.f"]
        .iter()
        .find_map(|pattern| NaiveTime::parse_from_str(text.trim(), pattern).ok())
}

fn at(day: NaiveDate, time: NaiveTime, timezone: Tz) -> Option<Watermark> {
    let local: DateTime<Tz> = day.and_time(time).and_local_timezone(timezone).earliest()?;
    Some(Watermark::from(local.with_timezone(&Utc)))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn typed(text: &str) -> Option<String> {
        let now = read("2026-05-16T14:02:31Z", Tz::UTC).expect("a timestamp");
        let read = read_input(text, now, &Spelling::default());
        read.ok().map(|at| at.to_string())
    }

    #[test]
    fn phrases_are_relative_to_now() {
        for (text, expected) in [
            ("now", "2026-05-16T14:02:31.000000Z"),
            ("-2h", "2026-05-16T12:02:31.000000Z"),
            ("-1d 30m", "2026-05-15T13:32:31.000000Z"),
            ("+15s", "2026-05-16T14:02:46.000000Z"),
            ("today", "2026-05-16T00:00:00.000000Z"),
            ("Yesterday 09:00", "2026-05-15T09:00:00.000000Z"),
            ("10:50:30.123", "2026-05-16T10:50:30.123000Z"),
            ("2026-05-16 10:50:30.123", "2026-05-16T10:50:30.123000Z"),
        ] {
            assert_eq!(typed(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_length_of_time_alone_changes_what_is_stored() {
        let at = |text| read(text, Tz::UTC).expect("a timestamp");
        let (stored, now) = (at("2026-05-14T08:00:00Z"), at("2026-05-16T14:02:31Z"));
        let change = |text, stored| read_change(text, stored, now, &Spelling::default());
        assert_eq!(change(" -2h", Some(stored)), Ok(at("2026-05-14T06:00:00Z")));
        assert_eq!(change("-2h", None), Ok(at("2026-05-16T12:02:31Z")));
        assert_eq!(change("now", Some(stored)), Ok(now));
        assert_eq!(
            change("yesterday 09:00", Some(stored)),
            Ok(at("2026-05-15T09:00:00Z"))
        );
    }

    #[test]
    fn what_the_profile_writes_is_read_as_it_is_meant() {
        for (pattern, text) in [
            ("%Y%m%d%H%M%S", "20240104040000"),
            ("%d.%m.%Y %H:%M:%S", "04.01.2024 04:00:00"),
            ("%d/%m/%Y %H.%M", "04/01/2024 04.00"),
        ] {
            let spelling = Spelling {
                format: pattern.parse().expect("a pattern"),
                timezone: Tz::UTC,
            };
            let typed = read_input(text, Watermark::now(), &spelling).expect(pattern);
            assert_eq!(
                typed.to_string(),
                "2024-01-04T04:00:00.000000Z",
                "{pattern}"
            );
        }
    }

    #[test]
    fn what_is_meant_from_now_is_cut_down_to_what_can_be_stored() {
        let now = read("2026-05-16T14:02:31.123456Z", Tz::UTC).expect("a timestamp");
        let spelling = Spelling {
            format: "%Y-%m-%d %H:%M:%S%.3f".parse().expect("a pattern"),
            timezone: Tz::UTC,
        };
        for (text, expected) in [
            ("now", "2026-05-16T14:02:31.123000Z"),
            ("-1h", "2026-05-16T13:02:31.123000Z"),
            // Typed to the microsecond, so meant to the microsecond.
            ("2026-05-16 10:50:30.123456", "2026-05-16T10:50:30.123456Z"),
        ] {
            let typed = read_change(text, None, now, &spelling).map(|at| at.to_string());
            assert_eq!(typed.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for text in ["", "-", "-x", "soon", "yesterday noon", "25:00"] {
            assert_eq!(typed(text), None, "{text}");
        }
    }
}
