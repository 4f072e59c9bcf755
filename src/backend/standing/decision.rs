//! The one judgement over what has been seen of a table: pure, and small enough to be tested whole.

use super::super::finding::{Finding, FindingCode, Severity};
use super::super::objects::{Kind, Metadata, ObjectHead};
use super::super::provenance::Provenance;
use super::super::sequence::SequenceId;
use super::super::status::LastObject;
use super::super::stored::Stored;
use super::super::watermark::Watermark;
use super::hidden_history;
use super::recovery::Recovery;

/// An object that was looked for, by its number.
#[derive(Debug, Clone)]
pub(super) struct Numbered {
    pub sequence_id: SequenceId,
    pub head: ObjectHead,
}

/// Who wrote the newest version of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Author {
    Known(Authorship),
    /// The store does not say without this permission.
    Hidden {
        permission: String,
    },
}

/// The author of the newest version, and the edit that it went over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authorship {
    pub by: Provenance,
    /// What was edited, and how, if the version before is an edit's.
    pub over: Option<(Watermark, Provenance)>,
}

/// What has been seen of a table.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    pub stored: &'a Stored,
    /// Whether the table is written whole each time, so that there is no timestamp.
    pub whole: bool,
    /// Whether objects are deleted or moved after use.
    pub consumers_remove: bool,
    /// The object that the stored sequence id names.
    pub current: Option<Numbered>,
    /// What its claim says, where the object is gone and consumers remove objects.
    pub claimed: Option<Metadata>,
    /// The newest of the objects that follow it without a gap, or of all where no sequence id is
    /// stored.
    pub newer: Option<Numbered>,
    /// What follows is asked for only where it decides. The newest object below the stored sequence
    /// id:
    pub below: Option<Option<Numbered>>,
    /// Who wrote the newest version of the timestamp, and of the sequence id.
    pub timestamp_by: Option<Author>,
    pub sequence_by: Option<Author>,
}

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
    Recover(Recovery),
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
    Undecided(Decision),
}

impl Numbered {
    /// What the object says of the table's watermark; `None` for one of another program, and for one
    /// that holds a whole table, which has none.
    pub fn metadata(&self) -> Option<&Metadata> {
        let metadata = self.head.metadata.as_ref()?;
        (metadata.kind != Kind::Snapshot).then_some(metadata)
    }

    /// The run that wrote it, as the author of the values that go with it.
    fn author(&self) -> Option<Provenance> {
        self.head.metadata.as_ref().map(|metadata| Provenance::Run {
            run: metadata.run,
            sequence_id: self.sequence_id,
        })
    }

