//! What an ingestion will do and what it did.

use serde::Serialize;

use crate::backend::error::ErrorReport;
use crate::backend::finding::Finding;
use crate::backend::source::Horizon;
use crate::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

/// Limits of one ingestion.
#[derive(Debug, Clone, Copy, Default)]
pub struct IngestOptions {
    /// Rows an object may have, if that is less than the profile allows.
    pub max_rows: Option<u64>,
}

/// What ingesting a table would write, as counted in one snapshot.
#[derive(Debug, Clone)]
pub struct IngestPlan {
    pub table: TableName,
    /// The watermark to start from; `None` for a table that was never ingested.
    pub from: Option<Watermark>,
    pub horizon: Horizon,
    /// What would be put right first, one sentence each.
    pub recovers: Vec<String>,
    /// What does not stop the ingestion, but may repeat or leave out rows: an object of another program does
    /// not end where the timestamp is.
    pub doubts: Vec<Finding>,
    /// Rows in all objects together.
    pub rows: u64,
    pub objects: Vec<PlannedObject>,
}

/// One object that would be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlannedObject {
    pub key: ObjectKey,
    pub sequence_id: SequenceId,
    pub rows: u64,
    /// Exclusive; `None` if there is no lower bound.
    pub from: Option<Watermark>,
    /// Inclusive.
    pub to: Watermark,
}

/// One object that was written.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObjectWritten {
    pub key: ObjectKey,
    pub sequence_id: SequenceId,
    pub rows: u64,
    /// Size of the body as stored.
    pub bytes: u64,
    pub from: Option<Watermark>,
    pub to: Watermark,
    /// Time from reading the state to the last parameter write.
    pub seconds: f64,
}

/// How the ingestion of a table ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Written,
    NothingPending,
    /// Not tried: a dry run, or cancelled before its turn.
    Skipped,
    Failed,
}

/// What became of one table; the shape of `highwater ingest --output json`.
#[derive(Debug, Clone, Serialize)]
pub struct IngestReport {
    pub table: TableName,
    pub outcome: Outcome,
    /// In the order of their numbers, including those written before a failure.
    pub objects: Vec<ObjectWritten>,
    /// What was put right on the way, one sentence each.
    pub recovered: Vec<String>,
    /// Whether a transaction held the horizon back, so that rows may have been left behind.
    #[serde(skip)]
    pub is_held: bool,
    /// Doubts about the object of another program that the run continued after.
    #[serde(skip)]
    pub doubts: Vec<Finding>,
    pub error: Option<ErrorReport>,
}
