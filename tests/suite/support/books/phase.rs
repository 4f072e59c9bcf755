//! The protocol phase in which a process was killed.

use highwater::backend::objects::Metadata;
use highwater::vocabulary::{SequenceId, TableName};

use super::shelf::Shelf;
use super::values;
use crate::support::Stage;

/// How far a run had got with a table when it was killed, judging by what it left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Nothing remains to be done: the run had not begun, or was killed before a commit.
    Clean,
    /// The object exists, but neither value is written.
    Committed,
    /// The object and the timestamp exist, but the sequence id is not written.
    TimestampWritten,
}

/// The number that each of `tables` has reached, and its phase.
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
