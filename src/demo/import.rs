//! A late transaction: the warehouse imports a delivery, and its transaction stays open.
//!
//! Whatever it has inserted is stamped with its start and cannot be seen until it commits, so that
//! everything newer is held back meanwhile. It commits by itself after some minutes, and its rows are
//! then ingested as if nothing had been; somebody who cannot wait ends its session.

use std::time::Duration;

use tokio_postgres::{Config, NoTls};

/// How its session is called.
const APPLICATION: &str = "warehouse-import";

/// How long after the company has begun to work it comes: time to see that nothing is held.
const COMES_AFTER: Duration = Duration::from_secs(8);

/// How long it stays open, if nobody ends it.
const STAYS: Duration = Duration::from_mins(5);

/// A delivery, read from a file that is still being copied.
const IMPORT: &str = include_str!("../../assets/demo/import.sql");

/// Opens the import, and returns once it is over.
///
/// # Errors
/// What PostgreSQL or the connection says; most of all that somebody has ended the session.
pub(super) async fn run(config: &Config) -> Result<(), tokio_postgres::Error> {
    tokio::time::sleep(COMES_AFTER).await;
    let mut config = config.clone();
    config.application_name(APPLICATION);
    let (client, connection) = config.connect(NoTls).await?;
    let mut connection = tokio::spawn(connection);
    client.batch_execute("BEGIN").await?;
    // By itself, so that it is what the session is seen to have run last.
    client.batch_execute(IMPORT).await?;
    tokio::select! {
        // Ended from outside: PostgreSQL has rolled it back.
        ended = &mut connection => ended.unwrap_or(Ok(())),
        () = tokio::time::sleep(STAYS) => client.batch_execute("COMMIT").await,
    }
}
