//! The floor that extraction is compared with: the same rows as binary COPY, thrown away.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use highwater::backend::{jsonl::Column, source};
use highwater::vocabulary::TableName;
use tokio_postgres::Client;

use crate::setting::Result;

/// The columns of a table in the form in which they are selected and encoded.
pub async fn columns(client: &Client, table: &str) -> Result<Vec<Column>> {
    let table = source::table(client, &TableName::parse(table)).await?;
    Ok(table.ok_or("the table has gone")?.encoded_columns())
}

/// The statement that extracts all rows as binary COPY.
pub fn binary_copy(table: &str, columns: &[Column]) -> String {
    let selected: Vec<String> = columns.iter().map(Column::select_expression).collect();
    format!(
        "COPY (SELECT {} FROM {table}) TO STDOUT (FORMAT binary)",
        selected.join(", ")
    )
}

/// Runs the floor: receives the bytes of a COPY and throws them away.
pub async fn throw_away(client: &Client, copy: &str) -> Result<()> {
    let mut stream = pin!(client.copy_out(copy).await?);
    while stream.try_next().await?.is_some() {}
    Ok(())
}
