//! The ends of a table: its newest row, and the oldest pending one.

use std::time::Duration;

use futures_util::try_join;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use super::counts::far_future;
use super::horizon::Horizon;
use super::row_time::RowTime;
use crate::vocabulary::{TableName, Watermark};

/// How long the search may take if no index helps.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The timestamps of the rows at the ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extremes {
    /// Greatest timestamp of all rows that are not far in the future.
    pub newest: Option<Watermark>,
    /// Least timestamp above the watermark and below the horizon.
    pub oldest_pending: Option<Watermark>,
}

/// Looks for the ends of `table` with the watermark `after`, as the last query of a transaction; `None` if
/// it takes too long.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn extremes(
    client: &Client,
    table: &TableName,
    time: &RowTime,
    after: Option<Watermark>,
    horizon: &Horizon,
) -> Result<Option<Extremes>, Error> {
    let expression = time.expression();
    let pending = horizon.at.map_or_else(
        || "false".to_owned(),
        |at| time.between(after, time.bound(at)),
    );
    let statement = format!(
        "SELECT (SELECT {} FROM {table} WHERE {} AND {expression} > '-infinity'),
                (SELECT {} FROM {table} WHERE {pending})",
        RowTime::micros(&format!("max({expression})")),
        time.is("<", far_future(horizon)),
        RowTime::micros(&format!("min({expression})")),
        table = table.quoted(),
    );
    let limit = format!("SET LOCAL statement_timeout = {}", TIMEOUT.as_millis());
    let row = match try_join!(
        client.batch_execute(&limit),
        client.query_typed_one(&statement, &[])
    ) {
        Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => return Ok(None),
        row => row?.1,
    };
    let at = |column| -> Result<Option<Watermark>, Error> {
        let micros: Option<i64> = row.try_get(column)?;
        Ok(micros.and_then(Watermark::from_micros))
    };
    Ok(Some(Extremes {
        newest: at(0)?,
        oldest_pending: at(1)?,
    }))
}
