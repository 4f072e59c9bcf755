//! Steps 5 and 6, and what is noted of them: rows become the next object of a table.

use std::borrow::BorrowMut;

use super::ground::Position;
use super::report::ObjectWritten;
use crate::backend::finding::Finding;
use crate::backend::journal::{Act, Change};
use crate::backend::objects::Kind;
use crate::backend::provenance::Provenance;
use crate::backend::source::{Snapshot, TableRows};
use crate::backend::write::{Contents, Run, Written};
use crate::backend::{Backend, Result, SequenceId, TableName, Watermark};
use crate::figures::count;

/// What has been done so far, whatever comes of the rest.
#[derive(Debug, Default)]
pub(in crate::backend) struct Done {
    pub objects: Vec<ObjectWritten>,
    /// What was put right on the way, one sentence each.
    pub recovered: Vec<String>,
    /// Whether a transaction held the horizon back.
    pub is_held: bool,
    /// What was doubtful about the object that it went on after.
    pub doubts: Vec<Finding>,
}

impl Backend {
    /// Writes `rows` as the object after `position`, and notes it in `done` and in the journal. Returns
    /// the author of the values that are to be stored next.
    ///
    /// # Errors
    /// Those of [`Backend::write_table_data_to_s3`], and
    /// [`Interfered`](crate::backend::Error::Interfered) where the values have moved from `position`.
    pub(in crate::backend) async fn commit_rows<S: BorrowMut<Snapshot> + Send>(
        &self,
        table: &TableName,
        rows: TableRows<S>,
        contents: &Contents,
        position: &Position,
        run: &Run,
        done: &mut Done,
    ) -> Result<Provenance> {
        let sequence_id = position.next_id();
        let written = self
            .write_rows(table, rows, contents, sequence_id, run, Some(position))
            .await?;
        Ok(self
            .committed(table, &written, contents, position, run, done)
            .await)
    }

    /// Notes an object that was committed after `position` in `done` and in the journal. Returns the
    /// author of the values that are to be stored next.
    pub(super) async fn committed(
        &self,
        table: &TableName,
        written: &Written,
        contents: &Contents,
        position: &Position,
        run: &Run,
        done: &mut Done,
    ) -> Provenance {
        let sequence_id = position.next_id();
        run.context.progress.object_committed();
        done.objects.push(ObjectWritten {
            key: written.key.clone(),
            sequence_id,
            rows: contents.rows,
            bytes: written.bytes,
            from: contents.from,
            to: contents.to,
            seconds: 0.0,
        });
        self.note_object(table, written, contents, position, run)
            .await;
        Provenance::Run {
            run: run.id,
            sequence_id,
        }
    }

    async fn note_object(
        &self,
        table: &TableName,
        written: &Written,
        contents: &Contents,
        before: &Position,
        run: &Run,
    ) {
        let position = |at: Option<Watermark>, id: Option<SequenceId>| {
            let at = at.map_or_else(|| "nothing".to_owned(), |at| at.to_string());
            let id = id.map_or_else(|| "nothing".to_owned(), |id| id.to_string());
            match contents.kind {
                Kind::Snapshot => id,
                Kind::Ingest | Kind::Backfill => format!("{at} · {id}"),
            }
        };
        let rows = count(contents.rows, "row");
        let reason = match &contents.backfill {
            Some(id) => format!("{rows}, backfill {id}, run {}", run.id),
            None => format!("{rows}, run {}", run.id),
        };
        self.record(Change {
            table: table.clone(),
            action: match contents.kind {
                Kind::Ingest | Kind::Snapshot => Act::Ingest,
                Kind::Backfill => Act::Backfill,
            },
            what: written.key.to_string(),
            before: Some(position(before.watermark, before.sequence_id)),
            after: position(Some(contents.watermark), Some(before.next_id())),
            reason,
        })
        .await;
    }
}
