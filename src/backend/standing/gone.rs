//! Judging a stored sequence id whose object is not there.

use super::decision::{Decision, Question, crashed, stop};
use super::recovery::Recovery;
use super::seen::{Below, Numbered, Seen};
use crate::backend::finding::FindingCode;
use crate::backend::objects::Kind;
use crate::backend::provenance::Provenance;
use crate::backend::sequence::SequenceId;
use crate::backend::watermark::Watermark;

impl Seen<'_> {
    /// No object has the stored number.
    pub(super) fn ahead(&self, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
        match &self.sequence_by {
            None => Decision::Ask(Question::SequenceAuthor),
            Some(author) if author.is_edit() => match &self.below {
                Below::Unknown => Decision::Ask(Question::NewestBelow),
                Below::Nothing => self.go_on(),
                Below::Newest(newest) => self.skipped_after(newest, timestamp),
            },
            Some(author) => stop(
                FindingCode::SequenceAhead,
                format!(
                    "{} says {sequence_id}, written by {}, but there is no such object; if consumers remove objects after use, say so with objects.consumers = \"remove\"",
                    self.stored.sequence_name,
                    author.described()
                ),
            ),
        }
    }

    /// Numbers after `newest` are skipped on purpose. Its run may have crashed before.
    fn skipped_after(&self, newest: &Numbered, timestamp: Watermark) -> Decision {
        if let (Some(metadata), Some(run)) = (newest.metadata(), newest.author())
            && metadata.kind == Kind::Ingest
            && metadata.from == Some(timestamp)
        {
            match &self.timestamp_by {
                None => return Decision::Ask(Question::TimestampAuthor),
                Some(author) if author.is_edit() => return self.go_on(),
                Some(_) => {}
            }
            return Decision::recover(
                Recovery::new(self.stored, newest, crashed(newest, metadata))
                    .with_timestamp(metadata.watermark, run),
            );
        }
        self.judged_by(newest, timestamp)
    }

    /// The object of the stored number is gone, as is usual where consumers remove objects.
    pub(super) fn removed(&self, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
        if self.claimed.as_ref().map(|claim| claim.watermark) == Some(timestamp) {
            return self.go_on();
        }
        let (timestamp_by, sequence_by) = match (&self.timestamp_by, &self.sequence_by) {
            (None, _) => return Decision::Ask(Question::TimestampAuthor),
            (_, None) => return Decision::Ask(Question::SequenceAuthor),
            (Some(timestamp_by), Some(sequence_by)) => (timestamp_by, sequence_by),
        };
        match (timestamp_by.provenance(), sequence_by.provenance()) {
            (Some(Provenance::Edit { .. }), _) | (_, Some(Provenance::Edit { .. })) => self.go_on(),
            (Some(run @ Provenance::Run { .. }), Some(same)) if run == same => self.go_on(),
            (Some(run @ Provenance::Run { run: id, sequence_id: ended }), Some(_))
                if *ended == sequence_id.next() =>
            {
                Decision::recover(Recovery::without_object(
                        self.stored,
                        format!("run {id} committed object {ended}, which has been removed since, and ended before it had stored both values"),
                    )
                    .with_sequence_id(*ended, run.clone()),
                )
            }
            _ => stop(
                FindingCode::SequenceAhead,
                format!(
                    "{} says {sequence_id}, written by {}; the object is gone, and {} was written by {}, not with it",
                    self.stored.sequence_name,
                    sequence_by.described(),
                    self.stored.timestamp_name,
                    timestamp_by.described()
                ),
            ),
        }
    }
}
