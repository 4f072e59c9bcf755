//! Rows that arrive with timestamps that have already been ingested.

use highwater::backend::doctor::Diagnosis;
use highwater::backend::edits::Edit;
use highwater::backend::finding::{FindingCode, Severity};
use highwater::vocabulary::Watermark;
use serde_json::{Value, json};

use super::{TABLES, diagnoses, diagnosis, examine, has, ingest, insert, name, pretty, second};
use crate::support::{self, Database, Stage, table};

/// Inserts a late row into `payment`, with the timestamp of row `like`.
async fn insert_late(database: &Database, id: i64, like: i64) {
    let statement = format!(
        "INSERT INTO payment VALUES ({id}, '2024-05-16 10:00'::timestamp + {like} * interval '1 s')"
    );
    database.run(&statement).await;
}

/// Rows 1–10, 11–20 and 21–30, as one object each.
async fn three_objects(database: &Database, stage: &Stage) {
    database.run("TRUNCATE payment, payment_type").await;
    for last in [10, 20, 30] {
        insert(database, last - 9, last).await;
        ingest(stage, "payment").await;
    }
}

/// These objects, and a row that came after them with the timestamp of row 15; `None` without a server.
async fn with_a_late_row() -> Option<(Database, Stage)> {
    let database = support::postgres()?;
    database.run(TABLES).await;
    let stage = Stage::local(&database).await;
    three_objects(&database, &stage).await;
    insert_late(&database, 100, 15).await;
    Some((database, stage))
}

/// The command that a finding suggests, as the words after the program.
#[track_caller]
fn advised(step: &str) -> Vec<&str> {
    let (_, command) = step.split_once("highwater ").expect("a command");
    command.split(' ').collect()
}

