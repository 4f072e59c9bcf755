//! Identifying the server of a transaction.
//!
//! There may be several servers behind one connection: a pooler gives each transaction a session, and may have
//! some sessions with the primary and others with standbys.

use tokio_postgres::{Error, Row};

/// A server, identified by when it was started, in microseconds since 1970, which does not depend on the date
/// format of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Server(i64);

/// Selects what identifies the server of a transaction.
pub(super) const SERVER: &str =
    "SELECT (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)::int8 AS server";

/// A horizon and its snapshot came from different servers, time and again.
#[derive(Debug, thiserror::Error)]
#[error(
    "a pooler gives each transaction a different server, and what one says about open transactions does not hold for another"
)]
pub struct SeveralServers;

impl Server {
    /// Reads the server from a row with a column `server`, as selected by [`SERVER`].
    ///
    /// # Errors
    /// The row has no such column.
    pub fn of(row: &Row) -> Result<Self, Error> {
        row.try_get("server").map(Self)
    }
}
