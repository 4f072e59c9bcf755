//! PostgreSQL: which tables there are, which rows are new, and how they get out.
//!
//! [`connect`] opens sessions; `catalog` says what there is, `horizon` up to where it may be read,
//! `counts` how many rows stand where; `snapshot` and `collect` read them. Nothing here ever writes
//! to the source.

mod catalog;
mod collect;
pub mod connect;
mod counts;
mod horizon;
mod latest;
mod row_time;
mod snapshot;

pub use catalog::{SourceColumn, SourceTable, table, tables, unreadable};
pub use collect::TableRows;
pub use connect::{Connection, Environment, SourcePool};
pub use counts::{Precision, RowCounts, row_counts};
pub use horizon::{Holder, Horizon, horizon};
pub use latest::{DEFAULT_TIMESTAMP_COLUMNS, LatestTimestamp, find_latest_timestamp};
pub use row_time::RowTime;
pub use snapshot::{Cut, Snapshot};
