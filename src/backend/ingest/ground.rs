//! What a batch stands on: the state that was found to be sound, the horizon, and the snapshot.

use crate::backend::{
    Backend, Error, Result,
    finding::FindingCode,
    progress::Context,
    source::{Cut, Horizon, Portion, Snapshot},
    standing::{Newest, Position},
    stored::Stored,
    table_objects::contents::READ_UNASKED,
    write::Batch,
};
use crate::vocabulary::{TableName, Watermark, watermark::Spelling};

use super::report::{IngestOptions, PlannedObject};

/// How many recoveries of one table are done in a row. Each leads to a state that needs none, unless another
/// process writes in between.
const RECOVERIES: u32 = 5;

/// Steps 1 to 3 of the protocol, up to the first count.
pub(in crate::backend) struct Ground {
    pub position: Position,
    pub horizon: Horizon,
    /// `None` only after it was given up.
    pub snapshot: Option<Snapshot>,
    /// Whether the newest object is another program's, and small enough to be read for doubts about it.
    pub is_doubtful: bool,
    /// How the end of a batch is stored.
    pub(super) spelling: Spelling,
    left: Option<Left>,
}

/// The rows `after < ts < before` of the snapshot, counted.
struct Left {
    after: Watermark,
    before: Watermark,
    /// `None` if there are none.
    rows: Option<Cut>,
}

impl Ground {
    /// The first of the rows `after < ts < before`, at most `limit`; `None` if there are none. The rows left
    /// after them are then known, and are not counted again for the next batch.
    ///
    /// # Errors
    /// Errors of PostgreSQL or of the connection; [`Error::Bug`] without a snapshot.
    pub(in crate::backend) async fn cut_between(
        &mut self,
        after: Option<Watermark>,
        before: Watermark,
        limit: u64,
    ) -> Result<Option<Portion>> {
        let left = self.left.take();
        let snapshot = self.snapshot.as_ref().ok_or_else(given_up)?;
        let known = left.filter(|left| Some(left.after) == after && left.before == before);
        let whole = match known {
            Some(left) => left.rows,
            None => snapshot.count(after, before).await?,
        };
        let Some(whole) = whole else {
            return Ok(None);
        };
        let portion = snapshot.portion(whole, before, limit).await?;
        tracing::debug!(rows = portion.cut.rows, to = %portion.cut.to, "counted");
        self.left = Some(Left {
            after: portion.cut.to,
            before,
            rows: portion.rest,
        });
        Ok(Some(portion))
    }

    /// Whether what is left in the snapshot is known.
    pub(super) const fn is_counted(&self) -> bool {
        self.left.is_some()
    }

    /// Rows known to be left in the snapshot after the last cut.
    pub(super) fn rows_left(&self) -> u64 {
        let rest = self.left.as_ref().and_then(|left| left.rows);
        rest.map_or(0, |rest| rest.rows)
    }

    /// Notes that all rows below the horizon have been read, the last of them at `newest`.
    pub(super) fn has_read_up_to(&mut self, newest: Watermark) {
        self.left = self.horizon.at.map(|before| Left {
            after: newest,
            before,
            rows: None,
        });
    }

    /// The snapshot, for copying rows.
    ///
    /// # Errors
    /// [`Error::Bug`] if it was given up.
    pub(in crate::backend) fn snapshot(&mut self) -> Result<&mut Snapshot> {
        self.snapshot.as_mut().ok_or_else(given_up)
    }

    /// Gives the snapshot's session back.
    pub(in crate::backend) async fn leave(self) {
        if let Some(snapshot) = self.snapshot {
            snapshot.close().await;
        }
    }
}

impl Backend {
    /// Reads the state of `table`, judges it, makes the writes that an earlier run left undone, and opens the
    /// snapshot to continue in. What was put right is added to `recovered`.
    ///
    /// # Errors
    /// [`Error::NeedsAttention`] with the finding of a table that must not continue, [`Error::UnknownTable`],
    /// [`Error::UnknownColumn`], [`Error::Unavailable`], …
    pub(in crate::backend) async fn ground(
        &self,
        table: &TableName,
        recovered: &mut Vec<String>,
        context: &Context,
    ) -> Result<Ground> {
        let mut recoveries = 0;
        loop {
            let (stored, newest) = context.until_cancelled(self.sound(table)).await?;
            let Some(recovery) = newest.recovery() else {
                let position = Position::new(&stored, &newest);
                let ground = self.ground_at(table, position, &newest);
                return context.until_cancelled(ground).await;
            };
            recoveries += 1;
            if recoveries > RECOVERIES {
                return Err(Error::Contended {
                    table: table.clone(),
                    attempts: recoveries,
                    last: recovery.sentence(),
                });
            }
            let recovering = self.recover(table, recovery);
            context.until_given_up(recovering).await?;
            recovered.push(recovery.sentence());
        }
    }

