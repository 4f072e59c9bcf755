//! Transactions of ours: all that is asked of PostgreSQL is asked in one.
//!
//! Nothing is set for a session. A pooler between may hand the session on to another application after
//! each transaction, which would go on under our limits and in our time zone. Worst of all it would go on
//! under our name, by which the horizon leaves sessions out.

use std::fmt::Write as _;

use futures_util::try_join;
use tokio_postgres::Error;

use super::Connection;

/// How our transactions are called; the horizon leaves them out. They write nothing.
pub const APPLICATION_NAME: &str = "highwater";

/// What holds in each of them, whatever the settings of the role are: a table that is being altered must
/// not hang a status, and a large one must not be cut off. No row may be hidden by a policy, because a
/// watermark would pass it: PostgreSQL refuses then (its documentation, 5.8, "Row Security Policies").
/// The time zone is that of the literals in conditions. The schemas are followed by [`SEARCH_PATH`].
const SETTINGS: [(&str, &str); 6] = [
    ("application_name", APPLICATION_NAME),
    ("TimeZone", "UTC"),
    ("lock_timeout", "10s"),
    ("statement_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
    ("row_security", "off"),
];

/// Where names are looked up that have no schema in front of them: PostgreSQL's default (its documentation,
/// 5.9.3), with the catalog before all others in so many words. A role may have schemas before it, and in them a
/// type or an operator that is called like one of PostgreSQL's and would be taken for it: one by which no row is
/// newer than a timestamp, say. It is also what names of somebody's own are printed by, as `regclass` does, so
/// that they do not depend on who asks.
const SEARCH_PATH: &str = r#"SET LOCAL search_path = pg_catalog, "$user", public"#;

/// Lifts the limit of the transaction as a whole, which PostgreSQL has from 17 on, and which older servers do not
/// know. Answers no row, but is a question: the transaction takes its snapshot for it.
pub const UNLIMITED: &str = "SELECT WHERE CASE
    WHEN pg_catalog.current_setting('transaction_timeout', true) IS NULL THEN false
    ELSE pg_catalog.set_config('transaction_timeout', '0', true) IS NULL END";

/// What a transaction sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// With each statement whatever is committed by then.
    ReadCommitted,
    /// One moment, that of the first question.
    RepeatableRead,
}

/// The statements that begin a transaction of ours, which writes nothing; more may follow them, after a
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
    /// Does `work`, which asks on this connection, in a transaction of its own.
    ///
    /// # Errors
    /// What PostgreSQL or the connection says.
    pub async fn read<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.occupy();
        let begin = begin(Isolation::ReadCommitted);
        // Sent together: what is asked is answered within the transaction that is begun before.
        let done = try_join!(self.batch_execute(&begin), work);
        // What has failed is rolled back by it.
        if self.batch_execute("COMMIT").await.is_ok() {
            self.release();
        }
        done.map(|((), done)| done)
    }
}
