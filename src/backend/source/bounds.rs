//! Counting the rows within each of several bounds, in one pass over the table.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use super::counts::{CHEAP_TIMEOUT, CountLimits, Estimate, answers};
use super::row_time::RowTime;
use crate::vocabulary::{TableName, Watermark};

/// How long the count may take.
const LIMITS: CountLimits = CountLimits {
    statement: Some(CHEAP_TIMEOUT),
    lock: None,
};

/// The rows `after < ts < before`; `after` is `None` if there is no lower bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub after: Option<Watermark>,
    pub before: Watermark,
}

/// The result of counting several bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WithinBounds {
    /// How many rows are within each of the bounds; only for the first bounds, if counting all would take
    /// long.
    pub rows: Vec<u64>,
    /// The least timestamp among all rows counted.
    pub oldest: Option<Watermark>,
}

impl Bounds {
    /// Whether a row can be within both.
    #[must_use]
    pub fn overlap(self, other: Self) -> bool {
        let after = self.after.max(other.after);
        let before = self.before.min(other.before);
        after.is_none_or(|after| after.successor() < before)
    }

    /// Merges bounds that overlap or directly follow each other, and returns the resulting bounds, oldest
    /// first.
    #[must_use]
    pub fn merged(all: &[Self]) -> Vec<Self> {
        let mut sorted = all.to_vec();
        sorted.sort_unstable_by_key(|one| (one.after, one.before));
        let mut merged: Vec<Self> = Vec::new();
        for next in sorted {
            match merged.last_mut() {
                Some(last) if next.after < Some(last.before) => {
                    last.before = last.before.max(next.before);
                }
                _ => merged.push(next),
            }
        }
        merged
    }
}

/// The statement that counts the rows of `table` within each of `all`.
fn statement(table: &TableName, time: &RowTime, all: &[Bounds]) -> String {
    let within = |one: &Bounds| time.between(one.after, one.before);
    let each: Vec<String> = all
        .iter()
        .map(|one| format!("count(*) FILTER (WHERE {})", within(one)))
        .collect();
    let any: Vec<String> = Bounds::merged(all)
        .iter()
        .map(|one| format!("({})", within(one)))
        .collect();
    format!(
        "SELECT {}, {} FROM {} WHERE {};",
        RowTime::micros(&format!("min({})", time.expression())),
        each.join(", "),
        table.quoted(),
        any.join(" OR ")
    )
}

/// Counts the rows of `table` within each of `bounds`.
///
/// If the planner does not consider that cheap, tries the first half of them, and so on. `None` if not even the
/// first is cheap, or if counting takes too long nevertheless.
///
/// # Errors
/// The error of PostgreSQL or of the connection.
pub async fn rows_within(
    client: &Client,
    table: &TableName,
    time: &RowTime,
    bounds: &[Bounds],
) -> Result<Option<WithinBounds>, Error> {
    match cheap_half(client, table, time, bounds).await {
        Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => Ok(None),
        counted => counted,
    }
}

async fn cheap_half(
    client: &Client,
    table: &TableName,
    time: &RowTime,
    mut bounds: &[Bounds],
) -> Result<Option<WithinBounds>, Error> {
    while !bounds.is_empty() {
        let statement = statement(table, time, bounds);
        if is_cheap(client, &statement).await? {
            return counted(client, &statement).await;
        }
        bounds = &bounds[..bounds.len() / 2];
    }
    Ok(None)
}

/// Whether the planner considers a statement cheap.
async fn is_cheap(client: &Client, statement: &str) -> Result<bool, Error> {
    let mut is_cheap = false;
    let script = format!("{}EXPLAIN (FORMAT JSON) {statement}COMMIT", LIMITS.begin());
    answers(client, &script, |_, row| {
        is_cheap = Estimate::of(row).is_some_and(Estimate::is_cheap);
    })
    .await?;
    Ok(is_cheap)
}

async fn counted(client: &Client, statement: &str) -> Result<Option<WithinBounds>, Error> {
    let mut within = None;
    let script = format!("{}{statement}COMMIT", LIMITS.begin());
    let counted = answers(client, &script, |_, row| {
        let number = |place| {
            row.get(place)
                .and_then(|text: &str| text.parse::<i64>().ok())
        };
        let rows = (1..row.len()).map_while(|place| number(place)?.try_into().ok());
        within = Some(WithinBounds {
            rows: rows.collect(),
            oldest: number(0).and_then(Watermark::from_micros),
        });
    });
    match counted.await {
        Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => Ok(None),
        counted => counted.map(|()| within),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(after: Option<i64>, before: i64) -> Bounds {
        let at = |micros| Watermark::from_micros(micros).expect("a timestamp");
        Bounds {
            after: after.map(at),
            before: at(before),
        }
    }

    #[test]
    fn bounds_overlap_where_a_timestamp_is_within_both() {
        let one = bounds(Some(10), 20);
        for (other, overlaps) in [
            (bounds(Some(18), 30), true),
            (bounds(Some(19), 30), false),
            (bounds(None, 12), true),
            (bounds(None, 11), false),
            (bounds(None, 100), true),
        ] {
            assert_eq!(one.overlap(other), overlaps, "{other:?}");
            assert_eq!(other.overlap(one), overlaps, "{other:?}");
        }
    }

    #[test]
    fn bounds_with_no_timestamp_in_between_are_merged() {
        let all = [
            bounds(Some(19), 30),
            bounds(Some(10), 20),
            bounds(Some(30), 40),
            bounds(Some(33), 35),
            bounds(None, 5),
        ];
        let merged = [bounds(None, 5), bounds(Some(10), 30), bounds(Some(30), 40)];
        assert_eq!(Bounds::merged(&all), merged);
    }
}
