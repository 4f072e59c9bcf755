//! How many rows stand where.

use std::time::Duration;

use serde_json::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::catalog::whole;
use super::horizon::Horizon;
use super::row_time::RowTime;
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::table::TableName;
use crate::backend::watermark::Watermark;

/// How far ahead of the database's clock a row's timestamp may be to count as held rather than
/// unreachable: clocks are wrong by minutes, zones by hours.
const FAR_FUTURE: i64 = 24 * 60 * 60 * 1_000_000;
/// Up to this cost by the planner's account a count is made at once; it takes about half a second.
const CHEAP: f64 = 100_000.0;
/// How long a count that was to be cheap may take before the estimate is taken instead.
const CHEAP_TIMEOUT: Duration = Duration::from_secs(10);

/// How exactly rows are to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// The planner's estimate where counting would take long.
    Estimate,
    /// Counted, however long it takes.
    Exact,
}

/// Rows of a table by where they stand to the watermark and the horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowCounts {
    /// Above the watermark, below the horizon.
    pub pending: u64,
    /// Whether `pending` was counted rather than estimated.
    pub exact: bool,
    /// At or above the horizon; `None` where only an estimate was made.
    pub held: Option<u64>,
    /// NULL, infinite or far in the future; `None` where only an estimate was made.
    pub unreachable: Option<u64>,
    pub horizon: Horizon,
    pub findings: Vec<Finding>,
}

impl RowCounts {
    /// Of a table whose rows are not told apart: nothing is pending, held or out of reach.
    #[must_use]
    pub const fn none(horizon: Horizon) -> Self {
        Self {
            pending: 0,
            exact: true,
            held: Some(0),
            unreachable: Some(0),
            horizon,
            findings: Vec::new(),
        }
    }
}

/// Counts the rows of `table` above the watermark `after`.
///
/// # Errors
/// What PostgreSQL or the connection says.
pub async fn row_counts(
    client: &Client,
    table: &TableName,
    time: &RowTime,
    after: Option<Watermark>,
    horizon: Horizon,
    precision: Precision,
) -> Result<RowCounts, Error> {
    if precision == Precision::Exact {
        return counted(client, table, time, after, horizon, None).await;
    }
    let (rows, cost) = estimate(client, table, time, after, &horizon).await?;
    if cost <= CHEAP {
        match counted(
            client,
            table,
            time,
            after,
            horizon.clone(),
            Some(CHEAP_TIMEOUT),
        )
        .await
        {
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => {}
            counts => return counts,
        }
    }
    Ok(RowCounts {
        pending: rows,
        exact: false,
        held: None,
        unreachable: None,
        findings: findings(after, &horizon, None, None),
        horizon,
    })
}

/// From when on a row's timestamp is that of no clock.
pub(super) fn far_future(horizon: &Horizon) -> Watermark {
    Watermark::from_micros(horizon.clock.micros() + FAR_FUTURE).unwrap_or(horizon.clock)
}

/// Counts pending, held and unreachable rows in one pass over what is above the watermark.
async fn counted(
    client: &Client,
    table: &TableName,
    time: &RowTime,
    after: Option<Watermark>,
    horizon: Horizon,
    timeout: Option<Duration>,
) -> Result<RowCounts, Error> {
    let expression = time.expression();
    let above = time.after(after);
    let below = horizon
        .at
        .map_or_else(|| "false".to_owned(), |at| time.is("<", at));
    let far = time.is(">", far_future(&horizon));
    let statement = format!(
        "SELECT count(*) FILTER (WHERE {above} AND {below}),
                count(*) FILTER (WHERE {above} AND NOT ({below}) AND NOT ({far})),
                count(*) FILTER (WHERE {expression} IS NULL OR {expression} = '-infinity' OR {far})
         FROM {} WHERE {above} OR {expression} IS NULL OR {expression} = '-infinity' OR {far}",
        table.quoted()
    );
    let limit = timeout.map_or(0, |timeout| timeout.as_millis());
    client
        .batch_execute(&format!(
            "BEGIN READ ONLY; SET LOCAL statement_timeout = {limit}"
        ))
        .await?;
    let row = client.query_one(&statement, &[]).await;
    client.batch_execute("ROLLBACK").await?;
    let row = row?;
    let number = |column| row.try_get::<_, i64>(column).map(i64::unsigned_abs);
    let (held, unreachable) = (number(1)?, number(2)?);
    Ok(RowCounts {
        pending: number(0)?,
        exact: true,
        held: Some(held),
        unreachable: Some(unreachable),
        findings: findings(after, &horizon, Some(held), Some(unreachable)),
        horizon,
    })
}

/// The planner's estimate of the pending rows, and of the cost of counting them.
async fn estimate(
    client: &Client,
    table: &TableName,
    time: &RowTime,
    after: Option<Watermark>,
    horizon: &Horizon,
) -> Result<(u64, f64), Error> {
    let condition = horizon
        .at
        .map_or_else(|| time.after(after), |at| time.between(after, at));
    let statement = format!(
        "EXPLAIN (FORMAT JSON) SELECT 1 FROM {} WHERE {condition}",
        table.quoted()
    );
    let text: String = client
        .simple_query(&statement)
        .await?
        .iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        })
        .collect();
    let plan: Value = serde_json::from_str(&text).unwrap_or_default();
    let figure = |name: &str| plan[0]["Plan"][name].as_f64().unwrap_or(0.0);
    let rows = if horizon.at.is_some() {
        whole(figure("Plan Rows")).unwrap_or(0)
    } else {
        0
    };
    Ok((rows, figure("Total Cost")))
}

fn findings(
    after: Option<Watermark>,
    horizon: &Horizon,
    held: Option<u64>,
    unreachable: Option<u64>,
) -> Vec<Finding> {
    let mut findings = horizon.findings.clone();
    // Who holds the horizon back matters to the tables whose rows are held.
    findings.retain(|finding| finding.code != FindingCode::HorizonHeld || held != Some(0));
    if let Some(ahead) = after.filter(|after| *after > horizon.clock) {
        findings.push(Finding::new(
            FindingCode::TimestampInFuture,
            format!("the stored timestamp {ahead} is later than the database's clock, {}: no new row is newer than it", horizon.clock),
        ));
    }
    if let Some(rows) = unreachable.filter(|rows| *rows > 0) {
        findings.push(Finding::new(
            FindingCode::RowsUnreachable,
            format!("{rows} rows have a timestamp that is NULL, infinite or more than a day in the future: no watermark will ever pass them"),
        ));
    }
    findings
}
