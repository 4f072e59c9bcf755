//! Tables that are written whole: every run writes the next object, and there is no watermark.

use super::attempt::Attempt;
use super::ground::Ground;
use super::report::PlannedObject;
use crate::backend::objects::Kind;
use crate::backend::progress::Phase;
use crate::backend::source::TableRows;
use crate::backend::write::Batch;
use crate::backend::{Backend, Result};
use crate::vocabulary::TableName;

impl Attempt<'_> {
    /// One run: the whole table as the next object, then the sequence id.
    pub(super) async fn ingest_whole(mut self) -> Result<()> {
        self.context().progress.enter(Phase::Reading);
        let mut ground = self.ground().await?;
        self.context().progress.enter(Phase::Counting);
        let batch = self.context().until_cancelled(ground.whole()).await?;
        self.context().progress.expect_rows_left(batch.rows);
        let position = ground.position;
        let rows = TableRows::collect_all(ground.snapshot()?, None);
        let rows = self.context().until_cancelled(rows).await?;
        let by = self.commit(&position, rows, &batch).await?;
        let next = position.next_id();
        let storing = self.backend.write_seq_id(self.table, next, &by);
        self.store(storing).await?;
        self.end_batch();
        ground.leave().await;
        Ok(())
    }
}

impl Backend {
    /// The object that writing the whole table next would create.
    ///
    /// # Errors
    /// Errors of PostgreSQL or of the connection.
    pub(in crate::backend) async fn planned_whole(
        &self,
        table: &TableName,
        ground: &mut Ground,
    ) -> Result<PlannedObject> {
        let batch = ground.whole().await?;
        let sequence_id = ground.position.next_id();
        Ok(PlannedObject {
            key: self.key_at(table, sequence_id),
            sequence_id,
            rows: batch.rows,
            from: None,
            to: batch.to,
        })
    }
}

impl Ground {
    /// The whole table as an object would hold it, counted.
    async fn whole(&mut self) -> Result<Batch> {
        Ok(Batch {
            kind: Kind::Snapshot,
            from: None,
            to: self.horizon.clock,
            watermark: self.horizon.clock,
            rows: self.snapshot()?.count_all().await?,
            backfill: None,
        })
    }
}
