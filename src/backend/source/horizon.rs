//! The horizon: below it no open transaction can still add a row.
//!
//! A transaction stamps its rows with `now()`, its start, and makes them visible when it commits,
//! however much later. H = least(clock, start of the oldest open transaction) − settle: a row that
//! becomes visible from now on has a timestamp at or above H, so that whatever is below H can be
//! ingested once and for all. Transactions without an xid count, too: they can still insert.
//! `pg_stat_activity` is cached within a transaction (documentation, 28.2.2), so that this is asked
//! in a transaction of its own, before the snapshot that rows are read in. Our own transactions
//! write nothing: a session of our name that has a transaction id is somebody else's, and counts.

use std::time::Duration;

use futures_util::try_join;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::connect::transaction::{APPLICATION_NAME, Isolation, begin};
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::figures::count;
use crate::vocabulary::{Watermark, table::quote_identifier};

/// The clock, and what is known of the server and of this role. Read before the sessions are looked
/// at: a transaction that starts in between is later than it, whether it is seen or not.
const SERVER: &str = "
SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::int8 AS clock,
       pg_catalog.pg_is_in_recovery() AS standby,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_others,
       current_user::text AS role";

/// The oldest open transaction of another session in this database. The view `pg_stat_activity` is this
/// function joined to two catalogs, and planning that takes longer than all the rest.
///
/// Several transactions in one message share its arrival as their `now()`, so that an active session without
/// `xact_start`, which is between two of them, counts from `query_start`. Of a session with `track_activities`
/// off only its transaction id is known, once it has written something; it counts from `backend_start`. How many
/// of those there are is told as well, with the pid of one; where no transaction is open, there is a row only if
/// there are some.
///
/// The statement comes as bytes: a database in `SQL_ASCII` has whatever its clients sent, and as text, or cut
/// within a letter, the server would refuse to send what is not UTF-8.
const OLDEST: &str = "
SELECT (extract(epoch FROM since) * 1000000)::int8 AS since, pid,
       coalesce(pg_catalog.pg_get_userbyid(usesysid)::text, '') AS usename,
       coalesce(application_name, '') AS application,
       pg_catalog.convert_to(pg_catalog.left(coalesce(query, ''), 201),
           CASE pg_catalog.getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END) AS query,
       pg_catalog.count(*) FILTER (WHERE state = 'disabled') OVER () AS silent,
       pg_catalog.min(pid) FILTER (WHERE state = 'disabled') OVER () AS silent_pid
FROM (SELECT *, coalesce(xact_start, CASE WHEN state = 'active' THEN query_start
                                          WHEN state = 'disabled' AND backend_xid IS NOT NULL
                                          THEN backend_start END) AS since
      FROM pg_catalog.pg_stat_get_activity(NULL)) AS session
WHERE datid = (SELECT oid FROM pg_catalog.pg_database
               WHERE datname = pg_catalog.current_database())
  AND pid <> pg_catalog.pg_backend_pid() AND (since IS NOT NULL OR state = 'disabled')
  AND backend_type <> 'autovacuum worker'
  AND (backend_xid IS NOT NULL OR backend_type <> 'walsender' AND coalesce(application_name, '') <> $1)
  AND coalesce(application_name, '') <> ALL ($2)
ORDER BY since LIMIT 1";

/// Prepared transactions of this database. Asked after the sessions, because a transaction goes from
/// there to here and never back.
const PREPARED: &str = "
SELECT pg_catalog.min(gid) AS gid FROM pg_catalog.pg_prepared_xacts
WHERE database = pg_catalog.current_database()";

/// Characters of a statement that are shown. One more is asked for: whether there are more.
const STATEMENT: usize = 200;

/// A transaction that holds the horizon back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub pid: i32,
    pub user: String,
    pub application: String,
    pub since: Watermark,
    /// The statement it runs or ran last; of a long one the beginning.
    pub query: String,
}

impl Holder {
    /// The statement by which the owner of the database can end it. What it has written is lost.
    #[must_use]
    pub fn termination(&self) -> String {
        format!("SELECT pg_terminate_backend({})", self.pid)
    }
}

/// The upper bound below which no open transaction can still add a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Horizon {
    /// Exclusive; `None` while a prepared transaction keeps it from being known.
    pub at: Option<Watermark>,
    /// The database's clock when the horizon was computed.
    pub clock: Watermark,
    /// The oldest open transaction, if it has been open for longer than the settle time.
    pub holder: Option<Holder>,
    /// What weakens the guarantee, or holds rows back.
    pub findings: Vec<Finding>,
}

impl Horizon {
    /// Whether a transaction holds it back, so that it may stay where it is for long.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.at.is_none() || self.holder.is_some()
    }
}

