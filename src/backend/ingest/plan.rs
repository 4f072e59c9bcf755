//! What an ingestion would write.

use super::report::{IngestOptions, IngestPlan};
use crate::backend::{Backend, Result};
use crate::vocabulary::TableName;

impl Backend {
    /// Counts what ingesting `table` would write, in one snapshot, and writes nothing.
    ///
    /// # Errors
    /// The errors that would stop the ingestion: [`NeedsAttention`](crate::backend::Error::NeedsAttention),
    /// [`UnknownTable`](crate::backend::Error::UnknownTable),
    /// [`Timestamp`](crate::backend::Error::Timestamp),
    /// [`Unavailable`](crate::backend::Error::Unavailable), …
    pub async fn plan_ingest(
        &self,
        table: &TableName,
        options: IngestOptions,
    ) -> Result<IngestPlan> {
        let (mut ground, newest) = self.survey(table).await?;
        let mut plan = IngestPlan {
            table: table.clone(),
            from: ground.position.watermark,
            horizon: ground.horizon.clone(),
            recovers: newest.recovers(),
            doubts: Vec::new(),
            rows: 0,
            objects: Vec::new(),
        };
        if self.is_whole(table) {
            let object = self.planned_whole(table, &mut ground).await?;
            plan.rows = object.rows;
            plan.objects.push(object);
            ground.leave().await;
            return Ok(plan);
        }
        let limit = self.rows_per_object(options);
        let name = self.profile().timestamp_parameter(table)?;
        while let Some(batch) = ground.batch(limit).await? {
            self.timestamp_text(table, &name, batch.watermark)?;
            let object = self.planned(table, &ground.position, &batch);
            ground.position.watermark = Some(batch.watermark);
            ground.position.sequence_id = Some(object.sequence_id);
            plan.rows += object.rows;
            plan.objects.push(object);
        }
        // The session is given back first, as there may be no other.
        ground.leave().await;
        if newest.is_foreign() {
            plan.doubts = self.doubts(table, plan.horizon.clock).await?;
        }
        Ok(plan)
    }
}
