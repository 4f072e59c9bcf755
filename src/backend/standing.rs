//! From where ingestion goes on: what the two stored values and the objects say together.
//!
//! The object is the commit, and the two parameters are pointers derived from it, so that they can
//! disagree after a crash, a race or an edit. `Seen::decide` is the one place that judges what has been
//! seen. It goes on by itself only where nothing can be lost or repeated: where all agree, and
//! where an operator changed a value with highwater, on purpose. Everything else is a finding.

use super::finding::{Finding, FindingCode};
use super::objects::{Metadata, ObjectHead, ObjectKey};
use super::provenance::Provenance;
use super::sequence::SequenceId;
use super::status::LastObject;
use super::stored::Stored;
use super::watermark::Watermark;
use super::{Backend, Error, Result, TableName};

/// How many keys are listed at a time; what S3 gives at most.
const PAGE: usize = 1000;

/// The newest object of a table, and what it and the stored values say together.
#[derive(Debug, Clone)]
pub struct Newest {
    /// The number after which the next object is numbered; `None` before the first batch.
    pub sequence_id: Option<SequenceId>,
    pub last: Option<LastObject>,
    /// The watermark that ingestion goes on from; `None` before the first batch.
    pub watermark: Option<Watermark>,
    /// What keeps ingestion from going on.
    pub finding: Option<Finding>,
    /// Whether the finding may be that of another run between its commit and its last write, so that
    /// it is worth another look.
    pub may_settle: bool,
}

/// An object that was looked for, by its number.
#[derive(Debug, Clone)]
struct Numbered {
    sequence_id: SequenceId,
    head: ObjectHead,
}

/// What has been seen of a table.
#[derive(Debug, Clone)]
struct Seen<'a> {
    stored: &'a Stored,
    /// The object that the stored sequence id names.
    current: Option<Numbered>,
    /// The newest of the objects that follow it without a gap, or of all where no sequence id is
    /// stored.
    newer: Option<Numbered>,
    /// Who wrote the newest version of the timestamp and of the sequence id; asked for only where
    /// it decides.
    timestamp_by: Option<Provenance>,
    sequence_by: Option<Provenance>,
    /// Whether objects are deleted or moved after use.
    consumers_remove: bool,
}

/// What follows from what has been seen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decision {
    /// Go on from this watermark, numbering after this sequence id.
    GoOn {
        watermark: Option<Watermark>,
        after: Option<SequenceId>,
    },
    /// It depends on who wrote the timestamp, or the sequence id.
    AskTimestampAuthor,
    AskSequenceAuthor,
    /// Only the operator can tell.
    Stop(Finding),
}