/// Computes the horizon. `ignore` lists `application_name`s whose transactions do not count.
///
/// # Errors
/// What PostgreSQL or the connection says.
pub async fn horizon(
    client: &Client,
    settle: Duration,
    ignore: &[String],
) -> Result<Horizon, tokio_postgres::Error> {
    let names: [(&(dyn ToSql + Sync), Type); 2] =
        [(&APPLICATION_NAME, Type::TEXT), (&ignore, Type::TEXT_ARRAY)];
    // Sent together, and answered one after the other.
    let begin = begin(Isolation::ReadCommitted);
    let ((), server, sessions, prepared, ()) = try_join!(
        client.batch_execute(&begin),
        client.query_typed_one(SERVER, &[]),
        client.query_typed_opt(OLDEST, &names),
        client.query_typed_one(PREPARED, &[]),
        client.batch_execute("COMMIT"),
    )?;
    let prepared: Option<String> = prepared.try_get("gid")?;
    let clock = micros(&server, "clock")?;
    let oldest = sessions.as_ref().map(holder).transpose()?.flatten();
    let settle = i64::try_from(settle.as_micros()).unwrap_or(i64::MAX);
    let bound = oldest
        .as_ref()
        .map_or(clock, |holder| holder.since.min(clock));
    let bound = bound.micros().saturating_sub(settle);
    let long_open = clock.micros().saturating_sub(settle);
    let holder = oldest.filter(|holder| holder.since.micros() < long_open);
    Ok(Horizon {
        at: if prepared.is_some() {
            None
        } else {
            Watermark::from_micros(bound)
        },
        clock,
        findings: findings(
            &server,
            sessions.as_ref(),
            prepared.as_deref(),
            holder.as_ref(),
        )?,
        holder,
    })
}

/// The session of the row, if it has a transaction.
fn holder(row: &Row) -> Result<Option<Holder>, tokio_postgres::Error> {
    let Some(since) = row.try_get("since")? else {
        return Ok(None);
    };
    Ok(Some(Holder {
        since: Watermark::from_micros(since).unwrap_or_else(Watermark::now),
        pid: row.try_get("pid")?,
        user: row.try_get("usename")?,
        application: row.try_get("application")?,
        query: beginning(&String::from_utf8_lossy(row.try_get("query")?)),
    }))
}

/// What is shown of a statement; where that is not all of it, it says so.
fn beginning(statement: &str) -> String {
    match statement.char_indices().nth(STATEMENT) {
        Some((end, _)) => format!("{}…", &statement[..end]),
        None => statement.to_owned(),
    }
}

/// What is said of sessions that do not tell what they do.
fn silent(row: &Row) -> Result<Option<Finding>, tokio_postgres::Error> {
    let Some(pid) = row.try_get::<_, Option<i32>>("silent_pid")? else {
        return Ok(None);
    };
    let silent = row.try_get::<_, i64>("silent")?.unsigned_abs();
    let message = format!(
        "{} with track_activities off, of pid {pid} for one, does not tell when transactions begin, so that only the settle time protects against what is committed late there; for their role: ALTER ROLE … SET track_activities = on",
        count(silent, "session")
    );
    let finding = Finding::new(FindingCode::MissingPrivilege, message);
    Ok(Some(finding.with_severity(Severity::Warning)))
}

fn findings(
    server: &Row,
    sessions: Option<&Row>,
    prepared: Option<&str>,
    holder: Option<&Holder>,
) -> Result<Vec<Finding>, tokio_postgres::Error> {
    let mut findings = Vec::new();
    if let Some(gid) = prepared {
        findings.push(Finding::new(
            FindingCode::PreparedTransaction,
            format!("prepared transaction {gid:?} is open, and its rows may be older than anything known of it: nothing is ingested until COMMIT PREPARED or ROLLBACK PREPARED"),
        ));
    }
    if let Some(holder) = holder {
        findings.push(Finding::new(
            FindingCode::HorizonHeld,
            format!("held back by {holder}"),
        ));
    }
    findings.extend(sessions.map(silent).transpose()?.flatten());
    if server.try_get("standby")? {
        findings.push(Finding::new(
            FindingCode::StandbySource,
            "the source is a standby, where the primary's open transactions cannot be seen: settle has to be longer than the longest transaction and the standby's lag together",
        ));
    } else if !server.try_get::<_, bool>("sees_others")? {
        let role: String = server.try_get("role")?;
        let message = format!(
            "role {role} cannot see when other sessions' transactions began, so only the settle time protects against late commits; GRANT pg_read_all_stats TO {}",
            quote_identifier(&role)
        );
        findings.push(
            Finding::new(FindingCode::MissingPrivilege, message).with_severity(Severity::Warning),
        );
    }
    Ok(findings)
}

fn micros(row: &Row, column: &str) -> Result<Watermark, tokio_postgres::Error> {
    // The server's clock and the start of a session are never beyond chrono's 262,000 years.
    Ok(Watermark::from_micros(row.try_get(column)?).unwrap_or_else(Watermark::now))
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
