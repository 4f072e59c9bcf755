//! Whether an index helps to find the rows above a timestamp.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

use super::row_time::RowTime;
use crate::vocabulary::TableName;

/// Selects the first key of each index of a table that is valid, covers all rows, and can find
/// ranges; one row without a key if there is no such index.
const FIRST_KEYS: &str = "
SELECT t.relkind = 'p', pg_catalog.pg_get_indexdef(i.indexrelid, 1, false)
FROM pg_catalog.pg_class t
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN (
    pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_am a ON a.oid = c.relam AND a.amname IN ('btree', 'brin')
) ON i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL
WHERE n.nspname = $1 AND t.relname = $2";

/// Returns the statement that creates an index on the rows' timestamp; `None` if there is one.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn missing_index(
    client: &Client,
    table: &TableName,
    time: &RowTime,
) -> Result<Option<String>, Error> {
    let named: [(&(dyn ToSql + Sync), Type); 2] =
        [(&table.schema(), Type::NAME), (&table.name(), Type::NAME)];
    let rows = client.query_typed(FIRST_KEYS, &named).await?;
    let mut partitioned = false;
    for row in &rows {
        partitioned = row.try_get(0)?;
        let key: Option<String> = row.try_get(1)?;
        if key.is_some_and(|key| plain(&key) == plain(time.expression())) {
            return Ok(None);
        }
    }
    // CONCURRENTLY is not possible on a partitioned table (PostgreSQL documentation, CREATE
    // INDEX).
    let concurrently = if partitioned { "" } else { " CONCURRENTLY" };
    let key = match time.expression() {
        column if column.starts_with('"') => column.to_owned(),
        expression => format!("({expression})"),
    };
    Ok(Some(format!(
        "CREATE INDEX{concurrently} ON {} ({key})",
        table.quoted()
    )))
}

/// An expression without anything that PostgreSQL adds or leaves out when it prints it.
fn plain(expression: &str) -> String {
    expression
        .replace("::text", "")
        .chars()
        .filter(|c| !matches!(c, ' ' | '"' | '(' | ')'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_the_same_however_it_is_printed() {
        assert_eq!(plain("last_updated"), plain("\"last_updated\""));
        assert_eq!(
            plain("(last_updated AT TIME ZONE 'Europe/London'::text)"),
            plain("(\"last_updated\" AT TIME ZONE 'Europe/London')")
        );
        assert_eq!(plain("GREATEST(a, b)"), plain("GREATEST(\"a\", \"b\")"));
        assert_ne!(plain("created_at"), plain("\"last_updated\""));
    }
}
