//! A profile whose time zone for naive timestamps is changed after rows were ingested.

use highwater::backend::finding::FindingCode;
use highwater::backend::ingest::Outcome;
use highwater::backend::progress::Context;

use super::ingest;
use crate::support::{self, Database, Stage, table};

/// Three rows are ingested while the zone is UTC, and a fourth arrives half an hour of local time later.
async fn stages(database: &Database) -> Vec<Stage> {
    database
        .run(
            "DROP TABLE IF EXISTS payment;
             CREATE TABLE payment (id int, last_updated timestamp);
             INSERT INTO payment SELECT i, '2024-07-01 08:00'::timestamp + i * interval '1 h' FROM generate_series(1, 3) i",
        )
        .await;
    let stages = Stage::all(database).await;
    for stage in &stages {
        assert_eq!(ingest(stage).await.outcome, Outcome::Written);
    }
    database
        .run("INSERT INTO payment VALUES (4, '2024-07-01 11:30')")
        .await;
    stages
}

async fn each_once(stage: &Stage) {
    let ids: Vec<_> = stage.ids("payment").await.into_iter().collect();
    assert_eq!(ids, [(1, 1), (2, 1), (3, 1), (4, 1)], "{}", stage.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_another_zone_moves_are_neither_left_out_nor_written_again() {
    let Some(database) = support::postgres() else {
        return;
    };
    for zone in ["Europe/London", "America/New_York"] {
        for stage in stages(&database).await {
            let setting = format!("timezone = \"{zone}\"");
            let stage = stage.with_setting("source", &setting).await;
            let stopped = ingest(&stage).await;
            let error = stopped.error.expect("another zone");
            assert_eq!(error.code, FindingCode::TimestampMismatch.as_str());
            assert!(error.message.contains("read in UTC"), "{error:?}");
            let tables = [table("payment")];
            let (scope, context) = (
                highwater::backend::doctor::Scope::Tables,
                Context::default(),
            );
            let found = stage.backend.diagnose(&tables, scope, &context).await;
            let repairs = found.expect("an examination").diagnoses;
            let mut repairs = repairs.into_iter().flat_map(|found| found.repairs);
            let used = repairs.find(|repair| repair.id == "use-object");
            let used = used.expect("a repair");
            stage.backend.repair(&used).await.expect("repaired");
            let report = ingest(&stage).await;
            assert_eq!(report.outcome, Outcome::Written, "{zone}: {report:?}");
            each_once(&stage).await;
            assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_is_stored_without_zone_moves_with_the_rows() {
    let Some(database) = support::postgres() else {
        return;
    };
    for zone in ["Europe/London", "America/New_York"] {
        for stage in stages(&database).await {
            let format = "timestamp_format = \"%Y-%m-%d %H:%M:%S%.6f\"";
            let stage = stage.with_setting("parameters", format).await;
            database
                .run("UPDATE payment SET last_updated = '2024-07-01 11:10' WHERE id = 4")
                .await;
            assert_eq!(ingest(&stage).await.outcome, Outcome::Written);
            database
                .run("INSERT INTO payment VALUES (5, '2024-07-01 11:30')")
                .await;
            let setting = format!("timezone = \"{zone}\"");
            let stage = stage.with_setting("source", &setting).await;
            let report = ingest(&stage).await;
            assert_eq!(report.outcome, Outcome::Written, "{zone}: {report:?}");
            let ids: Vec<_> = stage.ids("payment").await.into_iter().collect();
            let all: Vec<_> = (1..=5).map(|id| (id, 1)).collect();
            assert_eq!(ids, all, "{}", stage.name);
            database.run("DELETE FROM payment WHERE id = 5").await;
            database
                .run("UPDATE payment SET last_updated = '2024-07-01 11:30' WHERE id = 4")
                .await;
        }
    }
}
