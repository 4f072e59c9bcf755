//! Rows of the source that the objects of another program have left out.
//!
//! Row counts do not tell: a row that is in two objects, or was updated since, makes up for one that is in
//! none. So rows are compared by their timestamps; if several have the same one, the most that any single
//! object holds of them count.

use std::collections::HashMap;

use crate::backend::source::{Snapshot, TableRows, find_latest_timestamp};
use crate::backend::{Backend, Result};
use crate::vocabulary::{ObjectKey, TableName, Watermark};

/// How many rows are compared, at most: they are kept in memory, at some 50 bytes each.
pub(super) const COMPARED: u64 = 200_000;

/// How many rows have each timestamp.
type Times = HashMap<Watermark, u64>;

impl Backend {
    /// How many of the rows `after < ts <= end` that `table` has in `snapshot` are in none of the objects
    /// `keys`, as far as their timestamps show. The table must have at most [`COMPARED`] rows in that range.
    ///
    /// # Errors
    /// Those of reading the table and the objects.
    pub(super) async fn left_out(
        &self,
        table: &TableName,
        snapshot: Snapshot,
        (after, end): (Watermark, Watermark),
        keys: &[ObjectKey],
    ) -> Result<u64> {
        let mut left = Times::new();
        let mut rows = TableRows::collect(snapshot, Some(after), end.successor(), None).await?;
        let profile = self.profile();
        let (columns, timezone) = (profile.timestamp_columns(table), profile.source.timezone);
        while let Some(row) = rows.next().await? {
            if let Some(at) = find_latest_timestamp(table, [row], columns, timezone)? {
                *left.entry(at).or_default() += 1;
            }
        }
        rows.into_snapshot().close().await;
        let mut held = Times::new();
        for key in keys {
            let mut here = Times::new();
            let tell = |at: Option<Watermark>| {
                if let Some(at) = at.filter(|at| left.contains_key(at)) {
                    *here.entry(at).or_default() += 1;
                }
            };
            self.times_in(table, key, tell).await?;
            for (at, rows) in here {
                let most = held.entry(at).or_default();
                *most = rows.max(*most);
            }
        }
        let missing = |(at, rows): (&Watermark, &u64)| {
            rows.saturating_sub(held.get(at).copied().unwrap_or_default())
        };
        Ok(left.iter().map(missing).sum())
    }
}
