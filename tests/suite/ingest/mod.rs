//! The commit protocol: its clean path, what stops it, and late commits.

mod altered;
mod balanced;
mod batches;
mod claims;
mod commit;
mod few;
mod hidden;
mod late;
mod partitions;
mod pooled;
mod prepared;
mod sessions;
mod shadowed;
mod state;
mod twice;
mod unseen;
mod whole;
mod zones;

use std::collections::BTreeMap;

use highwater::backend::ingest::{IngestReport, Outcome};
use highwater::vocabulary::Watermark;

use crate::support::ingest_payment as ingest;

fn at(text: &str) -> Watermark {
    highwater::vocabulary::watermark::read(text, chrono_tz::Tz::UTC).expect("a timestamp")
}

const TABLE: &str =
    "CREATE TABLE payment (id int PRIMARY KEY, note text, last_updated timestamp(3))";

#[track_caller]
fn written(report: &IngestReport) -> Vec<u64> {
    assert_eq!(report.outcome, Outcome::Written, "{report:?}");
    report.objects.iter().map(|object| object.rows).collect()
}

#[track_caller]
fn stopped(report: &IngestReport) -> &str {
    assert_eq!(report.outcome, Outcome::Failed, "{report:?}");
    &report.error.as_ref().expect("an error").code
}

#[track_caller]
fn each_once(ids: &BTreeMap<i64, usize>, expected: impl Iterator<Item = i64>) {
    assert_eq!(*ids, expected.map(|id| (id, 1)).collect());
}
