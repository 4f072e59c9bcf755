//! Where in the protocol a process was when it was killed.

use highwater::backend::objects::Metadata;
use highwater::vocabulary::{SequenceId, TableName};

use super::shelf::Shelf;
use super::values;
use crate::support::Stage;

/// How far a run had come with a table when it was killed, as far as what it left behind tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Nothing is left to be done: it had not begun, or was before a commit.
    Clean,
    /// The object is there, and neither value is.
    Committed,
    /// The object and the timestamp are there, the sequence id is not.
    TimestampWritten,
}

/// The number that each of `tables` has come to, and its phase.
pub async fn phases(stage: &Stage, tables: &[TableName]) -> Vec<(SequenceId, Phase)> {
    let (shelf, profile) = (Shelf::of(stage), stage.profile());
    let mut phases = Vec::new();
    for table in tables {
        let (timestamp, sequence_id) = values(&shelf, &profile, table).await;
        let next = SequenceId::following(sequence_id);
        let key = profile
            .key_template(table)
            .render(&profile.env, table, next, chrono::Utc::now());
        let metadata = shelf.metadata(&key).await;
        let phase = match metadata.as_ref().and_then(Metadata::from_map) {
            None => Phase::Clean,
            Some(next) if Some(next.watermark) == timestamp => Phase::TimestampWritten,
            Some(_) => Phase::Committed,
        };
        phases.push((next, phase));
    }
    phases
}
