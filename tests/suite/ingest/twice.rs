//! The hour that clocks show twice in autumn, with timestamps stored without zone.

use highwater::backend::{doctor::Scope, finding::FindingCode, progress::Context};
use highwater::vocabulary::Watermark;

use super::balanced::balanced;
use super::{TABLE, at, each_once, ingest, stopped, written};
use crate::support::{self, Database, Stage, table};

/// A stage whose rows and timestamps are in London time, with rows at these times on the day when clocks went back
/// from 02:00 to 01:00. Times within that hour are read as the second pass.
async fn stage(database: &Database, times: &[&str]) -> Stage {
    database.run("DROP TABLE IF EXISTS payment").await;
    database.run(TABLE).await;
    for (id, time) in (1..).zip(times) {
        insert(database, id, time).await;
    }
    Stage::local(database)
        .await
        .with_setting("source", "timezone = \"Europe/London\"")
        .await
        .with_setting("parameters", "timestamp_format = \"%Y-%m-%d %H:%M:%S%.6f\"")
        .await
}

async fn insert(database: &Database, id: i64, time: &str) {
    let statement = format!("INSERT INTO payment VALUES ({id}, 'x', '2024-10-27 {time}')");
    database.run(&statement).await;
}

async fn watermark(stage: &Stage) -> Watermark {
    let stored = stage.backend.get_timestamp(&table("payment")).await;
    stored.expect("recorded")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_ends_before_the_second_hour_or_where_it_is_over() {
    let Some(database) = support::postgres() else {
        return;
    };
    let times = ["00:59", "01:10", "01:20", "01:30", "02:00", "03:00"];
    let stage = stage(&database, &times).await;
    let options = highwater::backend::ingest::IngestOptions { max_rows: Some(2) };
    let plan = stage.backend.plan_ingest(&table("payment"), options).await;
    let plan = plan.expect("a plan");
    let planned: Vec<_> = plan.objects.iter().map(|object| object.rows).collect();
    assert_eq!(planned, [1, 4, 1]);
    assert_eq!(written(&stage.ingest("payment", Some(2)).await), planned);
    each_once(&stage.ids("payment").await, 1..=6);
    assert_eq!(watermark(&stage).await, at("2024-10-27T03:00:00Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_second_hour_wait_for_no_later_row_once_it_is_over() {
    let Some(database) = support::postgres() else {
        return;
    };
    let stage = stage(&database, &["00:59", "01:30"]).await;
    let report = ingest(&stage).await;
    assert_eq!(written(&report), [1, 1]);
    assert_eq!(report.objects[1].to, at("2024-10-27T01:30:00Z"));
    assert_eq!(watermark(&stage).await, at("2024-10-27T02:00:00Z"));
    insert(&database, 3, "02:00:00.001").await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    each_once(&stage.ids("payment").await, 1..=3);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_second_hour_its_rows_wait_and_the_doctor_says_so() {
    let Some(database) = support::postgres() else {
        return;
    };
    let stage = stage(&database, &["00:59", "01:30"]).await;
    let hour = balanced(stage, Some(at("2024-10-27T01:45:00Z"))).await;
    let report = ingest(&hour).await;
    let code = FindingCode::TimestampFormatLosesPrecision;
    assert_eq!(stopped(&report), code.as_str());
    let rows: Vec<_> = report.objects.iter().map(|object| object.rows).collect();
    assert_eq!(rows, [1], "the row before it");
    let (tables, context) = ([table("payment")], Context::default());
    let found = hour.backend.diagnose(&tables, Scope::Tables, &context);
    let found = found.await.expect("an examination").diagnoses;
    let told = found.iter().find(|one| one.code() == code);
    let message = &told.expect("a finding").finding.message;
    assert!(message.contains("at 2024-10-27T02:00:00"), "{message}");
    let over = balanced(hour, Some(at("2024-10-27T02:00:00.000001Z"))).await;
    assert_eq!(written(&ingest(&over).await), [1]);
    each_once(&over.ids("payment").await, 1..=2);
}
