//! The floor that extraction is held against, and what every bench needs to measure it.

use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use highwater::backend::TableName;
use highwater::backend::jsonl::{Column, SESSION_SETTINGS};
use highwater::backend::source;
use tokio_postgres::{Client, NoTls};

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The server that `HIGHWATER_BENCH_POSTGRES` names; `None`, and said, where it names none.
pub fn server() -> Option<String> {
    let url = std::env::var("HIGHWATER_BENCH_POSTGRES").ok();
    if url.is_none() {
        println!("left out: HIGHWATER_BENCH_POSTGRES names no server");
    }
    url
}

/// A number from the environment.
pub fn variable(name: &str, default: u64) -> Result<u64> {
    std::env::var(name).map_or(Ok(default), |value| Ok(value.parse()?))
}

/// A session set up as the program's own are.
pub async fn session(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    for (name, value) in SESSION_SETTINGS {
        let statement = format!("SET {name} = '{value}'");
        client.batch_execute(&statement).await?;
    }
    Ok(client)
}

/// The columns of a table as they are selected and encoded.
pub async fn columns(client: &Client, table: &str) -> Result<Vec<Column>> {
    let table = source::table(client, &TableName::parse(table)).await?;
    Ok(table.ok_or("the table has gone")?.encoded_columns())
}

/// The extraction of all rows as binary COPY.
pub fn binary_copy(table: &str, columns: &[Column]) -> String {
    let selected: Vec<String> = columns.iter().map(Column::select_expression).collect();
    format!(
        "COPY (SELECT {} FROM {table}) TO STDOUT (FORMAT binary)",
        selected.join(", ")
    )
}

/// The floor: the bytes of a COPY, thrown away.
pub async fn throw_away(client: &Client, copy: &str) -> Result<()> {
    let mut stream = pin!(client.copy_out(copy).await?);
    while stream.try_next().await?.is_some() {}
    Ok(())
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
