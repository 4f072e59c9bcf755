//! What a backfill would write.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::error::RangeError;
use super::pieces::{self, Span};
use crate::backend::{
    Backend, Error, Result,
    authorship::Authorship,
    objects::{Kind, Metadata, ObjectSummary},
    table_objects::claim::{claim_prefix, claimed_number},
};
use crate::vocabulary::{BackfillId, ObjectKey, SequenceId, TableName, Watermark};

/// How many objects are asked for their metadata at once.
const HEADS: usize = 8;
/// How far the clocks of this machine and of the object store may be apart, in microseconds.
const CLOCKS_APART: i64 = 60 * 60 * 1_000_000;

/// A range to be read again, as an operator requests it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    pub table: TableName,
    /// Inclusive.
    pub from: Watermark,
    /// Exclusive.
    pub to: Watermark,
    /// How much time one object covers at most; less if there are many rows.
    pub chunk: Duration,
    /// An earlier backfill to continue: what it has written is left out.
    pub resume: Option<BackfillId>,
}

/// What a backfill would write, as counted in one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillPlan {
    pub id: BackfillId,
    pub backfill: Backfill,
    /// What would be put right first, one sentence each.
    pub recovers: Vec<String>,
    /// How many objects the backfill to be resumed has written.
    pub there: usize,
    /// Rows in all chunks together.
    pub rows: u64,
    /// The objects to be written, in order.
    pub chunks: Vec<PlannedChunk>,
}

/// One object that a backfill would write: the rows `from <= ts < to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedChunk {
    pub key: ObjectKey,
    pub sequence_id: SequenceId,
    pub from: Watermark,
    pub to: Watermark,
    pub rows: u64,
}

impl Backfill {
    pub(super) const fn span(&self) -> Span {
        Span {
            from: self.from,
            to: self.to,
        }
    }

    /// # Errors
    /// If the range is empty, or would be cut into far too many chunks.
    fn check(&self) -> Result<(), RangeError> {
        if self.from >= self.to {
            return Err(RangeError::Empty {
                table: self.table.clone(),
                from: self.from,
                to: self.to,
            });
        }
        let chunks = pieces::count(self.span(), self.chunk);
        if chunks > pieces::MOST {
            let table = self.table.clone();
            return Err(RangeError::TooManyChunks { table, chunks });
        }
        Ok(())
    }

    /// # Errors
    /// If part of the range is above the watermark.
    pub(super) fn check_watermark(&self, watermark: Option<Watermark>) -> Result<(), RangeError> {
        let table = self.table.clone();
        match watermark {
            None => Err(RangeError::NeverIngested { table }),
            Some(watermark) if self.to.predecessor() > watermark => {
                let to = self.to;
                Err(RangeError::BeyondWatermark {
                    table,
                    to,
                    watermark,
                })
            }
            Some(_) => Ok(()),
        }
    }
}

impl Backend {
    /// Counts what `backfill` would write, in one snapshot, and writes nothing.
    ///
    /// # Errors
    /// [`Error::Range`] if the range is empty or not below the watermark, or if the table is written whole,
    /// and the errors that would stop ingestion.
    pub async fn plan_backfill(&self, backfill: &Backfill) -> Result<BackfillPlan> {
        backfill.check()?;
        let table = &backfill.table;
        if self.is_whole(table) {
            let table = table.clone();
            return Err(RangeError::WrittenWhole { table }.into());
        }
        let covered = self.covered(backfill).await?;
        let (mut ground, newest) = self.survey(table).await?;
        backfill.check_watermark(ground.position.watermark)?;
        let limit = self.profile().objects.max_rows_per_object.max(1);
        let mut next_id = ground.position.next_id();
        let mut chunks = Vec::new();
        for piece in pieces::pieces(backfill.span(), backfill.chunk, &covered) {
            let mut rest = piece;
            while let Some((span, rows)) = ground.cut_span(rest, limit).await? {
                chunks.push(PlannedChunk {
                    key: self.key_at(table, next_id),
                    sequence_id: next_id,
                    from: span.from,
                    to: span.to,
                    rows,
                });
                next_id = next_id.next();
                rest.from = span.to;
            }
        }
        ground.leave().await;
        Ok(BackfillPlan {
            id: backfill.resume.clone().unwrap_or_default(),
            backfill: backfill.clone(),
            recovers: newest.recovers(),
            there: covered.len(),
            rows: chunks.iter().map(|chunk| chunk.rows).sum(),
            chunks,
        })
    }

