//! Our transactions: every question to PostgreSQL is asked within one.
//!
//! Nothing is set for a whole session. A pooler in between may hand the session on to another application after
//! each transaction, and that application would continue under our limits and in our time zone. Worst of all, it
//! would continue under our name, by which the horizon ignores sessions.

use std::fmt::Write as _;

use futures_util::try_join;
use tokio_postgres::Error;

use super::Connection;
use crate::backend;

/// The name of our transactions, which the horizon ignores. They write nothing.
pub const APPLICATION_NAME: &str = "highwater";

/// Settings of each of our transactions, whatever the settings of the role: a table that is being altered must not
/// hang a status, and a large one must not be cut off. No row may be hidden by a policy, because a watermark
/// would pass it: PostgreSQL refuses the query in that case (its documentation, 5.8, "Row Security Policies").
/// The time zone is that of the literals in conditions. [`SEARCH_PATH`] sets the schemas.
const SETTINGS: [(&str, &str); 6] = [
    ("application_name", APPLICATION_NAME),
    ("TimeZone", "UTC"),
    ("lock_timeout", "10s"),
    ("statement_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("row_security", "off"),
];

/// Where names without a schema are looked up: PostgreSQL's default (its documentation, 5.9.3), with the catalog
/// explicitly before all others. A role may have other schemas before the catalog, with a type or an operator in
/// them that has the name of one of PostgreSQL's and would be taken for it: for example, an operator by which no
/// row is newer than a timestamp. The names of user-defined objects are also printed relative to this path, as by
/// `regclass`, so that they do not depend on who asks.
const SEARCH_PATH: &str = r#"SET LOCAL search_path = pg_catalog, "$user", public"#;

/// Lifts the limit on the transaction as a whole, which exists from PostgreSQL 17 on and is unknown to older
/// servers. It returns no row, but it is a query: the transaction takes its snapshot for it.
pub const UNLIMITED: &str = "SELECT WHERE CASE
    WHEN pg_catalog.current_setting('transaction_timeout', true) IS NULL THEN false
    ELSE pg_catalog.set_config('transaction_timeout', '0', true) IS NULL END";

/// What a transaction sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees whatever has been committed by then.
    ReadCommitted,
    /// One moment, that of the first query.
    RepeatableRead,
}

/// Returns the statements that begin one of our transactions, which writes nothing; more may follow after a
/// semicolon. None of them takes the snapshot.
#[must_use]
pub fn begin(isolation: Isolation) -> String {
    let level = match isolation {
        Isolation::ReadCommitted => "READ COMMITTED",
        Isolation::RepeatableRead => "REPEATABLE READ",
    };
    let mut script = format!("BEGIN ISOLATION LEVEL {level} READ ONLY; {SEARCH_PATH}");
    for (name, value) in SETTINGS {
        // Writing to a String cannot fail.
        let _ = write!(script, "; SET LOCAL {name} = '{value}'");
    }
    script
}

impl Connection {
    /// Runs `work`, which sends queries on this connection, in a transaction of its own.
    ///
    /// # Errors
    /// The error of PostgreSQL or of the connection.
    pub async fn read<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.occupy();
        let begin = begin(Isolation::ReadCommitted);
        // Sent together: the queries are answered within the transaction that is begun before them.
        let done = try_join!(self.batch_execute(&begin), work);
        // If something has failed, this rolls it back.
        if self.batch_execute("COMMIT").await.is_ok() {
            self.release();
        }
        done.map(|((), done)| done)
    }

    /// Like [`Self::read`], with the error of the backend that says what the queries were for: `doing` is
    /// `listing the tables`.
    ///
    /// # Errors
    /// As [`Self::failure`].
    pub async fn ask<T>(
        &self,
        doing: impl Into<String>,
        work: impl Future<Output = Result<T, Error>>,
    ) -> backend::Result<T> {
        let asked = self.read(work).await;
        asked.map_err(|error| self.failure(doing, error))
    }
}
