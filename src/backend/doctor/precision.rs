//! Whether the stored timestamps can be as exact as the rows'.

use crate::backend::Backend;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::source::{Extremes, SourceColumn, SourceTable};
use crate::backend::watermark::Watermark;

use super::diagnosis::{Diagnosis, Evidence};

impl Backend {
    /// Whether the format of the profile can hold every timestamp that the columns can.
    pub(super) fn format_precision(
        &self,
        table: &SourceTable,
        extremes: Option<Extremes>,
    ) -> Option<Diagnosis> {
        let profile = self.profile();
        let named = profile.timestamp_columns(&table.name);
        let columns = table
            .columns
            .iter()
            .filter(|column| named.contains(&column.name));
        let digits = columns.map(fraction_digits).max()?;
        let format = &profile.parameters.timestamp_format;
        let zone = profile.source.timezone;
        let lost = format.write(finest(digits), zone).err()?;
        let newest = extremes.and_then(|extremes| extremes.newest);
        let fails = newest.is_some_and(|newest| format.write(newest, zone).is_err());
        let (severity, consequence) = if fails {
            let why = "the newest row has such a timestamp, so that ingestion stops before it";
            (Severity::Error, why)
        } else {
            (
                Severity::Warning,
                "ingestion stops at the first row that has one",
            )
        };
        let message = format!(
            "timestamps of {} have up to {digits} digits after the second, and timestamp_format = \"{format}\" does not hold them: {consequence}",
            named.join(", ")
        );
        let finding = Finding::new(FindingCode::TimestampFormatLosesPrecision, message);
        let evidence = Evidence::default()
            .with("timestamp_format", format.to_string())
            .with("digits", digits)
            .with("newest_row", newest)
            .with("example", lost.to_string());
        let diagnosis = Diagnosis::new(&table.name, finding.with_severity(severity));
        Some(diagnosis.because(evidence))
    }
}

/// Digits after the second that a timestamp column keeps: `timestamp(3)`, otherwise six.
fn fraction_digits(column: &SourceColumn) -> u32 {
    let digits = column.type_name.split_once('(').and_then(|(_, rest)| {
        let (digits, _) = rest.split_once(')')?;
        digits.parse().ok()
    });
    digits.unwrap_or(6)
}

/// A timestamp with this many digits after the second, none of them zero.
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
