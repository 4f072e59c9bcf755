//! What was counted of interrupted backfills, so that a page that is opened again does not count it again.

use std::collections::HashMap;

use crate::backend::backfill::BackfillPlan;
use crate::jobs::Request;
use crate::vocabulary::{TableName, Watermark};

/// For how long it is believed, in microseconds: another program may have gone on with one.
const BELIEVED: i64 = 600_000_000;

/// The interrupted backfills of tables, and when they were counted.
#[derive(Debug, Default)]
pub struct Counted(HashMap<TableName, (Watermark, Vec<BackfillPlan>)>);

impl Counted {
    /// The question which backfills of `table` were interrupted.
    #[must_use]
    pub fn question(&self, table: TableName, now: Watermark) -> Request {
        let known = self.believed(&table, now);
        let counted = known.map_or_else(Vec::new, |(_, plans)| plans.clone());
        Request::InterruptedBackfills { table, counted }
    }

    /// They have been counted, those that were not before.
    pub fn keep(&mut self, table: TableName, plans: Vec<BackfillPlan>, now: Watermark) {
        let since = self.believed(&table, now).map_or(now, |(since, _)| *since);
        self.0.insert(table, (since, plans));
    }

    /// Something was written to a table, or all of it is to be fetched anew.
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
