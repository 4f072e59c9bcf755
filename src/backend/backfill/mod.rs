//! Backfill: reading an older range again and writing it as further objects.
//!
//! The rows `A <= ts < B` become objects of the normal sequence, with `kind` = `backfill`. The watermark
//! stays as it is, and rows above it are left to ingestion, so a B beyond it is refused. The range is cut
//! into chunks, each committed on its own, like any batch ([`ingest`](super::ingest), steps 5, 6 and 8). The
//! metadata of its objects holds the id of the backfill: an interrupted one is resumed by finding them and
//! writing what lies between them. This machine notes that the backfill was begun, so that it can be found
//! again ([`Backend::interrupted_backfills`]).
//!
//! [`Backend::interrupted_backfills`]: super::Backend::interrupted_backfills

mod begun;
mod error;
mod lock;
mod notes;
mod pieces;
mod plan;
mod run;

use serde::Serialize;

pub use error::RangeError;
pub use plan::{Backfill, BackfillPlan, PlannedChunk};

use super::error::ErrorReport;
use super::ingest::{ObjectWritten, Outcome};
use crate::vocabulary::{BackfillId, TableName};

/// What became of a backfill; the shape of `highwater backfill --output json`.
#[derive(Debug, Clone, Serialize)]
pub struct BackfillReport {
    pub table: TableName,
    pub backfill: BackfillId,
    pub outcome: Outcome,
    /// In the order of their numbers, including those written before a failure. Their bounds are half-open:
    /// `from` inclusive, `to` exclusive.
    pub objects: Vec<ObjectWritten>,
    /// What was put right on the way, one sentence each.
    pub recovered: Vec<String>,
    pub error: Option<ErrorReport>,
}
