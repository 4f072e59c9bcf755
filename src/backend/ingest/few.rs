//! A batch of few rows, written without being counted first.
//!
//! If no index leads to the new rows, counting them means scanning the table a second time. As they are
//! usually few, that scan would be most of the work.

use super::attempt::Attempt;
use super::ground::Ground;
use crate::backend::Result;
use crate::backend::provenance::Provenance;
use crate::backend::source::{TableRows, TableSize};
use crate::backend::write::{Target, Uncounted};
use crate::vocabulary::Watermark;

/// Target size of the body of a batch that is not counted, in bytes. Estimates are usually close, and an object
/// that is a fifth larger can still be written.
const EXPECTED: u64 = 5 << 20;
/// Rows to try if the size of a row is unknown.
const ROWS: u64 = 10_000;

/// The result of trying without a count.
pub(super) enum Few {
    Nothing,
    /// All of them were committed: the newest timestamp, and the author of the values to be stored.
    Committed(Watermark, Provenance),
    /// The rows have to be counted.
    Unknown,
}

impl Attempt<'_> {
    /// Writes all rows of `ground` as the next object, if they are few and at most `limit`.
    ///
    /// # Errors
    /// Those of [`Attempt::commit`].
    pub(super) async fn commit_few(&mut self, ground: &mut Ground, limit: u64) -> Result<Few> {
        let (backend, table) = (self.backend, self.table);
        let (position, before) = (ground.position, ground.horizon.at);
        let hoped = ground
            .hoped(limit)
            .filter(|_| backend.may_write_uncounted(table));
        let (Some(most), Some(before), Some(snapshot)) = (hoped, before, &mut ground.snapshot)
        else {
            return Ok(Few::Unknown);
        };
        // A timestamp that cannot be stored must be noticed before there is an object that it belongs to.
        let name = backend.profile().timestamp_parameter(table)?;
        let storable = |to| backend.timestamp_text(table, &name, to).map(drop);
        // One row more shows whether there are more.
        let rows = usize::try_from(most + 1).ok();
        let rows = TableRows::collect(snapshot, position.watermark, before, rows);
        let rows = self.context().until_cancelled(rows).await?;
        let target = Target::after(table, &position, &self.run);
        let written = backend.write_uncounted(&target, rows, most, storable);
        match written.await? {
            Uncounted::Nothing => Ok(Few::Nothing),
            Uncounted::Written(batch, written) => {
                ground.has_read_up_to(batch.to);
                let by = self.committed(&position, &written, &batch).await;
                Ok(Few::Committed(batch.to, by))
            }
            Uncounted::Many => Ok(Few::Unknown),
            Uncounted::Large => {
                // Its session is given up first, as there may be no other. The next session may be with
                // another server, to which this horizon does not apply.
                ground.snapshot = None;
                let opening = backend.snapshot_below_horizon(table);
                let (horizon, snapshot) = self.context().until_cancelled(opening).await?;
                ground.horizon = horizon;
                ground.snapshot = Some(snapshot);
                Ok(Few::Unknown)
            }
        }
    }
}

impl Ground {
    /// How many rows to try without counting them, at most `limit`; `None` if they are counted already, or are
    /// likely to be too many or too large.
    fn hoped(&self, limit: u64) -> Option<u64> {
        let size = self.snapshot.as_ref()?.size();
        let rows = expected(size, self.position.watermark, limit)?;
        (rows > 0 && !self.is_counted()).then_some(rows)
    }
}

/// How many rows of a table of this size can be expected to fit, at most `limit`; `None` if all of its rows
/// are wanted, and are too many.
fn expected(size: Option<TableSize>, after: Option<Watermark>, limit: u64) -> Option<u64> {
    let Some(size) = size else {
        return Some(ROWS.min(limit));
    };
    let rows = limit.min(EXPECTED / size.line.max(1));
    (after.is_some() || size.rows <= rows).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_too_large_is_counted_before_its_first_batch() {
        let later = Some(Watermark::now());
        let expected = |rows, line, after, limit| {
            let size = TableSize { rows, line };
            expected(Some(size), after, limit)
        };
        assert_eq!(expected(10_000, 400, None, 1_000_000), Some(13_107));
        assert_eq!(expected(1_000_000, 400, None, 1_000_000), None);
        assert_eq!(expected(1_000_000, 400, later, 1_000_000), Some(13_107));
        assert_eq!(expected(10_000, 400, None, 9999), None);
        assert_eq!(expected(10_000, 400, later, 9999), Some(9999));
        // Not even one row is likely to fit.
        assert_eq!(expected(3, 10_000_000, later, 1_000_000), Some(0));
    }

    #[test]
    fn of_a_new_table_nobody_knows_how_large_it_is() {
        assert_eq!(expected(None, None, 1_000_000), Some(ROWS));
        assert_eq!(expected(None, None, 5), Some(5));
    }
}
