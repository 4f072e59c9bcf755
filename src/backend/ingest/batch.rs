//! Where the next batch ends.
//!
//! In autumn, clocks show one hour twice. A timestamp that is stored without a zone is read back as the first
//! of the two times, so a batch that ends in the second hour would be written again. Such a batch either ends
//! before the second hour, or takes all rows up to the end of that hour, which is stored as the watermark:
//! once the horizon is beyond it, no row can still arrive in between.

use super::ground::Ground;
use crate::backend::Result;
use crate::backend::write::Batch;

impl Ground {
    /// Returns the next batch, at most `limit` rows; `None` if nothing is pending. If it would end in the
    /// second of two hours that are stored alike, it may be larger, or have an end that cannot be stored
    /// because the hour is not over.
    ///
    /// # Errors
    /// Errors of PostgreSQL or of the connection.
    pub(in crate::backend) async fn batch(&mut self, limit: u64) -> Result<Option<Batch>> {
        let Some(before) = self.horizon.at else {
            return Ok(None);
        };
        let after = self.position.watermark;
        let Some(portion) = self.cut_between(after, before, limit).await? else {
            return Ok(None);
        };
        let Some(again) = self.spelling.shown_again(portion.cut.to) else {
            return Ok(Some(portion.cut.into()));
        };
        let snapshot = self.snapshot()?;
        if let Some(cut) = snapshot.count(after, again.from).await? {
            return Ok(Some(cut.into()));
        }
        if again.to >= before {
            return Ok(Some(portion.cut.into()));
        }
        let cut = snapshot.count(after, again.to.successor()).await?;
        Ok(cut.map(|cut| Batch {
            watermark: again.to,
            ..cut.into()
        }))
    }
}
