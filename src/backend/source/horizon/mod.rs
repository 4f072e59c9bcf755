//! The horizon: no open transaction can still add a row below it.
//!
//! A transaction stamps its rows with `now()`, its start, and makes them visible when it commits, however much
//! later. H = least(clock, start of the oldest open transaction) − settle: a row that becomes visible from now on
//! has a timestamp at or above H, so whatever is below H can be ingested once and for all. Transactions without an
//! xid count, too: they can still insert. `pg_stat_activity` is cached within a transaction (documentation,
//! 28.2.2), so it is queried in a separate transaction, before the snapshot in which rows are read. Our own
//! transactions write nothing: a session with our name that has a transaction id is somebody else's, and counts.
//!
//! A standby does not see the primary's transactions. What it has not replayed yet was committed after what it
//! has, so up to that point the settle time protects against transactions shorter than itself: H = least(clock,
//! how far the standby has followed) − settle.

mod prepared;
mod sessions;

use std::time::Duration;

use futures_util::try_join;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use prepared::{PREPARED, lasting};
pub use sessions::Holder;
use sessions::{OLDEST, holder, silent};

use super::connect::Connection;
use super::connect::transaction::{APPLICATION_NAME, Isolation, begin};
use super::letters::{Letters, UNCONVERTED, is_about_letters};
use super::server::Server;
use crate::backend::finding::{Finding, FindingCode, Severity};
use crate::vocabulary::{Watermark, table::quote_identifier};

/// The clock, and what is known of the server and of this role. Read before the sessions are examined: a
/// transaction that starts in between is later than this clock, whether it is seen or not.
///
/// A standby also reports up to what time it has followed the primary. If everything has been replayed that the
/// primary had when it sent its last message, that is the time of this message; otherwise, the time of the last
/// commit that was replayed. The two message times are equal if a connection has just been made and nothing has
/// been sent over it yet: then neither belongs to a message (PostgreSQL source, `walreceiver.c`). The value is
/// unknown if no commit has been replayed since the start, or if a standby follows by other means, as in Aurora.
/// For a standby that follows another standby, it is how far it has followed that one.
const SERVER: &str = "
SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::int8 AS clock,
       (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)::int8 AS server,
       pg_catalog.pg_is_in_recovery() AS standby,
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN (extract(epoch FROM coalesce(
           (SELECT last_msg_send_time FROM pg_catalog.pg_stat_wal_receiver
            WHERE pg_catalog.pg_last_wal_replay_lsn() >= latest_end_lsn
              AND last_msg_send_time <> last_msg_receipt_time),
           pg_catalog.pg_last_xact_replay_timestamp())) * 1000000)::int8 END AS followed,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_others,
       current_user::text AS role";

/// Lag from which a standby is reported to hold rows back, in microseconds. From an idle primary it hears every
/// half minute, by the default of `wal_receiver_timeout`.
const BEHIND: i64 = 60 * 1_000_000;

/// The upper bound below which no open transaction can still add a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Horizon {
    /// Exclusive; `None` while a prepared transaction makes it impossible to know.
    pub at: Option<Watermark>,
    /// The database's clock when the horizon was computed.
    pub clock: Watermark,
    /// The oldest open transaction, if it has been open for longer than the settle time.
    pub holder: Option<Holder>,
    /// Whatever weakens the guarantee or holds rows back.
    pub findings: Vec<Finding>,
}

impl Horizon {
    /// Whether a transaction, or a standby that lags behind, holds the horizon back, so that it may not move for a
    /// long time.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let mut findings = self.findings.iter();
        let is_named = findings.any(|finding| finding.code == FindingCode::HorizonHeld);
        self.at.is_none() || self.holder.is_some() || is_named
    }
}

/// Computes the horizon of the server that answers. `ignore` lists the `application_name`s whose transactions do
/// not count.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn horizon(
    connection: &Connection,
    settle: Duration,
    ignore: &[String],
) -> Result<(Horizon, Server), Error> {
    let begin = begin(Isolation::ReadCommitted);
    let asked = match ask(connection, &begin, ignore).await {
        Err(error) if is_about_letters(&error) => {
            ask(connection, &format!("{begin}; {UNCONVERTED}"), ignore).await
        }
        asked => asked,
    };
    let (server, sessions, prepared) = asked?;
    let clock = micros(&server, "clock")?;
    let is_of = Server::of(&server)?;
    let prepared = lasting(connection, &prepared, clock, &is_of).await?;
    let followed: Option<i64> = server.try_get("followed")?;
    let followed = followed.and_then(Watermark::from_micros);
    let oldest = sessions.as_ref().map(holder).transpose()?.flatten();
    let settle = i64::try_from(settle.as_micros()).unwrap_or(i64::MAX);
    let since = oldest.as_ref().map(|holder| holder.since);
    let bound = since.into_iter().chain(followed).fold(clock, Ord::min);
    let bound = bound.micros().saturating_sub(settle);
    let long_open = clock.micros().saturating_sub(settle);
    let holder = oldest.filter(|holder| holder.since.micros() < long_open);
    let horizon = Horizon {
        at: if prepared.is_some() {
            None
        } else {
            Watermark::from_micros(bound)
        },
        clock,
        findings: findings(
            &server,
            (clock, followed),
            sessions.as_ref(),
            prepared.as_deref(),
            holder.as_ref(),
        )?,
        holder,
    };
    Ok((horizon, is_of))
}

