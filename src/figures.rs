//! Numbers, sizes and times as an operator reads them.

use std::time::Duration;

use chrono::{SecondsFormat, Timelike};
use serde_json::Value;

use crate::vocabulary::Watermark;

const SECOND: i64 = 1_000_000;

/// `1204` as `1,204`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 table`, `2 tables`, `1,204 rows`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

/// The first few names, and how many others there are: `a, b, c, d and 2 more`.
#[must_use]
pub fn named(names: &[impl AsRef<str>]) -> String {
    const NAMED: usize = 4;
    let first: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        others => format!("{} and {others} more", first.join(", ")),
    }
}

/// A length as a number for display.
#[must_use]
pub fn length(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// How far something got before it was interrupted: `3 of 7 objects written, 12,345 rows left`.
#[must_use]
pub fn how_far(written: usize, left: usize, rows: u64) -> String {
    let objects = count(length(written.saturating_add(left)), "object");
    format!(
        "{written} of {objects} written, {} left",
        count(rows, "row")
    )
}

/// Bytes in decimal units: `1.2 MB`.
#[must_use]
pub fn bytes(number: u64) -> String {
    scaled(number, &["B", "kB", "MB", "GB", "TB", "PB"])
}

/// Rows per second: `1.1 M rows/s`.
#[must_use]
pub fn rate(rows_per_second: u64) -> String {
    scaled(
        rows_per_second,
        &["rows/s", "k rows/s", "M rows/s", "G rows/s"],
    )
}

fn scaled(number: u64, units: &[&str]) -> String {
    let mut unit = 0;
    #[expect(
        clippy::cast_precision_loss,
        reason = "what a float loses is rounded away for a reader"
    )]
    let mut value = number as f64;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(unit > 0 && value < 99.95);
    format!("{value:.decimals$} {}", units[unit])
}

/// A length of time in microseconds, in the largest unit that fits: `9 s`, `4 min`, `2 h`, `3 d`.
#[must_use]
pub fn span(micros: i64) -> String {
    let seconds = micros.max(0) / SECOND;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A length of time in its two largest units: `9 s`, `4 min 10 s`, `2 h 5 min`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, min, s) => format!("{min} min {s} s"),
        (h, min, _) => format!("{h} h {min} min"),
    }
}

/// A length of time in days, hours, minutes and seconds: `1 day`, `2 days 12 hours`.
#[must_use]
pub fn days(duration: Duration) -> String {
    if duration.subsec_nanos() > 0 {
        return humantime::format_duration(duration).to_string();
    }
    let named = |(number, noun, _): &(u64, &str, char)| count(*number, noun);
    let words: Vec<String> = parts(duration).iter().map(named).collect();
    words.join(" ")
}

/// A duration as commands accept it, in one word: `1d`, `2d12h`.
#[must_use]
pub fn days_typed(duration: Duration) -> String {
    if duration.subsec_nanos() > 0 {
        return humantime::format_duration(duration)
            .to_string()
            .replace(' ', "");
    }
    let typed = |(number, _, sign): &(u64, &str, char)| format!("{number}{sign}");
    parts(duration).iter().map(typed).collect()
}

/// The non-zero parts of a length of time, with their nouns and signs; a zero length is 0 seconds.
fn parts(duration: Duration) -> Vec<(u64, &'static str, char)> {
    let seconds = duration.as_secs();
    let parts = [
        (seconds / 86_400, "day", 'd'),
        (seconds / 3_600 % 24, "hour", 'h'),
        (seconds / 60 % 60, "minute", 'm'),
        (seconds % 60, "second", 's'),
    ];
    let is_there =
        |(number, _, sign): &(u64, &str, char)| *number > 0 || (seconds, *sign) == (0, 's');
    parts.into_iter().filter(is_there).collect()
}

/// How long ago `at` was: `4 min ago`, or `in 2 h`.
#[must_use]
pub fn ago(at: Watermark, now: Watermark) -> String {
    let age = now.micros().saturating_sub(at.micros());
    if age < -SECOND {
        format!("in {}", span(-age))
    } else if age < SECOND {
        "just now".to_owned()
    } else {
        format!("{} ago", span(age))
    }
}

