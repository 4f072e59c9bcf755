//! What every bench needs: the server, a session, and figures.

use std::error::Error;
use std::time::Duration;

use highwater::backend::jsonl::SESSION_SETTINGS;
use tokio_postgres::{Client, NoTls};

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The server that `HIGHWATER_BENCH_POSTGRES` names; if it names none, prints so and returns
/// `None`.
pub fn server() -> Option<String> {
    let url = std::env::var("HIGHWATER_BENCH_POSTGRES").ok();
    if url.is_none() {
        println!("left out: HIGHWATER_BENCH_POSTGRES names no server");
    }
    url
}

/// A number from an environment variable.
pub fn variable(name: &str, default: u64) -> Result<u64> {
    std::env::var(name).map_or(Ok(default), |value| Ok(value.parse()?))
}

/// A session with the same settings as the program's own.
pub async fn session(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    for (name, value) in SESSION_SETTINGS {
        let statement = format!("SET {name} = '{value}'");
        client.batch_execute(&statement).await?;
    }
    Ok(client)
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
