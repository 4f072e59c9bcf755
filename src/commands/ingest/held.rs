//! What an ingestion did not touch: rows that are too new, and who holds them back.

use std::collections::BTreeMap;

use super::record::TableRecord;
use crate::backend::finding::FindingCode;
use crate::backend::ingest::Outcome;
use crate::backend::source::{Horizon, Precision, RowCounts};
use crate::backend::status::PartValue;
use crate::commands::invocation::Invocation;
use crate::commands::session::Session;
use crate::commands::work::{self, Sight};
use crate::figures;
use crate::jobs::{Request, Update};
use crate::vocabulary::TableName;

/// The tables in which rows may have been left: those with nothing pending, and those whose horizon is held back by
/// a transaction or by a standby that lags behind.
pub(super) fn left(records: &[TableRecord]) -> Vec<TableName> {
    let left = records
        .iter()
        .filter(|record| record.is_held || record.outcome == Outcome::NothingPending);
    left.map(|record| record.table.clone()).collect()
}

/// Reports which rows of `tables` are held back. Failures to find out are ignored, since what was asked for has
/// already been reported.
pub(in crate::commands) async fn tell(
    session: &Session,
    invocation: &Invocation,
    tables: Vec<TableName>,
) {
    if tables.is_empty() || invocation.global.quiet || invocation.interrupt.is_cancelled() {
        return;
    }
    let request = Request::Status {
        tables,
        precision: Precision::Estimate,
    };
    let mut counted: BTreeMap<TableName, RowCounts> = BTreeMap::new();
    let take = |sight: Sight<'_>| {
        if let Sight::Update(_, Update::Part(part)) = sight
            && let PartValue::Rows(Ok(counts)) = &part.value
        {
            counted.insert(part.table.clone(), counts.clone());
        }
    };
    let _ = work::run_one(session, invocation, request, take).await;
    for note in notes(&counted) {
        invocation.notes.note(&note);
    }
}

/// A line for each table with held rows, and a line for each holder.
fn notes(counted: &BTreeMap<TableName, RowCounts>) -> Vec<String> {
    let mut notes = Vec::new();
    let mut holders = Vec::new();
    for (table, counts) in counted {
        let Some(held) = counts.held.filter(|held| *held > 0) else {
            continue;
        };
        let rows = figures::count(held, "row");
        notes.push(format!(
            "{table}: {rows} held back{}",
            until(&counts.horizon)
        ));
        for finding in &counts.findings {
            let holds = matches!(
                finding.code,
                FindingCode::HorizonHeld | FindingCode::PreparedTransaction
            );
            let holder = format!("{}: {}", finding.code, finding.message);
            if holds && !holders.contains(&holder) {
                holders.push(holder);
            }
        }
    }
    notes.extend(holders);
    notes
}

fn until(horizon: &Horizon) -> String {
    let Some(at) = horizon.at else {
        return String::new();
    };
    let because = if horizon.is_held() {
        ""
    } else {
        " (source.settle behind the database's clock)"
    };
    format!(", at or above the horizon, {at}{because}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::finding::Finding;
    use crate::vocabulary::Watermark;

    fn at(seconds: i64) -> Watermark {
        Watermark::from_micros(seconds * 1_000_000).expect("a time")
    }

    fn counts(held: Option<u64>, findings: Vec<Finding>) -> RowCounts {
        let horizon = Horizon {
            at: Some(at(60)),
            clock: at(65),
            holder: None,
            findings: Vec::new(),
        };
        RowCounts {
            held,
            findings,
            ..RowCounts::none(horizon)
        }
    }

    #[test]
    fn only_tables_with_held_rows_are_told_of_and_who_holds_them_once() {
        let holder = Finding::new(FindingCode::HorizonHeld, "held back by pid 7");
        let other = Finding::new(FindingCode::RowsUnreachable, "1 row");
        let counted = BTreeMap::from([
            (TableName::parse("a"), counts(Some(0), vec![])),
            (TableName::parse("b"), counts(Some(1), vec![holder.clone()])),
            (
                TableName::parse("c"),
                counts(Some(1204), vec![holder, other]),
            ),
            (TableName::parse("d"), counts(None, vec![])),
        ]);
        assert_eq!(
            notes(&counted),
            [
                "b: 1 row held back, at or above the horizon, 1970-01-01T00:01:00.000000Z (source.settle behind the database's clock)",
                "c: 1,204 rows held back, at or above the horizon, 1970-01-01T00:01:00.000000Z (source.settle behind the database's clock)",
                "horizon-held: held back by pid 7",
            ]
        );
    }
}