fn missed(found: &[Diagnosis]) -> Option<&Diagnosis> {
    let mut found = found.iter();
    found.find(|one| one.code() == FindingCode::RowsMissed)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_behind_the_timestamp_are_told_until_they_are_written_as_advised() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for stage in Stage::all(&database).await {
        three_objects(&database, &stage).await;
        assert_eq!(diagnoses(&stage).await, [], "{}", stage.name);
        for id in [100, 101] {
            insert_late(&database, id, 15).await;
        }
        let doctor = ["doctor", "payment", "--output", "json"];
        let found = stage.sandbox.run(&doctor).expect_code(3).json();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");
        let found = &found[0];
        assert_eq!(found["code"], "rows-missed");
        assert_eq!(found["severity"], "warning");
        let message = found["message"].as_str().expect("a message");
        let said = "at least 2 rows were missed: the table has 12 rows from";
        assert!(message.starts_with(said), "{message}");
        let evidence = &found["evidence"];
        let key = "payment/payment_00000002.jsonl";
        assert_eq!(evidence["objects"], json!([key]));
        assert_eq!(evidence["from"], second(10));
        assert_eq!(evidence["to"], second(20));
        assert_eq!(evidence["object_rows"], 10);
        assert_eq!(evidence["table_rows"], 12);

        let step = evidence["next_step"].as_str().expect("a next step");
        let words = [advised(step), vec!["--yes"]].concat();
        stage.sandbox.run(&words).expect_code(0);
        let written = stage.ids("payment").await;
        assert_eq!((written[&100], written[&101]), (1, 1), "{}", stage.name);
        let found = stage.sandbox.run(&doctor).expect_code(0).json();
        assert_eq!(found, Value::Array(Vec::new()), "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missed_after_a_backfill_is_told_by_the_object_of_that() {
    let Some((database, stage)) = with_a_late_row().await else {
        return;
    };
    let range = ["--from", &second(11), "--to", &second(21), "--yes"];
    let words = [&["backfill", "payment"][..], &range].concat();
    stage.sandbox.run(&words).expect_code(0);
    assert_eq!(diagnoses(&stage).await, []);
    insert_late(&database, 102, 20).await;
    let found = diagnosis(&stage).await;
    let key = "payment/payment_00000004.jsonl";
    assert_eq!(found.evidence.get("objects"), Some(&json!([key])));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_object_is_read_again_from_the_oldest_row_on() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    let stage = Stage::local(&database).await;
    three_objects(&database, &stage).await;
    insert_late(&database, 100, -5_000).await;
    let found = diagnosis(&stage).await;
    assert_eq!(found.evidence.get("from"), None);
    let step = found.next_step().expect("a next step");
    let from = format!("--from {}", second(-5_000));
    assert!(step.contains(&from), "{step}");
    let words = [advised(step), vec!["--yes"]].concat();
    stage.sandbox.run(&words).expect_code(0);
    assert_eq!(diagnoses(&stage).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_was_cut_and_one_whose_rows_went_on_say_nothing_of_others() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    let stage = Stage::local(&database).await;
    database.run("TRUNCATE payment").await;
    insert(&database, 1, 30).await;
    stage.ingest("payment", Some(7)).await;
    assert_eq!(diagnoses(&stage).await, []);
    let go_on = "UPDATE payment SET last_updated = last_updated + interval '1 min' WHERE id < 9";
    database.run(go_on).await;
    database.run("DELETE FROM payment WHERE id = 12").await;
    ingest(&stage, "payment").await;
    assert_eq!(diagnoses(&stage).await, []);
    // As many late rows as have gone from the second object, which held rows 8 to 14: nobody can tell.
    for id in [100, 101] {
        insert_late(&database, id, 12).await;
    }
    assert_eq!(diagnoses(&stage).await, []);
    insert_late(&database, 102, 12).await;
    let found = diagnosis(&stage).await;
    assert_eq!(found.finding.severity, Severity::Warning);
    assert_eq!(found.evidence.get("object_rows"), Some(&json!(7)));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_the_next_run_reads_are_not_missed() {
    let Some((_database, stage)) = with_a_late_row().await else {
        return;
    };
    assert!(missed(&diagnoses(&stage).await).is_some());
    let set_back = Edit {
        table: table("payment"),
        timestamp: Watermark::from_micros(1_715_853_612_000_000),
        sequence_id: None,
        reason: "late rows".to_owned(),
        force: false,
    };
    let plan = stage.backend.plan_edit(&set_back).await.expect("a plan");
    stage.backend.apply_edit(&plan).await.expect("applied");
    assert_eq!(missed(&diagnoses(&stage).await), None);
    ingest(&stage, "payment").await;
    assert_eq!(missed(&diagnoses(&stage).await), None);
    assert_eq!(stage.ids("payment").await[&100], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_where_the_bounds_may_mean_other_rows_now() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run(
            "CREATE TABLE payment (id int PRIMARY KEY, last_updated timestamp(3), created_at timestamp(3));
         CREATE TABLE payment_type (id int PRIMARY KEY, last_updated timestamp(3));
         CREATE INDEX ON payment (last_updated);
         CREATE INDEX ON payment (created_at);",
        )
        .await;
    let stage = Stage::local(&database).await;
    three_objects(&database, &stage).await;
    insert_late(&database, 100, 15).await;
    database
        .run("UPDATE payment SET created_at = '2024-05-16 10:00:15'")
        .await;
    let told = async |stage: &Stage| {
        let found = examine(stage, &["payment"]).await;
        has(&found, FindingCode::RowsMissed).is_some()
    };
    assert!(told(&stage).await);
    let by = "[profiles.test.tables.payment]\ntimestamp_columns";
    let stage = stage.configured(&format!("{by} = [\"created_at\"]")).await;
    assert!(!told(&stage).await, "by another column");
    let stage = Stage::local(&database).await;
    three_objects(&database, &stage).await;
    insert_late(&database, 100, 15).await;
    assert!(told(&stage).await);
    database
        .run("ALTER TABLE payment ALTER last_updated TYPE timestamp(0)")
        .await;
    assert!(!told(&stage).await, "rounded otherwise");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_of_another_program_may_hold_what_came_late() {
    let Some((_database, stage)) = with_a_late_row().await else {
        return;
    };
    assert!(missed(&diagnoses(&stage).await).is_some());
    let outsider = stage.outsider();
    let key = "payment/payment_00000004.jsonl";
    outsider.put_object(key, &pretty(15, 30)).await;
    for (which, value) in [("timestamp", second(30).as_str()), ("sequence_id", "4")] {
        let name = name(&stage, "payment", which);
        outsider.put_parameter(&name, value).await;
    }
    assert_eq!(diagnoses(&stage).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_both_kinds_and_keys_with_the_time_are_counted_as_they_are_ingested() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run(
            "CREATE TABLE payment (id int, a timestamp(0), b timestamptz);
         INSERT INTO payment SELECT i, '2024-07-16 10:00'::timestamp + i * interval '1 s',
             '2024-07-16 09:00+00'::timestamptz + i * interval '0.7 s' FROM generate_series(1, 20) i",
        )
        .await;
    let stage = Stage::local(&database).await;
    let zone = "timezone = \"Europe/London\"\ntimestamp_columns = [\"a\", \"b\"]";
    let key = "key = \"{date}/{table}_{seq:08}_{time}.jsonl\"\nformat = \"json-array\"";
    let stage = stage.with_setting("source", zone).await;
    let stage = stage.with_setting("objects", key).await;
    stage.ingest("payment", Some(6)).await;
    assert_eq!(diagnoses(&stage).await, []);
    // Ten o'clock in London, like the others.
    database
        .run("INSERT INTO payment VALUES (100, '2024-07-16 10:00:03', '2024-07-16 08:00+00')")
        .await;
    let found = diagnosis(&stage).await;
    assert_eq!(found.code(), FindingCode::RowsMissed);
    assert_eq!(found.evidence.get("table_rows"), Some(&json!(7)));
    let stage = stage
        .with_setting("objects", "consumers = \"remove\"")
        .await;
    assert_eq!(diagnoses(&stage).await, [], "what is gone cannot be known");
}
