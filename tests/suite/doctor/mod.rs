//! What the doctor finds, what shows it, and that its repairs do what they say and nothing else.

mod choices;
mod clock;
mod foreign_ends;
mod left_out;
mod leftovers;
mod missed;
mod removed;
mod source;
mod stops;
mod values;

use std::collections::BTreeMap;

use highwater::backend::{
    doctor::{Diagnosis, Examination, Repair, Scope, may_have_repair},
    finding::FindingCode,
    ingest::IngestReport,
    progress::Context,
};
use highwater::vocabulary::Watermark;

use crate::support::{Database, Stage, table};

/// Row `i` has the timestamp of second `i`.
const TABLES: &str = "\
CREATE TABLE payment (id int PRIMARY KEY, last_updated timestamp(3));
CREATE INDEX ON payment (last_updated);
CREATE TABLE payment_type (id int PRIMARY KEY, last_updated timestamp(3));
CREATE INDEX ON payment_type (last_updated);";

/// Inserts rows `from..=to` into both tables.
async fn insert(database: &Database, from: u64, to: u64) {
    for table in ["payment", "payment_type"] {
        let statement = format!(
            "INSERT INTO {table} SELECT i, '2024-05-16 10:00'::timestamp + i * interval '1 s' FROM generate_series({from}, {to}) i"
        );
        database.run(&statement).await;
    }
}

/// The timestamp of row `i`, in the default stored format.
fn second(i: i64) -> String {
    let start = 1_715_853_600_000_000;
    let at = Watermark::from_micros(start + i * 1_000_000).expect("a timestamp");
    at.to_string()
}

/// A body as another program would print it: one pretty-printed JSON array with naive times.
fn pretty(from: i64, to: i64) -> String {
    let rows: Vec<String> = (from..=to)
        .map(|i| {
            let at = second(i).replace('T', " ").replace("000Z", "");
            format!("    {{\n        \"id\": {i},\n        \"last_updated\": \"{at}\"\n    }}")
        })
        .collect();
    format!("[\n{}\n]\n", rows.join(",\n"))
}

fn name(stage: &Stage, table_name: &str, which: &str) -> String {
    let profile = crate::support::profile(&stage.sandbox);
    let table = table(table_name);
    let name = match which {
        "timestamp" => profile.timestamp_parameter(&table),
        _ => profile.sequence_parameter(&table),
    };
    name.expect("a name").to_string()
}

async fn ingest(stage: &Stage, table_name: &str) -> IngestReport {
    stage.ingest(table_name, None).await
}

async fn examine(stage: &Stage, tables: &[&str]) -> Examination {
    let tables: Vec<_> = tables.iter().map(|name| table(name)).collect();
    let context = Context::default();
    let examined = stage.backend.diagnose(&tables, Scope::Tables, &context);
    let examined = examined.await.expect("an examination");
    assert!(examined.failures.is_empty(), "{:?}", examined.failures);
    for one in &examined.diagnoses {
        // A question about only those codes that may have a repair must not miss any.
        let code = one.code();
        assert!(one.repairs.is_empty() || may_have_repair(code), "{code}");
    }
    examined
}

/// The findings for `payment` that matter.
async fn diagnoses(stage: &Stage) -> Vec<Diagnosis> {
    let mut found = examine(stage, &["payment"]).await.diagnoses;
    found.retain(Diagnosis::matters);
    found
}

/// The only finding for `payment` that matters.
async fn diagnosis(stage: &Stage) -> Diagnosis {
    let mut found = diagnoses(stage).await;
    assert_eq!(found.len(), 1, "{}: {found:#?}", stage.name);
    found.remove(0)
}

#[track_caller]
fn ids(diagnosis: &Diagnosis) -> Vec<&'static str> {
    diagnosis.repairs.iter().map(|repair| repair.id).collect()
}

#[track_caller]
fn repair_of<'a>(diagnosis: &'a Diagnosis, id: &str) -> &'a Repair {
    let repair = diagnosis.repairs.iter().find(|repair| repair.id == id);
    repair.unwrap_or_else(|| panic!("no {id} in {diagnosis:#?}"))
}

/// The last part of each name that a repair writes, and its new value.
fn writes(repair: &Repair) -> Vec<(String, Option<String>)> {
    let last = |what: &str| what.rsplit('/').next().unwrap_or_default().to_owned();
    let writes = repair.writes().into_iter();
    writes
        .map(|write| (last(&write.what), write.after))
        .collect()
}

/// Every version of every value of both tables, to check that they have not changed.
async fn everything(stage: &Stage) -> Vec<String> {
    let mut all = Vec::new();
    for name in ["payment", "payment_type"] {
        let history = stage.backend.history(&table(name)).await;
        all.extend(
            history
                .expect("a history")
                .iter()
                .map(|entry| format!("{entry:?}")),
        );
    }
    all
}

#[track_caller]
fn each_once(ids: &BTreeMap<i64, usize>, to: i64) {
    let expected: BTreeMap<i64, usize> = (1..=to).map(|id| (id, 1)).collect();
    assert_eq!(*ids, expected);
}

fn has(found: &Examination, code: FindingCode) -> Option<&Diagnosis> {
    found.diagnoses.iter().find(|one| one.code() == code)
}
