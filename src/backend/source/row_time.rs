//! The timestamp of a row as SQL, used in every condition.

use chrono::Datelike;
use chrono_tz::Tz;

use super::catalog::SourceTable;
use crate::backend::error::{Error, Result};
use crate::vocabulary::{Watermark, table::quote_identifier};

/// The timestamp of a table's rows: one column, or the greatest of several.
///
/// Columns without time zone are compared as they are if the profile's zone is UTC, so that an index on them can
/// be used; in any other zone they are converted to an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowTime {
    expression: String,
    naive: bool,
    /// Microseconds of the last digit kept by the coarsest of the columns.
    unit: i64,
}

impl RowTime {
    /// The timestamp made of `columns` of `table`.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] and [`Error::NotATimestamp`].
    pub fn of(table: &SourceTable, columns: &[String], timezone: Tz) -> Result<Self> {
        let found = columns
            .iter()
            .map(|name| find(table, name))
            .collect::<Result<Vec<_>>>()?;
        let naive = timezone == Tz::UTC && found.iter().all(|column| column.is_naive_timestamp());
        let terms: Vec<String> = found
            .iter()
            .map(|column| {
                let name = quote_identifier(&column.name);
                if column.is_naive_timestamp() && !naive {
                    format!("({name} AT TIME ZONE '{timezone}')")
                } else {
                    name
                }
            })
            .collect();
        let expression = match terms.as_slice() {
            [one] => one.clone(),
            several => format!("GREATEST({})", several.join(", ")),
        };
        // A domain does not show how many digits it keeps.
        let digits = found
            .iter()
            .map(|column| column.fraction_digits().unwrap_or(0));
        let unit = 10_i64.pow(6 - digits.min().unwrap_or(6));
        Ok(Self {
            expression,
            naive,
            unit,
        })
    }

    /// The expression itself.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Converts an expression to microseconds since the Unix epoch, exactly.
    #[must_use]
    pub fn micros(value: &str) -> String {
        format!("(extract(epoch FROM {value}) * 1000000)::int8")
    }

    /// The condition for rows after `after`, or all that are not −infinity, and earlier than `before`.
    #[must_use]
    pub fn between(&self, after: Option<Watermark>, before: Watermark) -> String {
        format!("{} AND {}", self.after(after), self.is("<", before))
    }

    /// The condition for rows after `after`, or all that are not −infinity.
    #[must_use]
    pub fn after(&self, after: Option<Watermark>) -> String {
        after.map_or_else(
            || format!("{} > '-infinity'", self.expression),
            |after| self.is(">", after),
        )
    }

    /// Returns the bound below which a transaction that began at or after `horizon` adds no row.
    ///
    /// PostgreSQL rounds what it stores in `timestamptz(3)`, down as well as up (its documentation, 8.5). A row
    /// of such a transaction may therefore have a timestamp before its start: at the earliest, the last one
    /// before it that the column can hold.
    #[must_use]
    pub fn bound(&self, horizon: Watermark) -> Watermark {
        let micros = horizon.micros();
        Watermark::from_micros(micros - micros.rem_euclid(self.unit)).unwrap_or(horizon)
    }

    /// The condition that compares the row's timestamp with an instant.
    #[must_use]
    pub fn is(&self, operator: &str, at: Watermark) -> String {
        format!("{} {operator} {}", self.expression, self.literal(at))
    }

    /// An instant as a literal of the expression's type (PostgreSQL documentation, 8.5.1.3).
    fn literal(&self, at: Watermark) -> String {
        let at = at.to_datetime();
        let (year, era) = if at.year() > 0 {
            (at.year(), "")
        } else {
            (1 - at.year(), " BC")
        };
        let text = format!("{year:04}-{}", at.format("%m-%d %H:%M:%S%.6f"));
        if self.naive {
            format!("TIMESTAMP '{text}{era}'")
        } else {
            format!("TIMESTAMPTZ '{text}+00{era}'")
        }
    }
}

fn find<'a>(table: &'a SourceTable, name: &str) -> Result<&'a super::catalog::SourceColumn> {
    let column = table
        .columns
        .iter()
        .find(|column| column.name == name)
        .ok_or_else(|| Error::UnknownColumn {
            table: table.name.clone(),
            column: name.to_owned(),
            timestamps: table
                .columns
                .iter()
                .filter(|column| column.is_timestamp())
                .map(|column| column.name.clone())
                .collect(),
        })?;
    if column.is_timestamp() {
        Ok(column)
    } else {
        Err(Error::NotATimestamp {
            table: table.name.clone(),
            column: name.to_owned(),
            type_name: column.type_name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalog::SourceColumn;
    use super::*;
    use crate::backend::jsonl::CatalogType;
    use crate::vocabulary::TableName;

    fn table(columns: &[(&str, u32)]) -> SourceTable {
        let columns = columns.iter().map(|(name, oid)| SourceColumn {
            name: (*name).to_owned(),
            type_name: "any".to_owned(),
            nullable: true,
            catalog: CatalogType::built_in(*oid),
            is_watermark: false,
            is_indexed: false,
        });
        SourceTable {
            name: TableName::parse("t"),
            bytes: 0,
            estimated_rows: None,
            columns: columns.collect(),
            has_infinite_intervals: true,
            findings: Vec::new(),
        }
    }

    fn at(text: &str) -> Watermark {
        crate::vocabulary::watermark::read(text, Tz::UTC).expect("a timestamp")
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_naive_column_in_utc_is_compared_as_it_is() {
        let time =
            RowTime::of(&table(&[("ts", 1114)]), &names(&["ts"]), Tz::UTC).expect("a row time");
        assert_eq!(
            time.between(Some(at("2024-05-16T10:50:30.123456Z")), at("2024-05-17")),
            "\"ts\" > TIMESTAMP '2024-05-16 10:50:30.123456' AND \"ts\" < TIMESTAMP '2024-05-17 00:00:00.000000'"
        );
        assert_eq!(time.after(None), "\"ts\" > '-infinity'");
    }

    #[test]
    fn columns_of_both_kinds_are_compared_as_instants() {
        let table = table(&[("a", 1114), ("b", 1184)]);
        let time = RowTime::of(&table, &names(&["a", "b"]), Tz::UTC).expect("a row time");
        assert_eq!(
            time.expression(),
            "GREATEST((\"a\" AT TIME ZONE 'UTC'), \"b\")"
        );
        assert_eq!(
            time.is("<", at("2024-05-17")),
            "GREATEST((\"a\" AT TIME ZONE 'UTC'), \"b\") < TIMESTAMPTZ '2024-05-17 00:00:00.000000+00'"
        );
    }

    #[test]
    fn a_column_that_is_missing_or_no_timestamp_is_an_error() {
        let table = table(&[("a", 25)]);
        assert!(matches!(
            RowTime::of(&table, &names(&["b"]), Tz::UTC),
            Err(Error::UnknownColumn { .. })
        ));
        assert!(matches!(
            RowTime::of(&table, &names(&["a"]), Tz::UTC),
            Err(Error::NotATimestamp { .. })
        ));
    }
}
