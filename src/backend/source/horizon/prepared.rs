//! Prepared transactions, which wait for the second half of their commit.
//!
//! Their rows may be older than anything known about them, so the horizon cannot be known while they are open.
//! If an application server commits in two phases, some are open at any moment, each for a few milliseconds. It
//! is enough to wait for the end of those that were seen: one prepared later still belonged to a session when
//! the sessions were examined, or has begun since.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use crate::backend::source::connect::Connection;
use crate::backend::source::letters::Letters;
use crate::backend::source::server::Server;
use crate::vocabulary::Watermark;

/// The prepared transactions of this database. Queried after the sessions, because a transaction moves from
/// there to here and never back.
pub(super) const PREPARED: &str = "
SELECT gid, transaction::text AS xid, (extract(epoch FROM prepared) * 1000000)::int8 AS since
FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() ORDER BY gid";

/// Finds one of them that is still open.
const LEFT: &str = "
SELECT (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)::int8 AS server,
       (SELECT pg_catalog.min(transaction::text) FROM pg_catalog.pg_prepared_xacts
        WHERE database = pg_catalog.current_database() AND transaction::text = ANY ($1)) AS xid";

/// How long to wait for the end of prepared transactions, and the age from which they are not waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// Pause between two checks.
const PAUSE: Duration = Duration::from_millis(20);

/// Returns the name of one of the transactions that were `seen` on `server` when its clock was at `clock`, if it
/// stays open.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub(super) async fn lasting(
    connection: &Connection,
    seen: &[Row],
    clock: Watermark,
    server: &Server,
) -> Result<Option<String>, Error> {
    let Some(first) = seen.first() else {
        return Ok(None);
    };
    let mut xids = Vec::with_capacity(seen.len());
    let young = clock.micros() - i64::try_from(PATIENCE.as_micros()).unwrap_or(i64::MAX);
    for row in seen {
        if row.try_get::<_, i64>("since")? < young {
            return name(row).map(Some);
        }
        xids.push(row.try_get::<_, String>("xid")?);
    }
    let asked: [(&(dyn ToSql + Sync), Type); 1] = [(&xids, Type::TEXT_ARRAY)];
    let deadline = Instant::now() + PATIENCE;
    loop {
        sleep(PAUSE).await;
        let left = connection.query_typed_one(LEFT, &asked);
        let left = connection.read(left).await?;
        let xid: Option<String> = left.try_get("xid")?;
        // A different server has different transactions.
        let open = if Server::of(&left)? == *server {
            let place = xids.iter().position(|seen| xid.as_ref() == Some(seen));
            place.map(|place| &seen[place])
        } else {
            Some(first)
        };
        match open {
            None => return Ok(None),
            Some(open) if Instant::now() > deadline => return name(open).map(Some),
            Some(_) => {}
        }
    }
}

/// The name that was given to a prepared transaction.
fn name(prepared: &Row) -> Result<String, Error> {
    Ok(prepared.try_get::<_, Letters>("gid")?.0)
}
