//! Which tables are being asked about, and when the next are.
//!
//! A *sweep* goes over all tables in chunks. Where there are more of them than one chunk, the tables
//! on the screen have questions of their own beside it, so that what somebody looks at is counted
//! first and stays fresh, however long the sweep over the others takes.

use std::collections::{HashMap, VecDeque};

use crate::backend::source::Precision;
use crate::backend::{TableName, Watermark};
use crate::jobs::JobId;

/// Tables that one question of a sweep is about.
pub const CHUNK: usize = 64;

/// The questions about tables.
#[derive(Debug, Default)]
pub struct Rounds {
    /// The sweep over all tables that is under way.
    pub sweep: Option<Sweep>,
    /// Since when it is asked which tables there are.
    pub listing: Option<Watermark>,
    /// When the next sweep begins.
    pub due: Option<Watermark>,
    /// Sweeps that have ended.
    pub done: u64,
    /// The question about the tables on the screen that is under way.
    pub screen: Option<Asked>,
    /// How long the last such question took, in microseconds.
    pub screen_took: i64,
    /// Questions about single tables that are under way.
    pub asked: HashMap<JobId, Vec<TableName>>,
    /// Sweeps in a row that found a party out of reach.
    pub failures: u32,
    /// Since when a party has been out of reach.
    pub down_since: Option<Watermark>,
}

/// A question with the time it was asked at.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub job: JobId,
    pub at: Watermark,
}

/// A round of questions about all tables.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The chunk that is under way.
    pub job: JobId,
    pub began: Watermark,
    pub precision: Precision,
    /// The tables that are still to be asked about.
    pub queue: VecDeque<TableName>,
}
