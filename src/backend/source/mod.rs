//! PostgreSQL: which tables exist, which rows are new, and how they are read.
//!
//! [`connect`] opens sessions; `catalog` finds the tables, `types` what their values are made of,
//! `horizon` how far they may be read, `counts` how many rows are pending, held or unreachable;
//! `snapshot` and `collect` read the rows. Nothing here ever writes to the source.
//!
//! [`Source`] is what the commit protocol needs of a source: the horizon, and snapshots in which to
//! count, cut and copy ([`TableSnapshot`]). [`SourcePool`] is PostgreSQL; anything else that keeps the
//! same promises can take its place.

mod bounds;
mod catalog;
mod collect;
pub mod connect;
mod copy;
mod correction;
mod counts;
mod extremes;
mod horizon;
mod index;
mod latest;
mod letters;
mod postgres;
mod privileges;
mod row_time;
mod server;
mod snapshot;
mod types;
mod unselected;
mod zones;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono_tz::Tz;

use crate::backend::error::{Error, Result};
use crate::vocabulary::{TableName, Watermark};

pub use bounds::{Bounds, WithinBounds, rows_within};
pub use catalog::{SourceColumn, SourceTable, table, tables, tables_named};
pub use collect::TableRows;
pub use connect::{Connection, Environment, SourcePool};
pub(super) use copy::damaged_copy;
pub use copy::{CopyStream, RowCopy};
pub use correction::correction;
pub use counts::{
    CountLimits, Countable, Estimate, Precision, RowCounts, count_each, estimates, row_counts,
};
pub use extremes::{Extremes, extremes};
pub use horizon::{Holder, Horizon};
pub use index::missing_index;
pub use latest::{DEFAULT_TIMESTAMP_COLUMNS, LatestTimestamp, find_latest_timestamp, read_again};
pub use privileges::{Privileges, missing_privileges};
pub use row_time::RowTime;
pub use server::SeveralServers;
pub use snapshot::{Cut, Portion, Snapshot};
pub use unselected::unselected;
pub use zones::{Zones, zones};

/// What to take a snapshot of.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotOf<'a> {
    pub table: &'a TableName,
    /// The columns that tell its rows apart: one timestamp, or the greatest of several. Without any, only
    /// [`TableSnapshot::count_all`] and [`TableSnapshot::copy_all`] work.
    pub columns: &'a [String],
    /// The zone in which timestamps without one are read.
    pub timezone: Tz,
}

/// A source of rows that are stamped with the start of their transaction, or later, and become visible
/// once it has committed.
///
/// Every method fails with [`Unavailable`](Error::Unavailable) if the source cannot be reached or the
/// connection breaks, and with [`Denied`](Error::Denied) if it refuses.
#[async_trait]
pub trait Source: Send + Sync + fmt::Debug {
    /// Where the source is, for messages: `database @ host:port`, neither user nor password.
    fn place(&self) -> &str;

    /// What else is being waited for, as half a sentence: for example, a person who has to answer.
    fn awaited(&self) -> Option<String> {
        None
    }

    /// Returns the current horizon (protocol, step 2), at least `settle` behind the source's clock.
    /// `ignore` lists the `application_name`s whose transactions do not count.
    async fn horizon(&self, settle: Duration, ignore: &[String]) -> Result<Horizon>;

    /// Opens a snapshot of a table (protocol, step 3).
    ///
    /// # Errors
    /// Also [`UnknownTable`](Error::UnknownTable), [`UnknownColumn`](Error::UnknownColumn) and
    /// [`NotATimestamp`](Error::NotATimestamp).
    async fn snapshot(&self, of: SnapshotOf<'_>) -> Result<Box<dyn TableSnapshot>>;

    /// Returns the horizon and a snapshot, taken one after the other on the same server: a snapshot from
    /// a different server that lags behind would lack rows that are below the horizon.
    ///
    /// # Errors
    /// As [`Self::horizon`] and [`Self::snapshot`].
    async fn snapshot_below_horizon(
        &self,
        of: SnapshotOf<'_>,
        settle: Duration,
        ignore: &[String],
    ) -> Result<(Horizon, Box<dyn TableSnapshot>)> {
        let horizon = self.horizon(settle, ignore).await?;
        Ok((horizon, self.snapshot(of).await?))
    }

    /// Returns a session with PostgreSQL, for questions that only PostgreSQL can answer: the catalog, the
    /// planner, privileges.
    ///
    /// # Errors
    /// [`Error::Bug`] if the source is something else.
    async fn connection(&self) -> Result<Connection> {
        Err(Error::Bug(format!(
            "{} is not PostgreSQL, and its catalog is asked for",
            self.place()
        )))
    }
}

/// The approximate size of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSize {
    pub rows: u64,
    /// Bytes of a row as a line of JSON: its size on disk, including values that are stored out of line
    /// (TOAST), plus the names of its columns.
    pub line: u64,
}

/// One moment of one table: every method sees the same rows. It is used through [`Snapshot`].
///
/// All bounds are exclusive; `after` is `None` if there is no lower bound. Rows whose timestamp is NULL
/// or infinite are in none of the answers.
///
/// Every method fails with [`Unavailable`](Error::Unavailable) if the connection breaks.
#[async_trait]
pub trait TableSnapshot: Send + Sync {
    /// Where the source is, for messages.
    fn place(&self) -> &str;

    /// How large the table is according to the source's statistics; `None` if there are none.
    fn size(&self) -> Option<TableSize> {
        None
    }

    /// Returns how many rows `after < ts < before` there are, and the newest timestamp among them; `None`
    /// if there are none.
    async fn count(&self, after: Option<Watermark>, before: Watermark) -> Result<Option<Cut>>;

    /// Returns the timestamp of the row that comes after the first `skip` of the rows
    /// `after < ts < before`, in the order of their timestamps; `None` if there are no more than `skip`.
    async fn nth(
        &self,
        after: Option<Watermark>,
        before: Watermark,
        skip: u64,
    ) -> Result<Option<Watermark>>;

    /// Starts to copy out the rows `after < ts < before`, at most `limit` of them, in no particular
    /// order. There can be one copy at a time; if it is dropped before its end, the snapshot is of no
    /// further use.
    async fn copy(
        &mut self,
        after: Option<Watermark>,
        before: Watermark,
        limit: Option<usize>,
    ) -> Result<RowCopy>;

    /// Returns how many rows the table has, whatever their timestamps.
    async fn count_all(&self) -> Result<u64>;

    /// Starts to copy out all rows, whatever their timestamps, at most `limit` of them; otherwise as
    /// [`Self::copy`].
    async fn copy_all(&mut self, limit: Option<usize>) -> Result<RowCopy>;

    /// Ends the snapshot and frees what it holds. A snapshot that is dropped instead ends as well, but at
    /// a higher cost.
    async fn close(self: Box<Self>);
}
