//! How one profile spells timestamps.

use chrono_tz::Tz;

use super::twice::{SecondPass, second_pass};
use super::{FormatError, TimestampFormat, Watermark};

/// The format in which a profile writes timestamps, and the zone of those that have none. Whoever reads
/// what was stored, or what somebody typed after it, reads that format before all others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spelling {
    pub format: TimestampFormat,
    pub timezone: Tz,
}

impl Spelling {
    /// [`TimestampFormat::write`] in the zone.
    ///
    /// # Errors
    /// As there.
    pub fn write(&self, timestamp: Watermark) -> Result<String, FormatError> {
        self.format.write(timestamp, self.timezone)
    }

    /// A moment that nobody means to the microsecond, cut down to what the format holds.
    #[must_use]
    pub fn cut(&self, at: Watermark) -> Watermark {
        let cut = match self.write(at) {
            Err(FormatError::LosesPrecision { written, .. }) => self.read(&written).ok(),
            _ => None,
        };
        cut.filter(|cut| *cut <= at).unwrap_or(at)
    }

    /// The time around `at` that clocks show for the second time, if the format does not tell it from the
    /// first.
    #[must_use]
    pub fn shown_again(&self, at: Watermark) -> Option<SecondPass> {
        match self.write(at) {
            Err(FormatError::HappensTwice { .. }) => second_pass(at, self.timezone),
            _ => None,
        }
    }

    /// [`TimestampFormat::read`] in the zone.
    ///
    /// # Errors
    /// As there.
    pub fn read(&self, text: &str) -> Result<Watermark, FormatError> {
        self.format.read(text, self.timezone)
    }
}
