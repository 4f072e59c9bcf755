//! The statement with which a table's owner can bring back rows that no watermark passes.

use chrono_tz::Tz;

use super::catalog::SourceTable;
use crate::vocabulary::table::quote_identifier;

/// Returns the statement that gives the unreachable rows of `table` the current time as their timestamp.
///
/// The next batch then takes them. `None` if the timestamp is made of several `columns`: only the table's owner
/// knows which of them is wrong.
#[must_use]
pub fn correction(table: &SourceTable, columns: &[String], timezone: Tz) -> Option<String> {
    let [name] = columns else {
        return None;
    };
    let column = table.columns.iter().find(|column| column.name == *name)?;
    let present = if column.is_naive_timestamp() {
        format!("now() AT TIME ZONE '{timezone}'")
    } else {
        "now()".to_owned()
    };
    let name = quote_identifier(name);
    Some(format!(
        "UPDATE {} SET {name} = {present} WHERE {name} IS NULL OR {name} = '-infinity' OR {name} > {present} + interval '1 day'",
        table.name.quoted()
    ))
}
