//! The sessions of a database, and which of their transactions is the oldest.

use tokio_postgres::Row;

use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::source::letters::Letters;
use crate::figures::count;
use crate::vocabulary::Watermark;

/// The oldest open transaction of another session in this database. The view `pg_stat_activity` is this function
/// joined to two catalogs, and planning the view takes longer than everything else.
///
/// Several transactions in one message share its arrival as their `now()`, so an active session without
/// `xact_start`, which is between two of them, counts from `query_start`. Of a session with `track_activities`
/// off, only the transaction id is known, once it has written something; it counts from `backend_start`. The
/// number of such sessions is returned as well, with the pid of one of them; if no transaction is open, there is a
/// row only if there are such sessions.
///
/// On a standby nobody can add a row, so a session there holds nothing back, however long it reads. Neither does a
/// VACUUM, nor an index being built concurrently (2) or rebuilt concurrently (4; PostgreSQL source,
/// `commands/progress.h`): none of these is ever part of a transaction that does something else. Before PostgreSQL
/// 12, the server does not report index builds. A parallel worker works for a session that is examined itself.
pub(super) const OLDEST: &str = "
SELECT (extract(epoch FROM since) * 1000000)::int8 AS since, pid,
       coalesce(pg_catalog.pg_get_userbyid(usesysid)::text, '') AS usename,
       coalesce(application_name, '') AS application,
       pg_catalog.left(coalesce(query, ''), 201) AS query,
       pg_catalog.count(*) FILTER (WHERE state = 'disabled') OVER () AS silent,
       pg_catalog.min(pid) FILTER (WHERE state = 'disabled') OVER () AS silent_pid
FROM (SELECT *, coalesce(xact_start, CASE WHEN state = 'active' THEN query_start
                                          WHEN state = 'disabled' AND backend_xid IS NOT NULL
                                          THEN backend_start END) AS since
      FROM pg_catalog.pg_stat_get_activity(NULL)) AS session
WHERE datid = (SELECT oid FROM pg_catalog.pg_database
               WHERE datname = pg_catalog.current_database())
  AND pid <> pg_catalog.pg_backend_pid() AND (since IS NOT NULL OR state = 'disabled')
  AND NOT pg_catalog.pg_is_in_recovery()
  AND backend_type NOT IN ('autovacuum worker', 'parallel worker')
  AND pid NOT IN (SELECT pid FROM pg_catalog.pg_stat_get_progress_info('VACUUM')
                  UNION ALL
                  SELECT pid FROM pg_catalog.pg_stat_get_progress_info(
                      CASE WHEN pg_catalog.current_setting('server_version_num')::int4 >= 120000
                           THEN 'CREATE INDEX' ELSE 'VACUUM' END)
                  WHERE param1 IN (2, 4))
  AND (backend_xid IS NOT NULL OR backend_type <> 'walsender' AND coalesce(application_name, '') <> $1)
  AND coalesce(application_name, '') <> ALL ($2)
ORDER BY since LIMIT 1";

/// How many characters of a statement are shown. One more is requested, to see whether there are more.
const STATEMENT: usize = 200;

/// A transaction that holds the horizon back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub pid: i32,
    pub user: String,
    pub application: String,
    pub since: Watermark,
    /// The statement it is running or ran last; only the beginning of a long one.
    pub query: String,
}

impl Holder {
    /// The statement with which the owner of the database can end it. What the transaction has written is lost.
    #[must_use]
    pub fn termination(&self) -> String {
        format!("SELECT pg_terminate_backend({})", self.pid)
    }
}

/// The session of the row, if it has a transaction.
pub(super) fn holder(row: &Row) -> Result<Option<Holder>, tokio_postgres::Error> {
    let Some(since) = row.try_get("since")? else {
        return Ok(None);
    };
    Ok(Some(Holder {
        since: Watermark::from_micros(since).unwrap_or_else(Watermark::now),
        pid: row.try_get("pid")?,
        user: row.try_get::<_, Letters>("usename")?.0,
        application: row.try_get::<_, Letters>("application")?.0,
        query: beginning(&row.try_get::<_, Letters>("query")?.0),
    }))
}

/// The part of a statement that is shown, marked if that is not all of it.
fn beginning(statement: &str) -> String {
    match statement.char_indices().nth(STATEMENT) {
        Some((end, _)) => format!("{}…", &statement[..end]),
        None => statement.to_owned(),
    }
}

/// The finding about sessions that do not report what they are doing.
pub(super) fn silent(row: &Row) -> Result<Option<Finding>, tokio_postgres::Error> {
    let Some(pid) = row.try_get::<_, Option<i32>>("silent_pid")? else {
        return Ok(None);
    };
    let silent = row.try_get::<_, i64>("silent")?.unsigned_abs();
    let message = format!(
        "track_activities is off in {} (pid {pid}, for one): when transactions begin there cannot be seen, so only the settle time protects against what they commit late; for their role: ALTER ROLE … SET track_activities = on",
        count(silent, "session")
    );
    let finding = Finding::new(FindingCode::MissingPrivilege, message);
    Ok(Some(finding.with_severity(Severity::Warning)))
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pid {}, user {}", self.pid, self.user)?;
        if !self.application.is_empty() {
            write!(f, ", application {}", self.application)?;
        }
        write!(
            f,
            ", in a transaction since {}: {}",
            self.since,
            self.query.split_whitespace().collect::<Vec<_>>().join(" ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_is_cut_says_so() {
        let whole = "é".repeat(STATEMENT);
        assert_eq!(beginning(&whole), whole);
        assert_eq!(beginning(&format!("{whole}x")), format!("{whole}…"));
        assert!(OLDEST.contains(&format!(", {})", STATEMENT + 1)));
    }
}
