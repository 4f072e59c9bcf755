//! A late transaction: the warehouse imports a delivery, and its transaction stays open.
//!
//! The rows that it has inserted are stamped with the start of the transaction and cannot be seen until it commits,
//! so everything newer is held back meanwhile. It commits by itself after some minutes, and its rows are then
//! ingested as if nothing had happened; a user who cannot wait ends its session.

use std::time::Duration;

use tokio_postgres::{Config, NoTls};

/// The `application_name` of its session.
const APPLICATION: &str = "warehouse-import";

/// How long after the company has begun to work the import starts: enough time to see that nothing is held.
const COMES_AFTER: Duration = Duration::from_secs(8);

/// How long the import stays open, unless somebody ends it.
const STAYS: Duration = Duration::from_mins(5);

/// A delivery, read from a file that is still being copied.
const IMPORT: &str = include_str!("../../assets/demo/import.sql");

/// Runs the import, and returns once it is over.
///
/// # Errors
/// An error of PostgreSQL or of the connection, usually because somebody has ended the session.
pub(super) async fn run(config: &Config) -> Result<(), tokio_postgres::Error> {
    tokio::time::sleep(COMES_AFTER).await;
    let mut config = config.clone();
    config.application_name(APPLICATION);
    let (client, connection) = config.connect(NoTls).await?;
    let mut connection = tokio::spawn(connection);
    client.batch_execute("BEGIN").await?;
    // Executed separately, so that it is shown as the last statement of the session.
    client.batch_execute(IMPORT).await?;
    tokio::select! {
        // The session was ended from outside: PostgreSQL has rolled it back.
        ended = &mut connection => ended.unwrap_or(Ok(())),
        () = tokio::time::sleep(STAYS) => client.batch_execute("COMMIT").await,
    }
}
