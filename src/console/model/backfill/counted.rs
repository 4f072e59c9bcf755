//! Counts of interrupted backfills, so that a page that is opened again does not count them again.

use std::collections::HashMap;

use crate::backend::backfill::BackfillPlan;
use crate::jobs::Request;
use crate::vocabulary::{TableName, Watermark};

/// How long a count is trusted, in microseconds: another program may have resumed a backfill.
const BELIEVED: i64 = 600_000_000;

/// The interrupted backfills of tables, and when they were counted.
#[derive(Debug, Default)]
pub struct Counted(HashMap<TableName, (Watermark, Vec<BackfillPlan>)>);

impl Counted {
    /// The request for the interrupted backfills of `table`.
    #[must_use]
    pub fn question(&self, table: TableName, now: Watermark) -> Request {
        let known = self.believed(&table, now);
        let counted = known.map_or_else(Vec::new, |(_, plans)| plans.clone());
        Request::InterruptedBackfills { table, counted }
    }

    /// Keeps the plans in an answer. The time of an earlier count stays, as its plans were not counted
    /// again.
    pub fn keep(&mut self, table: TableName, plans: Vec<BackfillPlan>, now: Watermark) {
        let since = self.believed(&table, now).map_or(now, |(since, _)| *since);
        self.0.insert(table, (since, plans));
    }

    /// Discards the count, because something was written to the table or everything is to be fetched
    /// again.
    pub fn forget(&mut self, table: &TableName) {
        self.0.remove(table);
    }

    fn believed(
        &self,
        table: &TableName,
        now: Watermark,
    ) -> Option<&(Watermark, Vec<BackfillPlan>)> {
        let known = self.0.get(table)?;
        (now.micros() - known.0.micros() < BELIEVED).then_some(known)
    }
}
