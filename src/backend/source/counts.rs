//! How many rows stand where.

use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;
use serde_json::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow};

use super::catalog::whole;
use super::connect::transaction::{self, Isolation};
use super::horizon::Horizon;
use super::row_time::RowTime;
use crate::backend::finding::{Finding, FindingCode};
use crate::figures::count;
use crate::vocabulary::{TableName, Watermark};

/// How far ahead of the database's clock a row's timestamp may be to count as held rather than
/// unreachable: clocks are wrong by minutes, zones by hours.
const FAR_FUTURE: i64 = 24 * 60 * 60 * 1_000_000;
/// Up to this cost by the planner's account a count is made at once; it takes about half a second.
const CHEAP: f64 = 100_000.0;
/// How long a count that was to be cheap may take before the estimate is taken instead.
pub(super) const CHEAP_TIMEOUT: Duration = Duration::from_secs(10);

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

/// A table whose rows are to be counted.
#[derive(Debug)]
pub struct Countable<'a> {
    pub table: &'a TableName,
    pub time: RowTime,
    /// The watermark above which rows count.
    pub after: Option<Watermark>,
}

/// What the planner expects of a count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Pending rows.
    pub rows: u64,
    /// The cost of counting them by the planner's account.
    pub cost: f64,
}

impl Estimate {
    /// The answer to `EXPLAIN (FORMAT JSON)`.
    pub(super) fn of(row: &SimpleQueryRow) -> Self {
        let plan: Value = serde_json::from_str(row.get(0).unwrap_or_default()).unwrap_or_default();
        let figure = |name: &str| plan[0]["Plan"][name].as_f64().unwrap_or(0.0);
        Self {
            rows: whole(figure("Plan Rows")).unwrap_or(0),
            cost: figure("Total Cost"),
        }
    }

    /// Whether the count is made at once.
    #[must_use]
    pub fn is_cheap(self) -> bool {
        self.cost <= CHEAP
    }

    /// The counts, as far as the planner can tell.
    #[must_use]
    pub fn into_counts(self, after: Option<Watermark>, horizon: Horizon) -> RowCounts {
        RowCounts {
            pending: self.rows,
            exact: false,
            held: None,
            unreachable: None,
            findings: findings(after, &horizon, None, None),
            horizon,
        }
    }
}

/// Counts the rows of one table; `None` where the server answers with something that is no count.
///
/// # Errors
/// What PostgreSQL or the connection says.
pub async fn row_counts(
    client: &Client,
    table: &Countable<'_>,
    horizon: &Horizon,
    precision: Precision,
) -> Result<Option<RowCounts>, Error> {
    let mut estimate = None;
    if precision == Precision::Estimate {
        let unlimited = CountLimits::default();
        estimates(client, &[table], horizon, unlimited, |of| {
            estimate = Some(of);
        })
        .await?;
    }
    let limits = match estimate {
        Some(estimate) if !estimate.is_cheap() => {
            return Ok(Some(estimate.into_counts(table.after, horizon.clone())));
        }
        Some(_) => CountLimits {
            statement: Some(CHEAP_TIMEOUT),
            lock: None,
        },
        None => CountLimits::default(),
    };
    let mut counted = None;
    let ended = count_each(client, &[table], horizon, limits, |_, counts| {
        counted = Some(counts);
    })
    .await;
    match (ended, estimate) {
        (Ok(()), _) => Ok(counted),
        (Err(error), Some(estimate)) if error.code() == Some(&SqlState::QUERY_CANCELED) => {
            Ok(Some(estimate.into_counts(table.after, horizon.clone())))
        }
        (Err(error), _) => Err(error),
    }
}

/// A timestamp that no clock has come to: rows from then on are unreachable.
pub(super) fn far_future(horizon: &Horizon) -> Watermark {
    Watermark::from_micros(horizon.clock.micros() + FAR_FUTURE).unwrap_or(horizon.clock)
}

/// How long the statements of a count may take; `None` is what the session has.
#[derive(Debug, Clone, Copy, Default)]
pub struct CountLimits {
    pub statement: Option<Duration>,
    /// Waiting for a table that somebody alters.
    pub lock: Option<Duration>,
}

impl CountLimits {
    /// For cheap counts of several tables, where none is to keep the others waiting.
    pub const TOGETHER: Self = Self {
        statement: Some(CHEAP_TIMEOUT),
        lock: Some(Duration::from_millis(200)),
    };

