//! Which server a transaction is with.
//!
//! Behind one connection there may be several: a pooler gives each transaction a session, and may have some with
//! the primary and others with standbys.

use tokio_postgres::{Error, Row};

/// A server, told apart by when it was started, in microseconds since 1970: the same however a session is set to
/// print dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Server(i64);

/// What a transaction asks for it.
pub(super) const SERVER: &str =
    "SELECT (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)::int8 AS server";

/// What belongs together is of different servers, time and again.
#[derive(Debug, thiserror::Error)]
#[error(
    "a pooler gives each transaction a different server, and what one says about open transactions does not hold for another"
)]
pub struct SeveralServers;

impl Server {
    /// The one that has answered with a column `server`, of what [`SERVER`] asks for.
    ///
    /// # Errors
    /// It is no such answer.
    pub fn of(row: &Row) -> Result<Self, Error> {
        row.try_get("server").map(Self)
    }
}
