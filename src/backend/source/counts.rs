//! Counting pending, held and unreachable rows.

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

/// How far ahead of the database's clock a row's timestamp may be, in microseconds, to count as held
/// rather than unreachable: clocks are wrong by minutes, zones by hours.
const FAR_FUTURE: i64 = 24 * 60 * 60 * 1_000_000;
/// Cost, according to the planner, up to which a count is made at once; such a count takes about half a
/// second.
const CHEAP: f64 = 100_000.0;
/// How long a count that was expected to be cheap may take before the estimate is used instead.
pub(super) const CHEAP_TIMEOUT: Duration = Duration::from_secs(10);

/// How exactly rows are to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// The planner's estimate, if counting would take long.
    Estimate,
    /// Counted, however long it takes.
    Exact,
}

/// The rows of a table by their position relative to the watermark and the horizon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowCounts {
    /// Above the watermark, below the horizon.
    pub pending: u64,
    /// Whether `pending` was counted rather than estimated.
    pub exact: bool,
    /// At or above the horizon; `None` if there is only an estimate.
    pub held: Option<u64>,
    /// NULL, infinite or far in the future; `None` if there is only an estimate.
    pub unreachable: Option<u64>,
    pub horizon: Horizon,
    pub findings: Vec<Finding>,
}

impl RowCounts {
    /// The counts of a table whose rows are not told apart: nothing is pending, held or unreachable.
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
    /// The cost of counting them, according to the planner.
    pub cost: f64,
}

impl Estimate {
    /// Reads the answer to `EXPLAIN (FORMAT JSON)`; `None` if it does not say what is expected.
    pub(super) fn of(row: &SimpleQueryRow) -> Option<Self> {
        Self::read(row.get(0)?)
    }

    fn read(answer: &str) -> Option<Self> {
        let plan: Value = serde_json::from_str(answer).ok()?;
        let figure = |name: &str| plan[0]["Plan"][name].as_f64();
        Some(Self {
            rows: whole(figure("Plan Rows")?)?,
            cost: figure("Total Cost")?,
        })
    }

    /// Whether the count is cheap enough to be made at once.
    #[must_use]
    pub fn is_cheap(self) -> bool {
        self.cost <= CHEAP
    }

    /// Returns the counts, as far as the planner can tell.
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

/// Counts the rows of one table; `None` if the server answers with something that is not a count.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn row_counts(
    client: &Client,
    table: &Countable<'_>,
    horizon: &Horizon,
    precision: Precision,
) -> Result<Option<RowCounts>, Error> {
    let mut estimate = None;
    if precision == Precision::Estimate {
        let unlimited = CountLimits::default();
        estimates(client, &[table], horizon, unlimited, |of| estimate = of).await?;
    }
    let limits = match (precision, estimate) {
        (Precision::Estimate, Some(estimate)) if !estimate.is_cheap() => {
            return Ok(Some(estimate.into_counts(table.after, horizon.clone())));
        }
        (Precision::Estimate, _) => CountLimits {
            statement: Some(CHEAP_TIMEOUT),
            lock: None,
        },
        (Precision::Exact, _) => CountLimits::default(),
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

/// A timestamp that no clock has reached: rows later than this are unreachable.
pub(super) fn far_future(horizon: &Horizon) -> Watermark {
    Watermark::from_micros(horizon.clock.micros() + FAR_FUTURE).unwrap_or(horizon.clock)
}

/// How long the statements of a count may take; `None` leaves the limit that every transaction of ours has.
#[derive(Debug, Clone, Copy, Default)]
pub struct CountLimits {
    pub statement: Option<Duration>,
    /// How long to wait for a table that somebody is altering.
    pub lock: Option<Duration>,
}

impl CountLimits {
    /// For cheap counts of several tables, none of which may keep the others waiting.
    pub const TOGETHER: Self = Self {
        statement: Some(CHEAP_TIMEOUT),
        lock: Some(Duration::from_millis(200)),
    };

    /// Returns the statements that begin a transaction under these limits.
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
    /// The statement whose cost the planner is asked for.
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

/// Counts the rows of `tables` with one request, and passes each count to `tell` with its place as it
/// arrives. An answer that is not a count is skipped.
///
/// # Errors
/// The error of PostgreSQL or of the connection for one of them; those after it are then not counted.
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

/// Passes the rows of the answers to `script`, a transaction, to `tell`, each with its place among them.
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
                // This fails if the connection is lost, but `error` already says so.
                let _ = client.batch_execute("ROLLBACK").await;
                return Err(error);
            }
        }
    }
}

/// Passes what the planner expects of counting the rows of each of `tables` to `tell`, in their order; `None` if
/// its answer cannot be understood.
///
/// # Errors
/// The error of PostgreSQL or of the connection for one of them; those after it are then left out.
pub async fn estimates(
    client: &Client,
    tables: &[&Countable<'_>],
    horizon: &Horizon,
    limits: CountLimits,
    mut tell: impl FnMut(Option<Estimate>),
) -> Result<(), Error> {
    let mut script = limits.begin();
    for table in tables {
        script.push_str(&table.explain(horizon));
    }
    script.push_str("COMMIT");
    answers(client, &script, |_, row| {
        tell(Estimate::of(row).map(|estimate| Estimate {
            rows: horizon.at.map_or(0, |_| estimate.rows),
            ..estimate
        }));
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
    // What holds the horizon back only matters to tables that have held rows.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_does_not_say_what_it_costs_is_no_estimate() {
        let read = |plan: &str| Estimate::read(&format!(r#"[{{"Plan": {{{plan}}}}}]"#));
        let estimate = read(r#""Total Cost": 12.5, "Plan Rows": 7"#).expect("an estimate");
        assert_eq!((estimate.rows, estimate.cost), (7, 12.5));
        for plan in ["", r#""Plan Rows": 7"#, r#""Total Cost": 12.5"#] {
            assert_eq!(read(plan), None, "{plan}");
        }
        assert_eq!(Estimate::read("Seq Scan on payment"), None);
    }
}
