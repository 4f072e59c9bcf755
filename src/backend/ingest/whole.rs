//! Tables that are written whole: every run is the next object, and there is no watermark.

use std::time::Instant;

use super::commit::Done;
use super::ground::Ground;
use super::report::PlannedObject;
use crate::backend::objects::Kind;
use crate::backend::progress::{Context, Phase};
use crate::backend::source::TableRows;
use crate::backend::write::{Contents, Run};
use crate::backend::{Backend, Result, TableName};

impl Backend {
    /// One run: the whole table as the next object, then the sequence id.
    pub(super) async fn attempt_whole(
        &self,
        done: &mut Done,
        table: &TableName,
        context: &Context,
    ) -> Result<()> {
        let run = Run::new(context.clone());
        context.progress.enter(Phase::Reading);
        let started = Instant::now();
        let mut ground = self.ground(table, &mut done.recovered, context).await?;
        context.progress.enter(Phase::Counting);
        let contents = context.until_cancelled(ground.whole()).await?;
        context.progress.expect_rows_left(contents.rows);
        let position = ground.position;
        let rows = TableRows::collect_all(ground.snapshot()?, None);
        let rows = context.until_cancelled(rows).await?;
        let by = self
            .commit_rows(table, rows, &contents, &position, &run, done)
            .await?;
        self.write_seq_id(table, position.next_id(), &by).await?;
        if let Some(object) = done.objects.last_mut() {
            object.seconds = started.elapsed().as_secs_f64();
        }
        ground.leave().await;
        Ok(())
    }

    /// What writing the whole table next would make.
    ///
    /// # Errors
    /// What PostgreSQL or the connection says.
    pub(in crate::backend) async fn planned_whole(
        &self,
        table: &TableName,
        ground: &mut Ground,
    ) -> Result<PlannedObject> {
        let contents = ground.whole().await?;
        let sequence_id = ground.position.next_id();
        Ok(PlannedObject {
            key: self.key_at(table, sequence_id),
            sequence_id,
            rows: contents.rows,
            from: None,
            to: contents.to,
        })
    }
}

impl Ground {
    /// The whole table as an object would hold it, counted.
    async fn whole(&mut self) -> Result<Contents> {
        Ok(Contents {
            kind: Kind::Snapshot,
            from: None,
            to: self.horizon.clock,
            watermark: self.horizon.clock,
            rows: self.snapshot()?.count_all().await?,
            backfill: None,
        })
    }
}
