//! The one judgement over what has been seen of a table: pure, and small enough to be tested completely.

use super::decision::{Decision, Question, crashed, gone, stop};
use super::recovery::Recovery;
use super::seen::{Author, Looked, Numbered, Seen};
use super::skipped::skipped_to;
use super::zone::end_in;
use crate::backend::authorship::{Authorship, Edited, Entry};
use crate::backend::finding::FindingCode;
use crate::backend::objects::{Kind, Metadata};
use crate::backend::provenance::Provenance;
use crate::vocabulary::{SequenceId, Watermark};

impl Seen<'_> {
    /// What the values and the objects say together.
    pub fn decide(&self) -> Decision {
        if self.whole {
            return self.written_whole();
        }
        match (self.timestamp(), self.sequence_id()) {
            (None, None) => self.nothing_stored(),
            (None, Some(id)) => self.sequence_alone(id),
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
            return self.nothing_left().unwrap_or_else(|| self.go_on());
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

    /// There is a sequence id but no timestamp: numbers were set on purpose before there was a first batch,
    /// or during it.
    fn sequence_alone(&self, sequence_id: SequenceId) -> Decision {
        let Some(author) = &self.sequence_by else {
            return Decision::Ask(Question::SequenceAuthor);
        };
        if author.is_edit() && !self.may_be_gone(author) {
            let newest = match &self.newest {
                Looked::Unknown => return Decision::Ask(Question::Newest),
                Looked::Found(newest) => newest,
                Looked::Nothing | Looked::Gone(_) => return self.go_on(),
            };
            if let (Some(metadata), Some(run)) = (newest.metadata(), newest.author())
                && metadata.kind == Kind::Ingest
                && metadata.from.is_none()
            {
                let number = match self.skips() {
                    Ok(skips) => skips.filter(|(id, _)| *id > newest.sequence_id),
                    Err(decision) => return *decision,
                };
                let behind = newest.sequence_id > sequence_id;
                let number = number.or_else(|| behind.then(|| (newest.sequence_id, run.clone())));
                return Decision::recover(
                    Recovery::new(self.stored, newest, crashed(newest, metadata))
                        .with(Some((metadata.watermark, run)), number),
                );
            }
        }
        stop(
            FindingCode::TimestampMissing,
            format!(
                "{} says {sequence_id}, but {} is not recorded",
                self.stored.sequence_name, self.stored.timestamp_name
            ),
        )
    }

    /// There is a timestamp but no sequence id.
    fn timestamp_alone(&self, timestamp: Watermark) -> Decision {
        match &self.newer {
            Some(first) if first.sequence_id == SequenceId::FIRST => {
                if let Some(metadata) = first.metadata() {
                    let recovery = Recovery::new(self.stored, first, crashed(first, metadata));
                    return self.behind(metadata, recovery, timestamp);
                }
            }
            Some(_) => {}
            None => match &self.timestamp_by {
                None => return Decision::Ask(Question::TimestampAuthor),
                Some(author) if author.is_edit() && !self.may_be_gone(author) => {
                    return self.go_on();
                }
                Some(author) => {
                    if let Some((SequenceId::FIRST, run)) = author.highest()
                        && self.consumers_remove
                    {
                        let recovery = Recovery::without_object(self.stored, gone(run));
                        return Decision::recover(
                            recovery.with_sequence_id(SequenceId::FIRST, run.clone()),
                        );
                    }
                }
            },
        }
        stop(
            FindingCode::SequenceMissing,
            format!(
                "{} says {timestamp}, but {} is not recorded",
                self.stored.timestamp_name, self.stored.sequence_name
            ),
        )
    }

    /// Whether there may have been objects of which nothing is left: objects are removed after use, and a run
    /// has written this value.
    const fn may_be_gone<V: Copy + Ord>(&self, author: &Author<V>) -> bool {
        self.consumers_remove && author.highest().is_some()
    }

    fn both(&self, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
        if let Looked::Gone(metadata) = &self.above {
            let recovery = Recovery::without_object(self.stored, gone(&metadata.author()));
            return self.behind(metadata, recovery, timestamp);
        }
        let newer = self.above.found().or(self.newer.as_ref());
        if let Some(newer) = newer {
            return self.behind_object(newer, timestamp, sequence_id);
        }
        match &self.current {
            Some(current) => self.judged_by(current, timestamp),
            None => self.absent(timestamp, sequence_id),
        }
    }

    /// Judges by an object above the stored sequence id.
    pub(super) fn behind_object(
        &self,
        newer: &Numbered,
        timestamp: Watermark,
        sequence_id: SequenceId,
    ) -> Decision {
        let Some(metadata) = newer.metadata() else {
            return stop(
                FindingCode::StuckSequence,
                format!(
                    "object {} exists ({}), but {} says {sequence_id}",
                    newer.sequence_id, newer.head.key, self.stored.sequence_name
                ),
            );
        };
        let recovery = Recovery::new(self.stored, newer, crashed(newer, metadata));
        self.behind(metadata, recovery, timestamp)
    }

    /// Brings the values up to an object above the stored sequence id, according to its metadata.
    fn behind(&self, metadata: &Metadata, recovery: Recovery, timestamp: Watermark) -> Decision {
        let (at, by) = match self.rightful(metadata, timestamp) {
            Ok(rightful) => rightful,
            Err(decision) => return *decision,
        };
        let (id, writer) = match (&self.sequence_by, self.sequence_id()) {
            (None, Some(_)) => return Decision::Ask(Question::SequenceAuthor),
            (author, _) => skipped_to(author.as_ref(), metadata.sequence_id)
                .unwrap_or_else(|| (metadata.sequence_id, metadata.author())),
        };
        let moved = Some((at, by)).filter(|(at, _)| *at != timestamp);
        // Numbers may have been skipped after an object that consumers have removed since.
        let number = Some((id, writer)).filter(|(id, _)| Some(*id) != self.sequence_id());
        if moved.is_none() && number.is_none() {
            return self.go_on();
        }
        Decision::recover(recovery.with(moved, number))
    }

    /// The sequence id names `object`, or skips numbers after it on purpose: only the timestamp is left to
    /// judge.
    pub(super) fn judged_by(&self, object: &Numbered, timestamp: Watermark) -> Decision {
        let Some(metadata) = object.metadata() else {
            return self.judged_by_foreign(object, timestamp);
        };
        // Nothing more is looked up if nothing is amiss.
        let agrees = metadata.watermark == timestamp
            && !self.next_is_claimed
            && !self.is_of_another_zone(metadata);
        if agrees && self.timestamp_by.is_none() {
            return self.go_on();
        }
        let rightful = self.rightful(metadata, timestamp);
        let (rightful, skips) = match rightful.and_then(|own| Ok((own, self.skips()?))) {
            Ok(both) => both,
            Err(decision) => return *decision,
        };
        let moved = Some(rightful).filter(|(at, _)| *at != timestamp);
        let why = match (&moved, &skips) {
            (None, None) => return self.go_on(),
            (None, Some((id, _))) => self.put_back(*id),
            (Some(_), _) => format!(
                "{} says {timestamp}, which was written late; object {} ends at {}",
                self.stored.timestamp_name, object.sequence_id, metadata.watermark
            ),
        };
        Decision::recover(Recovery::new(self.stored, object, why).with(moved, skips))
    }

    /// What the timestamp ought to be, and who decided that; `object` is the metadata of the newest object.
    ///
    /// # Errors
    /// The question that has to be answered first, or a stop if only the operator can tell.
    pub(super) fn rightful(
        &self,
        object: &Metadata,
        timestamp: Watermark,
    ) -> Result<(Watermark, Provenance), Box<Decision>> {
        let own = (object.watermark, object.author());
        let Some(author) = &self.timestamp_by else {
            return Err(Box::new(Decision::Ask(Question::TimestampAuthor)));
        };
        if self.is_of_another_zone(object) {
            return if author.is_edit() || end_in(object, self.timezone) == Some(timestamp) {
                Ok((timestamp, own.1))
            } else {
                Err(Box::new(self.of_another_zone(object, timestamp)))
            };
        }
        let is_ours = |newest: &Entry<_>| newest.by != Provenance::Other;
        match author {
            Author::Known(history) if author.newest().is_some_and(is_ours) => {
                // A run writes a timestamp only after it has committed, so its object existed.
                if let Some((highest, _)) = history.highest()
                    && *highest > object.sequence_id
                {
                    return Err(Box::new(match self.above {
                        Looked::Unknown => Decision::Ask(Question::Above(*highest)),
                        _ => self.mismatch(author, object, timestamp),
                    }));
                }
                Ok(match history.edited() {
                    Some(edited) if self.counts(&edited, history, object) => {
                        (edited.value, edited.by.again(Some(object.sequence_id)))
                    }
                    _ => own,
                })
            }
            _ if timestamp == object.watermark => Ok(own),
            // No sequence id names the object yet: its run crashed right after the commit. If the number is
            // stored already, somebody has set the timestamp back.
            _ if begins_at(object, timestamp) && self.sequence_id() != Some(object.sequence_id) => {
                Ok(own)
            }
            _ => Err(Box::new(self.mismatch(author, object, timestamp))),
        }
    }

    /// Stops because the timestamp is not where `object` ends, and nothing explains the difference.
    fn mismatch(
        &self,
        author: &Author<Watermark>,
        object: &Metadata,
        timestamp: Watermark,
    ) -> Decision {
        stop(
            FindingCode::TimestampMismatch,
            format!(
                "{} says {timestamp}, written by {}; object {} ends at {}",
                self.stored.timestamp_name,
                author.described(),
                object.sequence_id,
                object.watermark
            ),
        )
    }

    /// Whether an edit of the timestamp still counts next to the newest object: no run has continued from it,
    /// and ingestion has not overtaken it.
    fn counts(
        &self,
        edited: &Edited<Watermark>,
        history: &Authorship<Watermark>,
        object: &Metadata,
    ) -> bool {
        let run = object.author();
        // Whoever edits after the object's own write means to continue from there once more.
        let after = edited.over.is_none() && history.names(&run);
        let open = after || !begins_at(object, edited.value);
        // The edit was dealt with when another run's object was the newest.
        let seen_to = edited.over.as_ref().is_some_and(|over| *over != run);
        // The sequence id is stored after the timestamp. So what the object's run wrote was deleted, with
        // everything before it, and the edit came after that.
        let ended = self.sequence_id() == Some(object.sequence_id)
            || matches!(&self.sequence_by, Some(Author::Known(numbers)) if numbers.names(&run));
        let deleted = ended && edited.over.is_none() && edited.is_the_first();
        open && !seen_to && (deleted || !edited.is_overtaken(object.watermark))
    }
}

/// Whether ingestion started from this timestamp when it wrote the object.
fn begins_at(object: &Metadata, timestamp: Watermark) -> bool {
    object.kind == Kind::Ingest && object.from == Some(timestamp)
}
