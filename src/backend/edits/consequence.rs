//! What moving a watermark does to rows.

use std::fmt;

use crate::backend::stored::ParameterWrite;
use crate::backend::{Backend, Result};
use crate::figures::count;
use crate::vocabulary::{TableName, Watermark};

/// What moving the watermark does to rows, counted in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// The watermark goes back: this many rows will be written again.
    ReIngests(u64),
    /// The watermark goes forward over this many rows: those that no object holds are never written.
    Skips(u64),
    /// The watermark goes beyond the database's clock: this many rows will never be written, nor any that
    /// arrive before the clock has caught up.
    Outruns(u64),
    /// The watermark goes forward to the horizon or beyond: this many rows will never be written, nor those
    /// that open transactions may still add below it.
    Overtakes(u64),
    /// No row lies between the old and the new value.
    Nothing,
    /// The old value cannot be read, so nothing shows which rows lie in between.
    Unknown,
}

impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const OUTRUNS: &str = "later than the database's clock: stops until then, and skips";
        let rows = |rows: u64| count(rows, "row");
        match *self {
            Self::ReIngests(again) => write!(
                f,
                "re-ingests {}: those that objects hold are written again",
                rows(again)
            ),
            Self::Skips(skipped) => write!(
                f,
                "skips {}: those that no object holds are never written",
                rows(skipped)
            ),
            Self::Outruns(0) => write!(f, "{OUTRUNS} what still arrives"),
            Self::Outruns(skipped) => {
                write!(f, "{OUTRUNS} {} and what still arrives", rows(skipped))
            }
            Self::Overtakes(skipped) => write!(
                f,
                "skips {}, and whatever open transactions still add before it",
                rows(skipped)
            ),
            Self::Unknown => {
                f.write_str("the old value cannot be read: nothing tells which rows lie in between")
            }
            Self::Nothing => f.write_str("no rows lie between the old and the new value"),
        }
    }
}

impl Backend {
    /// What a write of the timestamp does to the rows.
    pub(super) async fn consequence_of(
        &self,
        table: &TableName,
        write: &ParameterWrite,
    ) -> Result<Consequence> {
        let spelling = self.profile().spelling();
        let before = write.spelled_before().map(|text| spelling.read(text));
        match (before.transpose(), spelling.read(&write.after)) {
            (Ok(before), Ok(after)) => self.consequence(table, before, after).await,
            _ => Ok(Consequence::Unknown),
        }
    }

    /// What moving the watermark from `before` (`None`: from the beginning) to `after` does to the
    /// rows in between.
    async fn consequence(
        &self,
        table: &TableName,
        before: Option<Watermark>,
        after: Watermark,
    ) -> Result<Consequence> {
        let back = before.is_some_and(|before| after < before);
        let (low, high) = if back {
            (Some(after), before.unwrap_or(after))
        } else {
            (before, after)
        };
        if low == Some(high) {
            return Ok(Consequence::Nothing);
        }
        let (horizon, snapshot) = self.snapshot_below_horizon(table).await?;
        let rows = snapshot.count(low, high.successor()).await?;
        snapshot.close().await;
        let is_past = horizon.at.is_none_or(|horizon| horizon <= after);
        Ok(match rows.map_or(0, |cut| cut.rows) {
            rows if after > horizon.clock => Consequence::Outruns(if back { 0 } else { rows }),
            rows if is_past && !back => Consequence::Overtakes(rows),
            0 => Consequence::Nothing,
            rows if back => Consequence::ReIngests(rows),
            rows => Consequence::Skips(rows),
        })
    }
}
