//! Where the next batch ends.
//!
//! In autumn clocks show an hour twice. A timestamp that is stored without zone is read back as the first of the
//! two times, so that a batch that ends at the second one would be written again. It ends before the second hour
//! then, or else takes all rows up to the end of it, which is stored as the watermark: no row in between can
//! still come once the horizon is beyond it.

use super::ground::Ground;
use crate::backend::Result;
use crate::backend::write::Batch;

impl Ground {
    /// The next batch, at most `limit` rows; `None` if nothing is pending. Where it ends in the second of two hours
    /// that are stored alike, it may be larger, or one whose end cannot be stored, because the hour is not over.
    ///
    /// # Errors
    /// What PostgreSQL or the connection says.
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
