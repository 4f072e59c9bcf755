//! The one judgement over what has been seen of a table: pure, and small enough to be tested whole.

use super::recovery::Recovery;
use super::seen::{Numbered, Seen};
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::objects::{Kind, Metadata};
use crate::backend::provenance::Provenance;
use crate::backend::sequence::SequenceId;
use crate::backend::watermark::Watermark;

/// What has to be known as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    TimestampAuthor,
    SequenceAuthor,
    NewestBelow,
}

/// What follows from what has been seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// Go on from this watermark, numbering after this sequence id.
    GoOn {
        watermark: Option<Watermark>,
        after: Option<SequenceId>,
    },
    /// Do these writes, then look again.
    Recover(Box<Recovery>),
    /// It depends on something that was not looked at.
    Ask(Question),
    /// Only the operator can tell.
    Stop(Finding),
}

/// What the timestamp turns out to be, next to the newest object.
enum Timestamp {
    /// It stands: as the object says, as an edit set it, or there is no telling.
    Stands,
    /// It has to become this value, for this reason.
    Becomes(Watermark, Provenance, String),
    Undecided(Box<Decision>),
}

impl Timestamp {
    fn undecided(decision: Decision) -> Self {
        Self::Undecided(Box::new(decision))
    }
}

impl Decision {
    pub(super) fn recover(recovery: Recovery) -> Self {
        Self::Recover(Box::new(recovery))
    }
}

