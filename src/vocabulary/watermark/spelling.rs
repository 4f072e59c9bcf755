//! How one profile spells timestamps.

use chrono_tz::Tz;

use super::twice::{SecondPass, second_pass};
use super::{FormatError, TimestampFormat, Watermark};

/// The format in which a profile writes timestamps, and the zone of timestamps that name none. When a stored or
/// typed timestamp is read, this format is tried before all others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spelling {
    pub format: TimestampFormat,
    pub timezone: Tz,
}

impl Spelling {
    /// As [`TimestampFormat::write`], in this time zone.
    ///
    /// # Errors
    /// As there.
    pub fn write(&self, timestamp: Watermark) -> Result<String, FormatError> {
        self.format.write(timestamp, self.timezone)
    }

    /// Cuts `at`, a moment that nobody means to the microsecond, down to what the format can hold.
    #[must_use]
    pub fn cut(&self, at: Watermark) -> Watermark {
        let cut = match self.write(at) {
            Err(FormatError::LosesPrecision { written, .. }) => self.read(&written).ok(),
            _ => None,
        };
        cut.filter(|cut| *cut <= at).unwrap_or(at)
    }

    /// The span around `at` in which clocks show their times for the second time, if the format cannot tell these
    /// from the first.
    #[must_use]
    pub fn shown_again(&self, at: Watermark) -> Option<SecondPass> {
        match self.write(at) {
            Err(FormatError::HappensTwice { .. }) => second_pass(at, self.timezone),
            _ => None,
        }
    }

    /// As [`TimestampFormat::read`], in this time zone.
    ///
    /// # Errors
    /// As there.
    pub fn read(&self, text: &str) -> Result<Watermark, FormatError> {
        self.format.read(text, self.timezone)
    }
}