    /// The object as a screen shows it.
    pub fn summary(&self) -> LastObject {
        let metadata = self.head.metadata.as_ref();
        LastObject {
            key: self.head.key.clone(),
            rows: metadata.map(|metadata| metadata.rows),
            to: metadata.map(|metadata| metadata.to),
            bytes: self.head.bytes,
            modified: Watermark::from(self.head.modified),
        }
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

    /// What is worth knowing besides the decision, and stops nothing.
    pub fn notes(&self, decision: &Decision) -> Vec<Finding> {
        let mut notes = Vec::new();
        let hidden = [&self.timestamp_by, &self.sequence_by]
            .into_iter()
            .find_map(|author| match author {
                Some(Author::Hidden { permission }) => Some(hidden_history(permission)),
                _ => None,
            });
        notes.extend(hidden);
        let skipped = self.below.is_some() && !matches!(decision, Decision::Stop(_));
        if let (true, Some(id)) = (skipped, self.sequence_id()) {
            let newest = self.below.iter().flatten().next().map_or_else(
                || "there is no object below it".to_owned(),
                |object| format!("the newest object is {}", object.sequence_id),
            );
            notes.push(
                Finding::new(
                    FindingCode::ObjectGap,
                    format!(
                        "{} was set to {id} on purpose, {newest}: the numbers in between stay free",
                        self.stored.sequence_name
                    ),
                )
                .with_severity(Severity::Info),
            );
        }
        notes
    }

    /// The newest object there is, as far as it was looked for.
    pub fn into_last(self) -> Option<Numbered> {
        self.newer.or(self.current).or_else(|| self.below.flatten())
    }

    fn timestamp(&self) -> Option<Watermark> {
        self.stored.timestamp.as_ref().map(|at| at.value)
    }

    fn sequence_id(&self) -> Option<SequenceId> {
        self.stored.sequence_id.as_ref().map(|id| id.value)
    }

    fn go_on(&self) -> Decision {
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
            return Decision::Recover(
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
                    return Decision::Recover(
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
            return Decision::Recover(recovery.with_timestamp(metadata.watermark, run));
        }
        if metadata.watermark == timestamp {
            return match &self.timestamp_by {
                None => Decision::Ask(Question::TimestampAuthor),
                Some(author) => Decision::Recover(match author.overwritten_edit(&run, metadata) {
                    Some((edited, edit)) => recovery.with_timestamp(*edited, edit.clone()),
                    None => recovery,
                }),
            };
        }
        match self.timestamp_against(newer, metadata, timestamp) {
            Timestamp::Stands => Decision::Recover(recovery),
            Timestamp::Becomes(at, by, _) => Decision::Recover(recovery.with_timestamp(at, by)),
            Timestamp::Undecided(decision) => decision,
        }
    }

    /// The sequence id names `object`, or skips numbers after it on purpose: what remains is the
    /// timestamp.
    fn judged_by(&self, object: &Numbered, timestamp: Watermark) -> Decision {
        let Some(metadata) = object.metadata() else {
            return self.go_on();
        };
        match self.timestamp_against(object, metadata, timestamp) {
            Timestamp::Stands => self.go_on(),
            Timestamp::Becomes(at, by, why) => {
                Decision::Recover(Recovery::new(self.stored, object, why).with_timestamp(at, by))
            }
            Timestamp::Undecided(decision) => decision,
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
        let author = match &self.timestamp_by {
            None => return Timestamp::Undecided(Decision::Ask(Question::TimestampAuthor)),
            Some(author) => author,
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
                Timestamp::Undecided(Decision::Recover(
                    Recovery::new(
                        self.stored,
                        object,
                        format!("run {id} committed object {sequence_id}, which has been removed since, and ended before it had stored both values"),
                    )
                    .with_sequence_id(*sequence_id, run.clone()),
                ))
            }
            _ => Timestamp::Undecided(stop(
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

    /// No object has the stored number.
    fn ahead(&self, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
        match &self.sequence_by {
            None => Decision::Ask(Question::SequenceAuthor),
            Some(author) if author.is_edit() => match &self.below {
                None => Decision::Ask(Question::NewestBelow),
                Some(None) => self.go_on(),
                Some(Some(newest)) => self.skipped_after(newest, timestamp),
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
            return Decision::Recover(
                Recovery::new(self.stored, newest, crashed(newest, metadata))
                    .with_timestamp(metadata.watermark, run),
            );
        }
        self.judged_by(newest, timestamp)
    }

    /// The object of the stored number is gone, as is usual where consumers remove objects.
    fn removed(&self, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
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
                Decision::Recover(
                    Recovery::without_object(
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

    /// A table that is written whole each time: there is only the sequence id.
    fn written_whole(&self) -> Decision {
        let go_on = Decision::GoOn {
            watermark: None,
            after: self.sequence_id(),
        };
        match (self.sequence_id(), &self.newer) {
            (_, Some(newer)) => self.written_whole_behind(newer),
            (None, None) => go_on,
            (Some(id), None) if id.next() == SequenceId::FIRST => go_on,
            (Some(id), None) => match (&self.current, &self.sequence_by) {
                (Some(_), _) => go_on,
                (None, _) if self.consumers_remove => go_on,
                (None, None) => Decision::Ask(Question::SequenceAuthor),
                (None, Some(author)) if author.is_edit() => match &self.below {
                    None => Decision::Ask(Question::NewestBelow),
                    Some(_) => go_on,
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
            // Programs that write a table whole each time may never count.
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
        Decision::Recover(
            Recovery::new(self.stored, newer, crashed(newer, metadata))
                .with_sequence_id(newer.sequence_id, run),
        )
    }
}

impl Author {
    /// `None` where the store does not say.
    const fn provenance(&self) -> Option<&Provenance> {
        match self {
            Self::Known(authorship) => Some(&authorship.by),
            Self::Hidden { .. } => None,
        }
    }

    const fn is_edit(&self) -> bool {
        matches!(self.provenance(), Some(Provenance::Edit { .. }))
    }

    /// The edit that `run` went over when it wrote its timestamp, if it had not started from it.
    fn overwritten_edit(
        &self,
        run: &Provenance,
        metadata: &Metadata,
    ) -> Option<&(Watermark, Provenance)> {
        match self {
            Self::Known(Authorship {
                by,
                over: Some(edit),
            }) if by == run && Some(edit.0) != metadata.from => Some(edit),
            _ => None,
        }
    }

    fn described(&self) -> String {
        match self {
            Self::Known(Authorship { by, .. }) => match by {
                Provenance::Run { run, sequence_id } => {
                    format!("run {run} for object {sequence_id}")
                }
                Provenance::Edit { by, .. } => format!("{by} with highwater"),
                Provenance::Other => "something other than highwater".to_owned(),
            },
            Self::Hidden { permission } => format!("nobody knows whom ({permission} is missing)"),
        }
    }
}

/// What is said of an object whose run did not come to its end.
fn crashed(object: &Numbered, metadata: &Metadata) -> String {
    format!(
        "object {} exists ({}), committed by run {}, which had not stored both values",
        object.sequence_id, object.head.key, metadata.run
    )
}

fn stop(code: FindingCode, message: String) -> Decision {
    Decision::Stop(Finding::new(code, message))
}