    /// What the backfill to be resumed has written so far.
    ///
    /// # Errors
    /// [`Error::Range`] if nothing of it is found, so that the id must be a mistake, or if the range does not
    /// touch it; [`Error::Unavailable`] and [`Error::Denied`].
    pub(super) async fn covered(&self, backfill: &Backfill) -> Result<Vec<Span>> {
        let Some(id) = &backfill.resume else {
            return Ok(Vec::new());
        };
        let covered = self.written_by(&backfill.table, id, None).await?;
        let begun = self.begun_backfill(&backfill.table, id).await?;
        if let Some(begun) = &begun
            && (backfill.to < begun.from || backfill.from > begun.to)
        {
            return Err(Error::Range(RangeError::Apart {
                id: id.clone(),
                table: backfill.table.clone(),
                from: begun.from,
                to: begun.to,
            }));
        }
        // A backfill that was interrupted before its first object is continued under its id all the same.
        if covered.is_empty() && begun.is_none() {
            return Err(Error::Range(RangeError::Unknown {
                id: id.clone(),
                table: backfill.table.clone(),
            }));
        }
        Ok(covered)
    }

    /// The ranges of the objects of `table` above number `after` that backfill `id` has written.
    pub(super) async fn written_by(
        &self,
        table: &TableName,
        id: &BackfillId,
        after: Option<SequenceId>,
    ) -> Result<Vec<Span>> {
        let profile = self.profile();
        let template = profile.key_template(table);
        let number = |object: &ObjectSummary| template.matches(&profile.env, table, &object.key);
        let mut candidates = self
            .listed_under(&template.prefix(&profile.env, table))
            .await?;
        candidates.retain(|object| number(object).is_some_and(|number| Some(number) > after));
        let there: BTreeSet<SequenceId> = candidates.iter().filter_map(number).collect();
        let mut written = self.parts_of(id, candidates).await?;
        if self.consumers_remove() {
            let removed = self.removed_parts(table, id).await?;
            // An existing object says itself which backfill it is a part of.
            let gone = removed.into_iter().filter(|claim| {
                Some(claim.sequence_id) > after && !there.contains(&claim.sequence_id)
            });
            written.extend(gone);
        }
        let spans = written.iter().filter_map(|metadata| {
            Some(Span {
                from: metadata.from?,
                to: metadata.to,
            })
        });
        let mut spans: Vec<Span> = spans.collect();
        spans.sort_unstable();
        spans.dedup();
        Ok(spans)
    }

    /// The parts of backfill `id` of which only the claim may be left, because a consumer has removed their
    /// objects. A claim is made before its object, and whoever finds a claim without its object claims the
    /// number as well. So a claim counts once the sequence id has passed it, and only if its run has stored
    /// the number. If the store no longer knows which run did, it counts if the number has no other claim.
    async fn removed_parts(&self, table: &TableName, id: &BackfillId) -> Result<Vec<Metadata>> {
        let passed = self.survey(table).await?.0;
        let newest = passed.position.sequence_id;
        passed.leave().await;
        let name = self.profile().sequence_parameter(table)?;
        let history = self.inner.parameters.history(&name).await?;
        let stored = Authorship::of(history, |text| text.parse::<SequenceId>().ok());
        let prefix = claim_prefix(table);
        let claims = self.listed_under(&prefix).await?;
        let numbers = claims
            .iter()
            .filter_map(|claim| claimed_number(&prefix, &claim.key));
        let mut times: BTreeMap<SequenceId, usize> = BTreeMap::new();
        for number in numbers {
            *times.entry(number).or_default() += 1;
        }
        let mut parts = self.parts_of(id, claims).await?;
        parts.retain(|claim| {
            let number = claim.sequence_id;
            let is_its_own = match stored.run_of(number) {
                Some(run) => *run == claim.author(),
                None => times.get(&number) == Some(&1),
            };
            Some(number) <= newest && is_its_own
        });
        Ok(parts)
    }

    /// The metadata of the `candidates` that are parts of backfill `id`. None of these is older than its
    /// beginning.
    async fn parts_of(
        &self,
        id: &BackfillId,
        candidates: Vec<ObjectSummary>,
    ) -> Result<Vec<Metadata>> {
        let begun = id.begun().micros() - CLOCKS_APART;
        let young = candidates
            .into_iter()
            .filter(|object| object.modified.timestamp_micros() >= begun);
        let heads: Vec<Option<Metadata>> = stream::iter(young)
            .map(|object| async move {
                let head = self.inner.objects.head(&object.key).await?;
                Ok::<_, Error>(head.and_then(|head| head.metadata))
            })
            .buffered(HEADS)
            .try_collect()
            .await?;
        Ok(heads
            .into_iter()
            .flatten()
            .filter(|metadata| {
                metadata.kind == Kind::Backfill && metadata.backfill.as_ref() == Some(id)
            })
            .collect())
    }
}