/// Queries the server, the oldest transaction of other sessions, if there is one, and the prepared transactions,
/// in a transaction that begins with `begin`.
async fn ask(
    connection: &Connection,
    begin: &str,
    ignore: &[String],
) -> Result<(Row, Option<Row>, Vec<Row>), Error> {
    let names: [(&(dyn ToSql + Sync), Type); 2] =
        [(&APPLICATION_NAME, Type::TEXT), (&ignore, Type::TEXT_ARRAY)];
    // Sent together, and answered one after another.
    let ((), server, sessions, prepared, ()) = try_join!(
        connection.batch_execute(begin),
        connection.query_typed_one(SERVER, &[]),
        connection.query_typed_opt(OLDEST, &names),
        connection.query_typed(PREPARED, &[]),
        connection.batch_execute("COMMIT"),
    )?;
    Ok((server, sessions, prepared))
}

/// The findings about a standby that had followed its primary up to `followed` when its clock was at `clock`;
/// `grant` is the statement that lets the role see more of that, unless it already can.
fn standby(clock: Watermark, followed: Option<Watermark>, grant: Option<&str>) -> Vec<Finding> {
    let lag = if followed.is_none() {
        " plus the standby's lag"
    } else {
        " (behind another standby: plus its lag)"
    };
    let message = format!(
        "the source is a standby, where the primary's open transactions cannot be seen: settle has to be longer than the longest transaction{lag}"
    );
    let mut findings = vec![Finding::new(FindingCode::StandbySource, message)];
    if let Some(at) = followed.filter(|at| clock.micros() - at.micros() > BEHIND) {
        let grant = grant.map_or_else(String::new, |grant| {
            format!(", as far as the last commit tells; to see more, on the primary: {grant}")
        });
        findings.push(Finding::new(
            FindingCode::HorizonHeld,
            format!("held back by the standby, which has followed the primary up to {at}{grant}"),
        ));
    }
    findings
}

fn findings(
    server: &Row,
    (clock, followed): (Watermark, Option<Watermark>),
    sessions: Option<&Row>,
    prepared: Option<&str>,
    holder: Option<&Holder>,
) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    if let Some(gid) = prepared {
        findings.push(Finding::new(
            FindingCode::PreparedTransaction,
            format!("prepared transaction {gid:?} is open, and nothing tells how old its rows may be: nothing is ingested until COMMIT PREPARED or ROLLBACK PREPARED"),
        ));
    }
    if let Some(holder) = holder {
        findings.push(Finding::new(
            FindingCode::HorizonHeld,
            format!("held back by {holder}"),
        ));
    }
    findings.extend(sessions.map(silent).transpose()?.flatten());
    let role = server.try_get::<_, Letters>("role")?.0;
    let grant = format!("GRANT pg_read_all_stats TO {}", quote_identifier(&role));
    let is_blind = !server.try_get::<_, bool>("sees_others")?;
    if server.try_get("standby")? {
        let grant = is_blind.then_some(grant.as_str());
        findings.extend(standby(clock, followed, grant));
    } else if is_blind {
        let message = format!(
            "role {role} cannot see when other sessions' transactions began, so only the settle time protects against late commits; {grant}"
        );
        findings.push(
            Finding::new(FindingCode::MissingPrivilege, message).with_severity(Severity::Warning),
        );
    }
    Ok(findings)
}

fn micros(row: &Row, column: &str) -> Result<Watermark, Error> {
    // The server's clock and the start of a session never exceed chrono's 262,000 years.
    Ok(Watermark::from_micros(row.try_get(column)?).unwrap_or_else(Watermark::now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standby_that_is_behind_is_named_as_what_holds_rows_back() {
        let at = |seconds: i64| Watermark::from_micros(seconds * 1_000_000).expect("a time");
        let codes = |followed, grant| {
            let found = standby(at(200), followed, grant).into_iter();
            let found = found.map(|finding| (finding.code, finding.message));
            found.collect::<Vec<_>>()
        };
        let near = codes(Some(at(170)), None);
        assert_eq!(near.len(), 1, "{near:?}");
        assert!(
            near[0].1.contains("the longest transaction (behind"),
            "{near:?}"
        );
        let unknown = codes(None, None);
        assert!(
            unknown[0].1.ends_with("plus the standby's lag"),
            "{unknown:?}"
        );
        let far = codes(Some(at(100)), Some("GRANT x TO y"));
        assert_eq!(far[1].0, FindingCode::HorizonHeld);
        assert!(far[1].1.contains("1970-01-01T00:01:40"), "{far:?}");
        assert!(
            far[1].1.ends_with("on the primary: GRANT x TO y"),
            "{far:?}"
        );
    }
}
