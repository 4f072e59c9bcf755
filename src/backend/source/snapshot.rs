//! One consistent view of one table: counting, cutting and collecting in the same snapshot.

use std::time::Duration;

use chrono_tz::Tz;

use super::copy::RowCopy;
use super::horizon::Horizon;
use super::{SnapshotOf, Source, TableSize, TableSnapshot};
use crate::backend::error::{Cause, Error, Result, Service};
use crate::vocabulary::{TableName, Watermark};

/// The rows `after < ts <= to` of one table, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Exclusive; `None` if there is no lower bound.
    pub after: Option<Watermark>,
    /// Inclusive: the newest timestamp among the rows.
    pub to: Watermark,
    /// At least 1.
    pub rows: u64,
}

impl Cut {
    /// Returns what is left after the rows of `first`; `None` if nothing is.
    fn without(self, first: Self) -> Option<Self> {
        let rows = self.rows.checked_sub(first.rows).filter(|rows| *rows > 0)?;
        Some(Self {
            after: Some(first.to),
            rows,
            ..self
        })
    }
}

/// The next batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    pub cut: Cut,
    /// What is left after it, in the same snapshot.
    pub rest: Option<Cut>,
}

/// One moment of one table (in PostgreSQL, a transaction that is `REPEATABLE READ READ ONLY`). It ends
/// when it is closed or dropped.
pub struct Snapshot {
    moment: Box<dyn TableSnapshot>,
    table: TableName,
    timezone: Tz,
}

impl Snapshot {
    /// Opens a snapshot for one table; see [`Source::snapshot`].
    ///
    /// # Errors
    /// [`Error::UnknownTable`], [`Error::UnknownColumn`], [`Error::NotATimestamp`],
    /// [`Error::Unavailable`].
    pub async fn open(source: &dyn Source, of: SnapshotOf<'_>) -> Result<Self> {
        Ok(Self::at(source.snapshot(of).await?, of))
    }

    /// Returns the horizon and a snapshot for one table; see [`Source::snapshot_below_horizon`].
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_below_horizon(
        source: &dyn Source,
        of: SnapshotOf<'_>,
        settle: Duration,
        ignore: &[String],
    ) -> Result<(Horizon, Self)> {
        let (horizon, moment) = source.snapshot_below_horizon(of, settle, ignore).await?;
        Ok((horizon, Self::at(moment, of)))
    }

    fn at(moment: Box<dyn TableSnapshot>, of: SnapshotOf<'_>) -> Self {
        Self {
            moment,
            table: of.table.clone(),
            timezone: of.timezone,
        }
    }

    /// How large the table is; see [`TableSnapshot::size`].
    #[must_use]
    pub fn size(&self) -> Option<TableSize> {
        self.moment.size()
    }

    /// Counts the rows `after < ts < before`; `None` if there are none.
    ///
    /// # Errors
    /// The error of the source or of the connection.
    pub async fn count(&self, after: Option<Watermark>, before: Watermark) -> Result<Option<Cut>> {
        self.moment.count(after, before).await
    }

    /// Returns the oldest rows of `whole`, as many as fit `limit`. `whole` is all that was counted up to
    /// `before`. The cut is made at a timestamp, never between rows with the same one; a group of equal
    /// timestamps that is larger than `limit` is a batch of its own.
    ///
    /// # Errors
    /// The error of the source or of the connection.
    pub async fn portion(&self, whole: Cut, before: Watermark, limit: u64) -> Result<Portion> {
        let all = Portion {
            cut: whole,
            rest: None,
        };
        if whole.rows <= limit {
            return Ok(all);
        }
        let after = whole.after;
        // The first row that does not fit: everything earlier does, if anything is earlier.
        let Some(overflow) = self.moment.nth(after, before, limit).await? else {
            return Ok(all);
        };
        let earlier = match self.moment.count(after, overflow).await? {
            Some(cut) => Some(cut),
            None => self.moment.count(after, overflow.successor()).await?,
        };
        Ok(earlier.map_or(all, |cut| Portion {
            cut,
            rest: whole.without(cut),
        }))
    }

    /// Starts to copy out rows; see [`TableSnapshot::copy`].
    pub(super) async fn copy(
        &mut self,
        after: Option<Watermark>,
        before: Watermark,
        limit: Option<usize>,
    ) -> Result<RowCopy> {
        self.moment.copy(after, before, limit).await
    }

    /// Returns how many rows the table has, whatever their timestamps.
    ///
    /// # Errors
    /// The error of the source or of the connection.
    pub async fn count_all(&self) -> Result<u64> {
        self.moment.count_all().await
    }

    /// Starts to copy out all rows; see [`TableSnapshot::copy_all`].
    pub(super) async fn copy_all(&mut self, limit: Option<usize>) -> Result<RowCopy> {
        self.moment.copy_all(limit).await
    }

    /// The zone in which timestamps without one are read.
    pub(super) const fn timezone(&self) -> Tz {
        self.timezone
    }

    /// Ends the snapshot and gives its session back. A snapshot that is dropped instead ends together
    /// with its session.
    pub async fn close(self) {
        self.moment.close().await;
    }

    /// The error for an answer that cannot be understood.
    pub(super) fn damaged(&self, cause: impl Into<Cause>) -> Error {
        Error::Failed {
            service: Service::Source,
            place: self.moment.place().to_owned(),
            doing: format!("reading rows of {}", self.table),
            cause: cause.into(),
        }
    }
}
