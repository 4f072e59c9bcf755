//! Whether stored timestamps can be as precise as those of the rows.

use crate::backend::{
    Backend,
    finding::{Finding, FindingCode, Severity},
    source::SourceTable,
};
use crate::vocabulary::{
    Watermark,
    watermark::{FormatError, Spelling},
};

/// Timestamps that the columns of a table can hold but the profile's format cannot.
#[derive(Debug)]
pub(in crate::backend) struct Lossy {
    /// Digits after the second in these columns.
    pub(in crate::backend) digits: u32,
    /// A timestamp that would be read back as a different one.
    pub(in crate::backend) example: FormatError,
    what: String,
}

impl Lossy {
    /// The finding while no row has such a timestamp.
    pub(in crate::backend) fn warning(&self) -> Finding {
        self.finding(
            Severity::Warning,
            "ingestion stops at the first row that has one",
        )
    }

    /// The finding once the newest row has such a timestamp.
    pub(in crate::backend) fn error(&self) -> Finding {
        self.finding(
            Severity::Error,
            "the newest row has such a timestamp, so ingestion stops before it",
        )
    }

    fn finding(&self, severity: Severity, consequence: &str) -> Finding {
        let message = format!("{}: {consequence}", self.what);
        Finding::new(FindingCode::TimestampFormatLosesPrecision, message).with_severity(severity)
    }
}

impl Backend {
    /// Returns what the profile's format cannot hold of the timestamps in the columns of `table`, if
    /// anything.
    pub(in crate::backend) fn lossy(&self, table: &SourceTable) -> Option<Lossy> {
        let profile = self.profile();
        let named = profile.timestamp_columns(&table.name);
        let columns = table
            .columns
            .iter()
            .filter(|column| named.contains(&column.name));
        let digits = columns.map(|column| column.fraction_digits().unwrap_or(6));
        let digits = digits.max()?;
        let Spelling { format, timezone } = profile.spelling();
        let example = format.write(finest(digits), timezone).err()?;
        let what = format!(
            "timestamps of {} have up to {digits} digits after the second, and timestamp_format = \"{format}\" does not hold them",
            named.join(", ")
        );
        Some(Lossy {
            digits,
            example,
            what,
        })
    }
}

/// A timestamp with `digits` digits after the second, none of them zero.
fn finest(digits: u32) -> Watermark {
    let unit = 10_i64.pow(6 - digits.min(6));
    let fraction = 123_456 / unit * unit;
    Watermark::from_micros(1_715_856_630_000_000 + fraction).unwrap_or_else(Watermark::now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_has_as_many_digits_as_its_column() {
        for (digits, text) in [
            (0, "2024-05-16T10:50:30.000000Z"),
            (3, "2024-05-16T10:50:30.123000Z"),
            (6, "2024-05-16T10:50:30.123456Z"),
        ] {
            assert_eq!(finest(digits).to_string(), text);
        }
    }
}
