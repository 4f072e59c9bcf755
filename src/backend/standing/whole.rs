//! Judging a table that is written whole each time.

use super::decision::{Decision, Question, crashed, stop};
use super::recovery::Recovery;
use super::seen::{Looked, Numbered, Seen};
use crate::backend::finding::FindingCode;
use crate::vocabulary::SequenceId;

impl Seen<'_> {
    /// Judges a table that is written whole each time, which has only the sequence id.
    pub(super) fn written_whole(&self) -> Decision {
        let go_on = Decision::GoOn {
            watermark: None,
            after: self.sequence_id(),
        };
        match (self.sequence_id(), &self.newer) {
            (_, Some(newer)) => self.written_whole_behind(newer),
            (None, None) => self.nothing_left().unwrap_or(go_on),
            (Some(id), None) if id.next() == SequenceId::FIRST => go_on,
            (Some(id), None) => match (&self.current, &self.sequence_by) {
                (Some(_), _) => go_on,
                (None, _) if self.consumers_remove => go_on,
                (None, None) => Decision::Ask(Question::SequenceAuthor),
                (None, Some(author)) if author.is_edit() => match &self.newest {
                    Looked::Unknown => Decision::Ask(Question::Newest),
                    Looked::Found(newest) if newest.sequence_id > id => {
                        self.written_whole_behind(newest)
                    }
                    _ => go_on,
                },
                (None, Some(author)) => stop(
                    FindingCode::SequenceAhead,
                    format!(
                        "{} says {id}, written by {}, but there is no such object; if consumers remove objects after use, say so with objects.consumers = \"remove\"",
                        self.stored.sequence_name,
                        author.described()
                    ),
                ),
            },
        }
    }

    fn written_whole_behind(&self, newer: &Numbered) -> Decision {
        let (metadata, run) = match (&newer.head.metadata, newer.author()) {
            (Some(metadata), Some(run)) => (metadata, run),
            // Other programs that write a table whole each time may never count up.
            _ if newer.sequence_id.next() == SequenceId::FIRST => {
                return Decision::GoOn {
                    watermark: None,
                    after: self.sequence_id(),
                };
            }
            _ => {
                return stop(
                    FindingCode::StuckSequence,
                    format!(
                        "object {} exists ({}), but {} {}",
                        newer.sequence_id,
                        newer.head.key,
                        self.stored.sequence_name,
                        self.sequence_id().map_or_else(
                            || "is not recorded".to_owned(),
                            |id| format!("says {id}")
                        )
                    ),
                );
            }
        };
        if self.sequence_id().is_none() && newer.sequence_id != SequenceId::FIRST {
            return stop(
                FindingCode::SequenceMissing,
                format!(
                    "object {} exists ({}), but {} is not recorded",
                    newer.sequence_id, newer.head.key, self.stored.sequence_name
                ),
            );
        }
        Decision::recover(
            Recovery::new(self.stored, newer, crashed(newer, metadata))
                .with_sequence_id(newer.sequence_id, run),
        )
    }
}