impl Seen<'_> {
    /// Whether it looks as it does while a run has committed its object and stores its values.
    fn is_as_in_a_run(&self) -> bool {
        let timestamp = self.stored.timestamp.as_ref().map(|at| at.value);
        let newer = self
            .newer
            .as_ref()
            .and_then(|newer| newer.head.metadata.as_ref());
        newer.is_some_and(|newer| newer.from == timestamp || Some(newer.watermark) == timestamp)
    }

    fn decide(&self) -> Decision {
        match (&self.stored.timestamp, &self.stored.sequence_id) {
            (None, None) => self.never_ingested(),
            (None, Some(id)) => stop(
                FindingCode::TimestampMissing,
                format!(
                    "{} says {}, but {} is not recorded",
                    self.stored.sequence_name, id.value, self.stored.timestamp_name
                ),
            ),
            (Some(at), None) => stop(
                FindingCode::SequenceMissing,
                format!(
                    "{} says {}, but {} is not recorded",
                    self.stored.timestamp_name, at.value, self.stored.sequence_name
                ),
            ),
            (Some(at), Some(id)) => self.both(at.value, id.value),
        }
    }

    fn never_ingested(&self) -> Decision {
        match &self.newer {
            None => Decision::GoOn {
                watermark: None,
                after: None,
            },
            Some(object) => stop(
                FindingCode::TimestampMissing,
                format!(
                    "neither {} nor {} is recorded, but object {} exists ({})",
                    self.stored.timestamp_name,
                    self.stored.sequence_name,
                    object.sequence_id,
                    object.head.key
                ),
            ),
        }
    }

    fn both(&self, timestamp: Watermark, sequence_id: SequenceId) -> Decision {
        if let Some(newer) = &self.newer {
            return stop(
                FindingCode::StuckSequence,
                format!(
                    "object {} exists ({}), but {} says {sequence_id}",
                    newer.sequence_id, newer.head.key, self.stored.sequence_name
                ) + &newer.head.metadata.as_ref().map_or_else(String::new, |newer| format!(
                    "; it was committed by run {}, which ended before it had stored both values: the timestamp {} and the sequence id {} go with it",
                    newer.run, newer.watermark, newer.sequence_id
                )),
            );
        }
        let go_on = Decision::GoOn {
            watermark: Some(timestamp),
            after: Some(sequence_id),
        };
        match &self.current {
            // Before the first object, somebody may have set where to begin.
            None if sequence_id.next() == SequenceId::FIRST => go_on,
            None => self.number_without_object(sequence_id, go_on),
            Some(current) => match &current.head.metadata {
                Some(metadata) if metadata.watermark != timestamp => {
                    self.other_timestamp(timestamp, metadata, go_on)
                }
                _ => go_on,
            },
        }
    }

    fn number_without_object(&self, sequence_id: SequenceId, go_on: Decision) -> Decision {
        match &self.sequence_by {
            None => Decision::AskSequenceAuthor,
            Some(Provenance::Edit { .. }) => go_on,
            // Consumed: both values are where the run that wrote the object left them.
            Some(run @ Provenance::Run { .. }) if self.consumers_remove => match &self.timestamp_by
            {
                None => Decision::AskTimestampAuthor,
                Some(author) if author == run => go_on,
                Some(Provenance::Edit { .. }) => go_on,
                Some(_) => stop(
                    FindingCode::SequenceAhead,
                    format!(
                        "{} says {sequence_id}, there is no such object, and {} was not written with it",
                        self.stored.sequence_name, self.stored.timestamp_name
                    ),
                ),
            },
            Some(_) => stop(
                FindingCode::SequenceAhead,
                format!(
                    "{} says {sequence_id}, but there is no such object; if consumers remove objects after use, say so with objects.consumers = \"remove\"",
                    self.stored.sequence_name
                ),
            ),
        }
    }

    fn other_timestamp(
        &self,
        timestamp: Watermark,
        object: &Metadata,
        go_on: Decision,
    ) -> Decision {
        match &self.timestamp_by {
            None => Decision::AskTimestampAuthor,
            Some(Provenance::Edit { .. }) => go_on,
            Some(author) => {
                let author = match author {
                    Provenance::Run { run, .. } => format!("run {run}"),
                    _ => "something other than highwater".to_owned(),
                };
                stop(
                    FindingCode::TimestampMismatch,
                    format!(
                        "{} says {timestamp}, written by {author}; object {} ends at {}",
                        self.stored.timestamp_name, object.sequence_id, object.watermark
                    ),
                )
            }
        }
    }
}

fn stop(code: FindingCode, message: String) -> Decision {
    Decision::Stop(Finding::new(code, message))
}

impl Backend {
    /// Looks at the objects around the stored sequence id and says from where ingestion goes on.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Denied`]. What is wrong with the state is the `finding`.
    pub async fn newest(&self, table: &TableName, stored: &Stored) -> Result<Newest> {
        let mut seen = self.look(table, stored).await?;
        let decision = loop {
            match seen.decide() {
                Decision::AskTimestampAuthor => {
                    seen.timestamp_by = Some(self.author(&stored.timestamp_name).await?);
                }
                Decision::AskSequenceAuthor => {
                    seen.sequence_by = Some(self.author(&stored.sequence_name).await?);
                }
                decided => break decided,
            }
        };
        let may_settle = seen.is_as_in_a_run();
        let last = seen
            .newer
            .or(seen.current)
            .map(|object| last_object(&object.head));
        Ok(match decision {
            Decision::GoOn { watermark, after } => Newest {
                sequence_id: after,
                last,
                watermark,
                finding: None,
                may_settle: false,
            },
            Decision::Stop(finding) => Newest {
                sequence_id: stored.sequence_id.as_ref().map(|id| id.value),
                last,
                watermark: stored.timestamp.as_ref().map(|at| at.value),
                finding: Some(finding),
                may_settle,
            },
            Decision::AskTimestampAuthor | Decision::AskSequenceAuthor => {
                return Err(Error::Invalid(format!(
                    "{table}: the authors of its values are not known"
                )));
            }
        })
    }

