//! The commit protocol: its clean path, what stops it, and commits that come late.

mod batches;
mod claims;
mod commit;
mod late;
mod state;
mod unseen;

use std::collections::BTreeMap;

use highwater::backend::Watermark;
use highwater::backend::ingest::{IngestOptions, IngestReport, Outcome};
use highwater::backend::progress::Context;

use crate::support::{Database, Stage, table};

fn at(text: &str) -> Watermark {
    highwater::backend::watermark::read(text, chrono_tz::Tz::UTC).expect("a timestamp")
}

async fn sql(database: &Database, statements: &str) {
    database
        .client()
        .await
        .batch_execute(statements)
        .await
        .expect("the statements run");
}

const TABLE: &str =
    "CREATE TABLE payment (id int PRIMARY KEY, note text, last_updated timestamp(3))";

async fn ingest(stage: &Stage) -> IngestReport {
    stage
        .backend
        .ingest(
            &table("payment"),
            IngestOptions::default(),
            &Context::default(),
        )
        .await
}

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

/// How often each id is in the objects of `payment`.
async fn ids(stage: &Stage) -> BTreeMap<i64, usize> {
    let mut ids = BTreeMap::new();
    for object in stage
        .backend
        .objects(&table("payment"), usize::MAX)
        .await
        .expect("a listing")
    {
        for line in stage
            .backend
            .read_object(&object.key, usize::MAX)
            .await
            .expect("a body")
        {
            let row: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            *ids.entry(row["id"].as_i64().expect("an id")).or_default() += 1;
        }
    }
    ids
}

#[track_caller]
fn each_once(ids: &BTreeMap<i64, usize>, expected: impl Iterator<Item = i64>) {
    assert_eq!(*ids, expected.map(|id| (id, 1)).collect());
}
