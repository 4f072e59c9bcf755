//! The format in which timestamps are stored.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::Watermark;
use super::error::FormatError;
use super::reading::{decimal, digits, local, read};
use super::twice::both_times;

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
    /// A [strftime pattern](chrono::format::strftime), in the profile's time zone, or in UTC if the pattern ends in
    /// `Z`.
    Strftime(String),
}

impl TimestampFormat {
    /// Writes `timestamp` in the form in which it is stored.
    ///
    /// # Errors
    /// [`FormatError::LosesPrecision`] or [`FormatError::HappensTwice`] if [`read`] would not return the same
    /// timestamp: such a value would repeat or skip rows.
    pub fn write(&self, timestamp: Watermark, timezone: Tz) -> Result<String, FormatError> {
        let written = self.render(timestamp, timezone);
        match self.read(&written, timezone) {
            Ok(back) if back == timestamp => Ok(written),
            Ok(back)
                if self.is_local() && both_times(back, timezone) == Some([back, timestamp]) =>
            {
                Err(FormatError::HappensTwice {
                    timestamp,
                    written,
                    timezone,
                })
            }
            _ => Err(FormatError::LosesPrecision { timestamp, written }),
        }
    }

    /// Reads a stored value, trying this format before all others.
    ///
    /// # Errors
    /// [`FormatError::Unreadable`] and [`FormatError::NoSuchLocalTime`].
    pub fn read(&self, text: &str, timezone: Tz) -> Result<Watermark, FormatError> {
        let text = text.trim();
        let own = match self {
            Self::Rfc3339 => None,
            // With that many digits, the unit must be smaller: as seconds, the time would be tens of thousands of
            // years away.
            Self::Epoch => decimal(text, 1_000_000).filter(|_| digits(text) < 13),
            Self::EpochMillis => decimal(text, 1_000),
            Self::Strftime(pattern) => strftime(text, pattern, timezone),
        };
        own.map_or_else(|| read(text, timezone), Ok)
    }

    /// Whether timestamps are written as local times of the zone, possibly without saying so.
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

/// `micros` in units of `unit` microseconds, with the rest as `width` decimals unless it is zero.
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
