//! What its owner can run to bring rows that no watermark passes back into reach.

use chrono_tz::Tz;

use super::catalog::SourceTable;
use crate::vocabulary::table::quote_identifier;

/// The statement that stamps the unreachable rows of `table` with the present.
///
/// The next batch takes them then. `None` where several `columns` make the timestamp: which of them is wrong, only the
/// table's owner knows.
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
