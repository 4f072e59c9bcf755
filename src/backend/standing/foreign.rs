//! Judging the timestamp beside an object that does not say where it ends: an object of another program,
//! which has no metadata, or one from when the table was written whole.

use super::decision::{Decision, Question, stop};
use super::seen::{Numbered, Seen};
use crate::backend::finding::FindingCode;
use crate::vocabulary::Watermark;

impl Seen<'_> {
    /// Judges by `object`, which the sequence id names and which was written after the objects that say where
    /// they end. Another program stores the number first: if the timestamp is still a run's, that program
    /// crashed before storing its own.
    pub(super) fn judged_by_foreign(&self, object: &Numbered, timestamp: Watermark) -> Decision {
        let Some(timestamp_by) = &self.timestamp_by else {
            return Decision::Ask(Question::TimestampAuthor);
        };
        let number = timestamp_by.newest().and_then(|newest| newest.by.number());
        let by_run = timestamp_by
            .newest()
            .is_some_and(|newest| newest.by.is_run());
        if !by_run || number >= Some(object.sequence_id) {
            return self.go_on();
        }
        let Some(sequence_by) = &self.sequence_by else {
            return Decision::Ask(Question::SequenceAuthor);
        };
        // Whoever set the sequence id has looked at the object and moved past it.
        if sequence_by.is_edit() {
            return self.go_on();
        }
        let since = match &object.head.metadata {
            Some(whole) => format!(
                "object {}, which was written since, holds the whole table as of {} (mode = \"snapshot\"): rows newer than the timestamp are in it, and are written again by whoever continues from there",
                object.sequence_id, whole.to
            ),
            None => format!(
                "object {}, which another program wrote since, may end later",
                object.sequence_id
            ),
        };
        stop(
            FindingCode::TimestampMismatch,
            format!(
                "{} says {timestamp}, written by {}; {since}",
                self.stored.timestamp_name,
                timestamp_by.described(),
            ),
        )
    }
}