impl Seen<'_> {
    /// What the values and the objects say together.
    pub fn decide(&self) -> Decision {
        if self.whole {
            return self.written_whole();
        }
        match (self.timestamp(), self.sequence_id()) {
            (None, None) => self.nothing_stored(),
            (None, Some(id)) => stop(
                FindingCode::TimestampMissing,
                format!(
                    "{} says {id}, but {} is not recorded",
                    self.stored.sequence_name, self.stored.timestamp_name
                ),
            ),
            (Some(at), None) => self.timestamp_alone(at),
            (Some(at), Some(id)) => self.both(at, id),
        }
    }

    pub(super) fn go_on(&self) -> Decision {
        Decision::GoOn {
            watermark: self.timestamp(),
            after: self.sequence_id(),
        }
    }

    fn nothing_stored(&self) -> Decision {
        let Some(newest) = &self.newer else {
            return self.go_on();
        };
        if let (SequenceId::FIRST, Some(metadata), Some(run)) =
            (newest.sequence_id, newest.metadata(), newest.author())
            && metadata.kind == Kind::Ingest
            && metadata.from.is_none()
        {
            return Decision::recover(
                Recovery::new(self.stored, newest, crashed(newest, metadata))
                    .with_timestamp(metadata.watermark, run.clone())
                    .with_sequence_id(newest.sequence_id, run),
            );
        }
        stop(
            FindingCode::TimestampMissing,
            format!(
                "neither {} nor {} is recorded, but object {} exists ({})",
                self.stored.timestamp_name,
                self.stored.sequence_name,
                newest.sequence_id,
                newest.head.key
            ),
        )
    }

    /// There is a timestamp and no sequence id.
    fn timestamp_alone(&self, timestamp: Watermark) -> Decision {
        match &self.newer {
            Some(first) if first.sequence_id == SequenceId::FIRST => {
                if let (Some(metadata), Some(run)) = (first.metadata(), first.author())
                    && metadata.watermark == timestamp
                {
                    return Decision::recover(
                        Recovery::new(self.stored, first, crashed(first, metadata))
                            .with_sequence_id(first.sequence_id, run),
                    );
                }
            }
            // Where objects are removed, that there is none says nothing.
            None if !self.consumers_remove => match &self.timestamp_by {
                None => return Decision::Ask(Question::TimestampAuthor),
                Some(author) if author.is_edit() => return self.go_on(),
                Some(_) => {}
            },
            _ => {}
        }
        stop(
            FindingCode::SequenceMissing,
            format!(
                "{} says {timestamp}, but {} is not recorded",
                self.stored.timestamp_name, self.stored.sequence_name
            ),
        )
    }

    fn both(&self, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
        if let Some(newer) = &self.newer {
            return self.behind(newer, timestamp, sequence_id);
        }
        match &self.current {
            Some(current) => self.judged_by(current, timestamp),
            // Before the first object, somebody may have set where to begin.
            None if sequence_id.next() == SequenceId::FIRST => self.go_on(),
            None if self.consumers_remove => self.removed(timestamp, sequence_id),
            None => self.ahead(timestamp, sequence_id),
        }
    }

    /// Objects above the stored sequence id.
    fn behind(&self, newer: &Numbered, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
        let (Some(metadata), Some(run)) = (newer.metadata(), newer.author()) else {
            return stop(
                FindingCode::StuckSequence,
                format!(
                    "object {} exists ({}), but {} says {sequence_id}",
                    newer.sequence_id, newer.head.key, self.stored.sequence_name
                ),
            );
        };
        let recovery = Recovery::new(self.stored, newer, crashed(newer, metadata))
            .with_sequence_id(newer.sequence_id, run.clone());
        if metadata.kind == Kind::Ingest && metadata.from == Some(timestamp) {
            return Decision::recover(recovery.with_timestamp(metadata.watermark, run));
        }
        if metadata.watermark == timestamp {
            return match &self.timestamp_by {
                None => Decision::Ask(Question::TimestampAuthor),
                Some(author) => Decision::recover(match author.overwritten_edit(&run, metadata) {
                    Some((edited, edit)) => recovery.with_timestamp(*edited, edit.clone()),
                    None => recovery,
                }),
            };
        }
        match self.timestamp_against(newer, metadata, timestamp) {
            Timestamp::Stands => Decision::recover(recovery),
            Timestamp::Becomes(at, by, _) => Decision::recover(recovery.with_timestamp(at, by)),
            Timestamp::Undecided(decision) => *decision,
        }
    }

    /// The sequence id names `object`, or skips numbers after it on purpose: what remains is the
    /// timestamp.
    pub(super) fn judged_by(&self, object: &Numbered, timestamp: Watermark) -> Decision {
        let Some(metadata) = object.metadata() else {
            return self.go_on();
        };
        match self.timestamp_against(object, metadata, timestamp) {
            Timestamp::Stands => self.go_on(),
            Timestamp::Becomes(at, by, why) => {
                Decision::recover(Recovery::new(self.stored, object, why).with_timestamp(at, by))
            }
            Timestamp::Undecided(decision) => *decision,
        }
    }

    fn timestamp_against(
        &self,
        object: &Numbered,
        metadata: &Metadata,
        timestamp: Watermark,
    ) -> Timestamp {
        if metadata.watermark == timestamp {
            return Timestamp::Stands;
        }
        let Some(author) = &self.timestamp_by else {
            return Timestamp::undecided(Decision::Ask(Question::TimestampAuthor));
        };
        let run = Provenance::Run {
            run: metadata.run,
            sequence_id: object.sequence_id,
        };
        match author.provenance() {
            Some(Provenance::Edit { .. }) => Timestamp::Stands,
            Some(Provenance::Run {
                run: older,
                sequence_id,
            }) if *sequence_id < object.sequence_id => Timestamp::Becomes(
                metadata.watermark,
                run,
                format!(
                    "{} says {timestamp}, written late by run {older} for its object {sequence_id}, which object {} follows",
                    self.stored.timestamp_name, object.sequence_id
                ),
            ),
            // Only a run that has committed writes a timestamp, so that its object was there.
            Some(run @ Provenance::Run { run: id, sequence_id })
                if self.consumers_remove && *sequence_id == object.sequence_id.next() =>
            {
                Timestamp::undecided(Decision::recover(Recovery::new(
                        self.stored,
                        object,
                        format!("run {id} committed object {sequence_id}, which has been removed since, and ended before it had stored both values"),
                    )
                    .with_sequence_id(*sequence_id, run.clone()),
                ))
            }
            _ => Timestamp::undecided(stop(
                FindingCode::TimestampMismatch,
                format!(
                    "{} says {timestamp}, written by {}; object {} ends at {}",
                    self.stored.timestamp_name,
                    author.described(),
                    object.sequence_id,
                    metadata.watermark
                ),
            )),
        }
    }
}

/// What is said of an object whose run did not come to its end.
pub(super) fn crashed(object: &Numbered, metadata: &Metadata) -> String {
    format!(
        "object {} exists ({}), committed by run {}, which had not stored both values",
        object.sequence_id, object.head.key, metadata.run
    )
}

pub(super) fn stop(code: FindingCode, message: String) -> Decision {
    Decision::Stop(Finding::new(code, message))
}
