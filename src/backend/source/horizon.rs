//! The horizon: below it no open transaction can still add a row.
//!
//! A transaction stamps its rows with `now()`, its start, and makes them visible when it commits,
//! however much later. H = least(clock, start of the oldest open transaction) − settle: a row that
//! becomes visible from now on has a timestamp at or above H, so that whatever is below H can be
//! ingested once and for all. Transactions without an xid count, too: they can still insert.
//! `pg_stat_activity` is cached within a transaction (documentation, 28.2.2), so that this is asked
//! in a transaction of its own, before the snapshot that rows are read in.

use std::time::Duration;

use tokio_postgres::{Client, Row};

use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::backend::watermark::Watermark;

/// `application_name` of highwater's own sessions, which never write.
pub const APPLICATION: &str = "highwater";

/// One row: the clock, what is known of the server and of this role, and the oldest open
/// transaction of another session in this database, if there is one.
const HORIZON: &str = "
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8,
       pg_is_in_recovery(),
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
       (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()),
       (SELECT min(gid) FROM pg_prepared_xacts WHERE database = current_database()),
       current_user::text,
       oldest.*
FROM (VALUES (1)) AS one(row)
LEFT JOIN LATERAL (
    SELECT (extract(epoch FROM xact_start) * 1000000)::int8, pid, coalesce(usename::text, ''),
           coalesce(application_name, ''), left(coalesce(query, ''), 200)
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
      AND backend_type NOT IN ('autovacuum worker', 'walsender')
      AND coalesce(application_name, '') <> $1 AND coalesce(application_name, '') <> ALL ($2)
    ORDER BY xact_start LIMIT 1
) AS oldest ON true";

/// A transaction that holds the horizon back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub pid: i32,
    pub user: String,
    pub application: String,
    pub since: Watermark,
    /// The statement it runs or ran last, cut.
    pub query: String,
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

/// Computes the horizon. `ignore` lists `application_name`s whose transactions do not count.
///
/// # Errors
/// What PostgreSQL or the connection says.
pub async fn horizon(
    client: &Client,
    settle: Duration,
    ignore: &[String],
) -> Result<Horizon, tokio_postgres::Error> {
    let row = client.query_one(HORIZON, &[&APPLICATION, &ignore]).await?;
    let clock = micros(&row, 0)?;
    let prepared: i64 = row.try_get(3)?;
    let oldest = oldest(&row)?;
    let settle = i64::try_from(settle.as_micros()).unwrap_or(i64::MAX);
    let bound = oldest
        .as_ref()
        .map_or(clock, |holder| holder.since.min(clock));
    let holder =
        oldest.filter(|holder| holder.since.micros() < clock.micros().saturating_sub(settle));
    Ok(Horizon {
        at: if prepared > 0 {
            None
        } else {
            Watermark::from_micros(bound.micros().saturating_sub(settle))
        },
        clock,
        findings: findings(&row, prepared, holder.as_ref())?,
        holder,
    })
}

fn oldest(row: &Row) -> Result<Option<Holder>, tokio_postgres::Error> {
    if row.try_get::<_, Option<i64>>(6)?.is_none() {
        return Ok(None);
    }
    Ok(Some(Holder {
        since: micros(row, 6)?,
        pid: row.try_get(7)?,
        user: row.try_get(8)?,
        application: row.try_get(9)?,
        query: row.try_get(10)?,
    }))
}

fn findings(
    row: &Row,
    prepared: i64,
    holder: Option<&Holder>,
) -> Result<Vec<Finding>, tokio_postgres::Error> {
    let mut findings = Vec::new();
    if prepared > 0 {
        let gid: String = row.try_get(4)?;
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
    if row.try_get(1)? {
        findings.push(Finding::new(
            FindingCode::StandbySource,
            "the source is a standby, where the primary's open transactions cannot be seen: only the settle time protects against late commits",
        ));
    } else if !row.try_get::<_, bool>(2)? {
        let role: String = row.try_get(5)?;
        let message = format!(
            "role {role} cannot see when other sessions' transactions began, so only the settle time protects against late commits; GRANT pg_read_all_stats TO {}",
            crate::backend::table::quote_identifier(&role)
        );
        findings.push(
            Finding::new(FindingCode::MissingPrivilege, message).with_severity(Severity::Warning),
        );
    }
    Ok(findings)
}

fn micros(row: &Row, column: usize) -> Result<Watermark, tokio_postgres::Error> {
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