    /// What [`Self::ground`] would return after recovering the values, and the judgement of the table, which
    /// says what it would put right first. Nothing is written.
    ///
    /// # Errors
    /// Those of [`Self::ground`].
    pub(in crate::backend) async fn survey(&self, table: &TableName) -> Result<(Ground, Newest)> {
        let (stored, newest) = self.sound(table).await?;
        let position = Position::new(&stored, &newest);
        Ok((self.ground_at(table, position, &newest).await?, newest))
    }

    /// # Errors
    /// [`Error::NeedsAttention`] if only an operator can tell how to continue.
    async fn sound(&self, table: &TableName) -> Result<(Stored, Newest)> {
        let stored = self.stored(table).await?;
        let (stored, newest) = self.settled(table, stored).await?;
        let Some(finding) = newest.obstacle() else {
            return Ok((stored, newest));
        };
        if finding.code.yields_to(FindingCode::TimestampInFuture)
            && let Ok(horizon) = self.horizon().await
        {
            self.refuse_ahead(table, newest.watermark, &horizon)?;
        }
        Err(Error::NeedsAttention {
            table: table.clone(),
            code: finding.code,
            message: finding.message.clone(),
        })
    }

    /// # Errors
    /// [`Error::NeedsAttention`] if the watermark is later than the database's clock.
    fn refuse_ahead(
        &self,
        table: &TableName,
        watermark: Option<Watermark>,
        horizon: &Horizon,
    ) -> Result<()> {
        let Some(ahead) = watermark.filter(|at| *at > horizon.clock) else {
            return Ok(());
        };
        Err(Error::NeedsAttention {
            table: table.clone(),
            code: FindingCode::TimestampInFuture,
            message: format!(
                "{} says {ahead}, later than the database's clock, {}: new rows cannot be newer than it",
                self.profile().timestamp_parameter(table)?,
                horizon.clock
            ),
        })
    }

    /// Steps 2 and 3: the horizon, then the snapshot.
    async fn ground_at(
        &self,
        table: &TableName,
        position: Position,
        newest: &Newest,
    ) -> Result<Ground> {
        // Needed even if the horizon lets nothing new through: neither a table written whole nor a range
        // below the watermark depends on it.
        let (horizon, snapshot) = self.snapshot_below_horizon(table).await?;
        tracing::debug!(
            %table,
            watermark = position.watermark.map(tracing::field::display),
            sequence_id = position.sequence_id.map(tracing::field::display),
            horizon = horizon.at.map(tracing::field::display),
            "going on from"
        );
        if let Err(error) = self.refuse_ahead(table, position.watermark, &horizon) {
            snapshot.close().await;
            return Err(error);
        }
        Ok(Ground {
            position,
            horizon,
            snapshot: Some(snapshot),
            is_doubtful: newest.is_foreign()
                && newest
                    .last
                    .as_ref()
                    .is_some_and(|last| last.bytes <= READ_UNASKED),
            spelling: self.profile().spelling(),
            left: None,
        })
    }

    /// How many rows an object may have, by the profile and by the options.
    pub(in crate::backend) fn rows_per_object(&self, options: IngestOptions) -> u64 {
        let limit = self.profile().objects.max_rows_per_object;
        options
            .max_rows
            .map_or(limit, |rows| rows.min(limit))
            .max(1)
    }

    /// The object that writing `batch` next would create.
    pub(in crate::backend) fn planned(
        &self,
        table: &TableName,
        position: &Position,
        batch: &Batch,
    ) -> PlannedObject {
        let sequence_id = position.next_id();
        PlannedObject {
            key: self.key_at(table, sequence_id),
            sequence_id,
            rows: batch.rows,
            from: batch.from,
            to: batch.to,
        }
    }
}

fn given_up() -> Error {
    Error::Bug("a snapshot is read from after it was given up".to_owned())
}
