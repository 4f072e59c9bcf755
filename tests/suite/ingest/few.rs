//! A few rows are written without being counted first, and how often that reads the table.

use std::time::Duration;

use highwater::backend::ingest::{IngestOptions, Outcome};
use highwater::backend::progress::Context;

use super::balanced::balanced;
use super::{TABLE, at, each_once, ingest, written};
use crate::support::{self, Database, Stage, eventually, table};

/// How often the table has been scanned from its beginning, by all sessions so far: they report it before they end
/// (PostgreSQL 15 and later).
async fn scans(database: &Database) -> i64 {
    let client = database.client().await;
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                  AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    eventually("all sessions are gone", async || {
        let row = client.query_one(others, &[]).await.expect("a count");
        row.get::<_, i64>(0) == 0
    })
    .await;
    let statement = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'payment'";
    let row = client.query_one(statement, &[]).await.expect("a count");
    row.get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn few_rows_are_read_once_and_nobody_counts_them() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 s' FROM generate_series(1, 10) i").await;
    let before = scans(&database).await;
    let stage = Stage::local(&database).await;
    assert_eq!(written(&ingest(&stage).await), [10]);
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    drop(stage);
    assert_eq!(scans(&database).await, before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_counted_in_a_snapshot_is_not_counted_there_again() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 s' FROM generate_series(1, 10) i").await;
    // Too many for one object, according to the statistics.
    database.run("ANALYZE payment").await;
    let before = scans(&database).await;
    let stage = Stage::local(&database).await;
    let report = stage.ingest("payment", Some(4)).await;
    assert_eq!(written(&report), [4, 4, 2]);
    drop(stage);
    // One scan counts all rows; for each of the first two batches, one finds its end and one the number of rows up to
    // it; for each batch, one reads its rows.
    let expected = before + 1 + 2 * 2 + 3;
    assert_eq!(scans(&database).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_turn_out_to_be_more_than_an_object_may_have_are_counted_after_all() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    for stage in Stage::all(&database).await {
        database.run("TRUNCATE payment; INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 s' FROM generate_series(1, 10) i").await;
        // Nothing is known of the table, so five rows are hoped for.
        let options = IngestOptions { max_rows: Some(5) };
        let context = Context::default();
        let payment = table("payment");
        let ingested = stage.backend.ingest(&payment, options, &context);
        assert_eq!(written(&ingested.await), [5, 5], "{}", stage.name);
        let progress = context.progress.snapshot();
        let counted = (progress.rows, progress.total_rows, progress.objects);
        assert_eq!(counted, (10, 10, 2), "{}", stage.name);
        each_once(&stage.ids("payment").await, 1..=10);
    }
}

/// A table of twelve rows whose values are stored out of line and compressed, so that its rows are small according
/// to the statistics.
async fn larger_than_known(database: &Database) {
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, repeat('x', 1000000), '2024-05-16'::timestamp + i * interval '1 s' FROM generate_series(1, 12) i").await;
    database.run("ANALYZE payment").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_turn_out_to_be_larger_than_was_hoped_for_are_counted_in_a_new_snapshot() {
    let Some(database) = support::postgres() else {
        return;
    };
    larger_than_known(&database).await;
    for stage in Stage::all(&database).await {
        let report = ingest(&stage).await;
        assert_eq!(written(&report), [12], "{}", stage.name);
        assert_eq!(report.objects[0].sequence_id.0, 1, "{}", stage.name);
        each_once(&stage.ids("payment").await, 1..=12);
        assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    }
    // If no other session is allowed, the new snapshot can have the session of the old one.
    let stage = Stage::local(&database).await;
    let stage = stage.with_setting("source", "max_connections = 1").await;
    let alone = tokio::time::timeout(Duration::from_mins(1), ingest(&stage)).await;
    assert_eq!(written(&alone.expect("an end")), [12]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_says_what_it_holds_though_that_was_known_only_after_its_first_bytes() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    // Several chunks of body, but less than any store accepts before it needs the metadata.
    database.run("INSERT INTO payment SELECT i, repeat('x', 1000), '2024-05-16'::timestamp + i * interval '1 s' FROM generate_series(1, 3000) i").await;
    for stage in Stage::all(&database).await {
        let report = ingest(&stage).await;
        assert_eq!(written(&report), [3000], "{}", stage.name);
        assert!(report.objects[0].bytes > 3 << 20, "{}", stage.name);
        let payment = table("payment");
        let objects = stage.backend.objects(&payment, 1).await;
        let object = &objects.expect("a listing")[0];
        let told = (object.rows, object.from, object.to);
        let to = at("2024-05-16 00:50:00");
        assert_eq!(told, (Some(3000), None, Some(to)), "{}", stage.name);
        // The next run checks the stored timestamp against it.
        assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_snapshot_comes_with_a_horizon_of_the_same_server() {
    let Some(database) = support::postgres() else {
        return;
    };
    larger_than_known(&database).await;
    let stage = balanced(Stage::local(&database).await, None).await;
    assert_eq!(written(&ingest(&stage).await), [12]);
}