    /// Step 1 of the protocol: HEAD the object S, then S+1, S+2, … until one is absent.
    async fn look<'a>(&self, table: &TableName, stored: &'a Stored) -> Result<Seen<'a>> {
        let (current, newer) = match &stored.sequence_id {
            Some(id) => {
                let (current, next) = futures_util::future::try_join(
                    self.numbered(table, id.value, stored),
                    self.numbered(table, id.value.next(), stored),
                )
                .await?;
                (current, self.follow(table, next, stored).await?)
            }
            None => (None, self.any_object(table).await?),
        };
        Ok(Seen {
            stored,
            current,
            newer,
            timestamp_by: None,
            sequence_by: None,
            consumers_remove: self.consumers_remove(),
        })
    }

    async fn follow(
        &self,
        table: &TableName,
        first: Option<Numbered>,
        stored: &Stored,
    ) -> Result<Option<Numbered>> {
        let mut newest = first;
        while let Some(object) = &newest {
            match self
                .numbered(table, object.sequence_id.next(), stored)
                .await?
            {
                None => break,
                next => newest = next,
            }
        }
        Ok(newest)
    }

    async fn numbered(
        &self,
        table: &TableName,
        sequence_id: SequenceId,
        stored: &Stored,
    ) -> Result<Option<Numbered>> {
        let since = stored.timestamp.as_ref().map(|at| at.value);
        let head = match self.key_of(table, sequence_id) {
            Some(key) => self.inner.objects.head(&key).await?,
            None => self.find_dated(table, sequence_id, since).await?,
        };
        Ok(head.map(|head| Numbered { sequence_id, head }))
    }

    /// The newest object of a table for which no sequence id is stored.
    async fn any_object(&self, table: &TableName) -> Result<Option<Numbered>> {
        let Some((sequence_id, key)) = self.numbered_keys(table).await?.into_iter().max() else {
            return Ok(None);
        };
        let head = self.inner.objects.head(&key).await?;
        Ok(head.map(|head| Numbered { sequence_id, head }))
    }

    /// All keys of a table's objects with their numbers, read from a listing.
    pub(super) async fn numbered_keys(
        &self,
        table: &TableName,
    ) -> Result<Vec<(SequenceId, ObjectKey)>> {
        let profile = self.profile();
        self.keys_under(
            table,
            &profile.key_template(table).prefix(&profile.env, table),
        )
        .await
    }

    /// The keys of a table's objects that start with `prefix`, with their numbers.
    pub(super) async fn keys_under(
        &self,
        table: &TableName,
        prefix: &str,
    ) -> Result<Vec<(SequenceId, ObjectKey)>> {
        let profile = self.profile();
        let template = profile.key_template(table);
        let mut keys = Vec::new();
        let mut after: Option<ObjectKey> = None;
        loop {
            let page = self
                .inner
                .objects
                .list(prefix, after.as_ref(), PAGE)
                .await?;
            let full = page.len() == PAGE;
            after = page.last().map(|object| object.key.clone());
            keys.extend(page.into_iter().filter_map(|object| {
                Some((
                    template.matches(&profile.env, table, &object.key)?,
                    object.key,
                ))
            }));
            if !full {
                return Ok(keys);
            }
        }
    }

    async fn author(&self, name: &super::parameters::ParameterName) -> Result<Provenance> {
        let history = self.inner.parameters.history(name).await?;
        let newest = history.iter().max_by_key(|version| version.version);
        Ok(newest.map_or(Provenance::Other, |version| {
            Provenance::from_description(&version.description)
        }))
    }
}

fn last_object(head: &ObjectHead) -> LastObject {
    LastObject {
        key: head.key.clone(),
        rows: head.metadata.as_ref().map(|metadata| metadata.rows),
        to: head.metadata.as_ref().map(|metadata| metadata.to),
        bytes: head.bytes,
        modified: Watermark::from(head.modified),
    }
}