/// The width of [`ago`] in columns, without building the text.
#[must_use]
pub fn ago_width(at: Watermark, now: Watermark) -> usize {
    let age = now.micros().saturating_sub(at.micros());
    let seconds = age.unsigned_abs() / SECOND.unsigned_abs();
    let (number, unit) = match seconds {
        0..60 => (seconds, 1),
        60..3_600 => (seconds / 60, 3),
        3_600..86_400 => (seconds / 3_600, 1),
        _ => (seconds / 86_400, 1),
    };
    let digits = number.checked_ilog10().map_or(1, |log| log as usize + 1);
    let span = digits + 1 + unit;
    if age < -SECOND {
        span + 3
    } else if age < SECOND {
        8
    } else {
        span + 4
    }
}

/// `2026-05-16 10:50:30.123` in UTC, with microseconds if there are any.
#[must_use]
pub fn timestamp(at: Watermark) -> String {
    let precision = if at.micros().rem_euclid(1_000) == 0 {
        SecondsFormat::Millis
    } else {
        SecondsFormat::Micros
    };
    let text = at.to_datetime().to_rfc3339_opts(precision, true);
    text.replacen('T', " ", 1).trim_end_matches('Z').to_owned()
}

/// `2026-05-16 10:50` in UTC.
#[must_use]
pub fn minute(at: Watermark) -> String {
    at.to_datetime().format("%Y-%m-%d %H:%M").to_string()
}

/// `14:02:31`, UTC.
#[must_use]
pub fn clock(now: Watermark) -> String {
    let now = now.to_datetime();
    format!("{:02}:{:02}:{:02}", now.hour(), now.minute(), now.second())
}

/// A value from the evidence of a finding, formatted by its name: only row counts are grouped by thousands.
#[must_use]
pub fn value(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number
            .as_u64()
            .filter(|_| name.contains("rows"))
            .map_or_else(|| number.to_string(), thousands),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|one| self::value(name, one)).collect();
            values.join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_read_in_words_and_typed_in_one() {
        for (seconds, read, typed) in [
            (86_400.0, "1 day", "1d"),
            (2.5 * 86_400.0, "2 days 12 hours", "2d12h"),
            (40.0 * 86_400.0, "40 days", "40d"),
            (5_401.0, "1 hour 30 minutes 1 second", "1h30m1s"),
            (86_400.25, "1day 250ms", "1day250ms"),
        ] {
            let duration = Duration::from_secs_f64(seconds);
            assert_eq!(
                (days(duration).as_str(), days_typed(duration).as_str()),
                (read, typed)
            );
            assert_eq!(humantime::parse_duration(typed), Ok(duration));
        }
    }

    #[test]
    fn numbers_are_grouped_and_scaled() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_204), "1,204");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(count(1, "row"), "1 row");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_250_000), "1.2 MB");
        assert_eq!(rate(1_100_000), "1.1 M rows/s");
    }

    #[test]
    fn durations_show_two_units() {
        let text = |seconds| duration(Duration::from_secs(seconds));
        assert_eq!(text(9), "9 s");
        assert_eq!(text(250), "4 min 10 s");
        assert_eq!(text(7_500), "2 h 5 min");
    }

    #[test]
    fn ages_are_in_the_largest_unit() {
        let now = Watermark::from_micros(1_000_000 * SECOND).expect("a time");
        let at =
            |seconds: i64| Watermark::from_micros(now.micros() - seconds * SECOND).expect("a time");
        assert_eq!(ago(at(0), now), "just now");
        assert_eq!(ago(at(59), now), "59 s ago");
        assert_eq!(ago(at(7_300), now), "2 h ago");
        assert_eq!(ago(at(200_000), now), "2 d ago");
        assert_eq!(ago(at(-7_300), now), "in 2 h");
        for seconds in [
            -90_000, -7_300, -61, -1, 0, 1, 9, 10, 59, 600, 7_300, 900_000, 9_999_999,
        ] {
            let text = ago(at(seconds), now);
            assert_eq!(ago_width(at(seconds), now), text.len(), "{text}");
        }
    }
}