    /// Begins a transaction under these limits.
    pub(super) fn begin(self) -> String {
        let set = |name: &str, limit: Option<Duration>| {
            limit.map_or_else(String::new, |limit| {
                format!(" SET LOCAL {name} = {};", limit.as_millis())
            })
        };
        format!(
            "{}; {};{}{}",
            transaction::begin(Isolation::ReadCommitted),
            transaction::UNLIMITED,
            set("statement_timeout", self.statement),
            set("lock_timeout", self.lock)
        )
    }
}

impl Countable<'_> {
    /// The statement that the planner is to judge.
    fn explain(&self, horizon: &Horizon) -> String {
        let condition = horizon.at.map_or_else(
            || self.time.after(self.after),
            |at| self.time.between(self.after, self.time.bound(at)),
        );
        format!(
            "EXPLAIN (FORMAT JSON) SELECT 1 FROM {} WHERE {condition};",
            self.table.quoted()
        )
    }

    /// The statement that counts pending, held and unreachable rows in one pass over what is above the
    /// watermark.
    fn count(&self, horizon: &Horizon) -> String {
        let expression = self.time.expression();
        let above = self.time.after(self.after);
        let below = horizon.at.map_or_else(
            || "false".to_owned(),
            |at| self.time.is("<", self.time.bound(at)),
        );
        let far = self.time.is(">", far_future(horizon));
        format!(
            "SELECT count(*) FILTER (WHERE {above} AND {below}),
                    count(*) FILTER (WHERE {above} AND NOT ({below}) AND NOT ({far})),
                    count(*) FILTER (WHERE {expression} IS NULL OR {expression} = '-infinity' OR {far})
             FROM {} WHERE {above} OR {expression} IS NULL OR {expression} = '-infinity' OR {far};",
            self.table.quoted()
        )
    }
}

/// Counts the rows of `tables` with one request, and tells each count with its place as it comes. Nothing
/// is told of an answer that is no count.
///
/// # Errors
/// What PostgreSQL or the connection says of one of them; those after it are not counted then.
pub async fn count_each(
    client: &Client,
    tables: &[&Countable<'_>],
    horizon: &Horizon,
    limits: CountLimits,
    mut tell: impl FnMut(usize, RowCounts),
) -> Result<(), Error> {
    let mut script = limits.begin();
    for table in tables {
        script.push_str(&table.count(horizon));
    }
    script.push_str("COMMIT");
    answers(client, &script, |place, row| {
        let number = |column| row.get(column).and_then(|text: &str| text.parse().ok());
        let (Some(pending), Some(held), Some(unreachable)) = (number(0), number(1), number(2))
        else {
            return;
        };
        let after = tables[place].after;
        tell(
            place,
            RowCounts {
                pending,
                exact: true,
                held: Some(held),
                unreachable: Some(unreachable),
                findings: findings(after, horizon, Some(held), Some(unreachable)),
                horizon: horizon.clone(),
            },
        );
    })
    .await
}

/// Tells the rows of the answers to `script`, a transaction, each with its place among them.
pub(super) async fn answers(
    client: &Client,
    script: &str,
    mut tell: impl FnMut(usize, &SimpleQueryRow),
) -> Result<(), Error> {
    let mut messages = pin!(client.simple_query_raw(script).await?);
    let mut place = 0;
    loop {
        match messages.try_next().await {
            Ok(Some(SimpleQueryMessage::Row(row))) => {
                tell(place, &row);
                place += 1;
            }
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(error) => {
                // Where the connection is lost, what it was lost by has been said.
                let _ = client.batch_execute("ROLLBACK").await;
                return Err(error);
            }
        }
    }
}

/// Tells what the planner expects of counting the rows of each of `tables`, in their order.
///
/// # Errors
/// What PostgreSQL or the connection says of one of them; nothing is told of those after it.
pub async fn estimates(
    client: &Client,
    tables: &[&Countable<'_>],
    horizon: &Horizon,
    limits: CountLimits,
    mut tell: impl FnMut(Estimate),
) -> Result<(), Error> {
    let mut script = limits.begin();
    for table in tables {
        script.push_str(&table.explain(horizon));
    }
    script.push_str("COMMIT");
    answers(client, &script, |_, row| {
        let estimate = Estimate::of(row);
        tell(Estimate {
            rows: horizon.at.map_or(0, |_| estimate.rows),
            ..estimate
        });
    })
    .await
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
            format!("the stored timestamp {ahead} is later than the database's clock, {}: new rows cannot be newer than it", horizon.clock),
        ));
    }
    if let Some(rows) = unreachable.filter(|rows| *rows > 0) {
        findings.push(Finding::new(
            FindingCode::RowsUnreachable,
            format!("{} with a timestamp that is NULL, infinite or more than a day in the future, which no watermark will ever pass", count(rows, "row")),
        ));
    }
    findings
}
