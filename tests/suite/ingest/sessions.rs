//! Sessions whose transactions are hard to see.

use highwater::backend::finding::FindingCode;
use highwater::backend::ingest::{IngestOptions, IngestPlan, Outcome};
use tokio_postgres::Client;

use super::{TABLE, at, each_once, ingest, written};
use crate::support::{self, Cluster, ClusterSettings, Stage, table};

#[tokio::test(flavor = "multi_thread")]
async fn transactions_of_one_message_have_begun_when_it_came() {
    const TRANSACTIONS: i64 = 20_000;
    let Some(database) = support::postgres() else {
        return;
    };
    // To the microsecond: rows that are rounded down below the horizon are what settle is for.
    database
        .run(
            "CREATE TABLE payment (id int, last_updated timestamptz DEFAULT now());
             CREATE INDEX ON payment (last_updated)",
        )
        .await;
    let stage = Stage::local(&database).await;
    let writer = database.client().await;
    let writing = tokio::spawn(async move {
        writer
            .batch_execute("SET synchronous_commit = off")
            .await
            .expect("set");
        let each = (1..=TRANSACTIONS)
            .map(|id| format!("BEGIN; INSERT INTO payment VALUES ({id}); COMMIT;"));
        let message: String = each.collect();
        writer.batch_execute(&message).await.expect("written");
    });
    while !writing.is_finished() {
        let report = ingest(&stage).await;
        assert_ne!(report.outcome, Outcome::Failed, "{report:?}");
    }
    writing.await.expect("no panic");
    ingest(&stage).await;
    let ids = stage.ids("payment").await;
    let written: usize = ids.values().sum();
    assert_eq!((ids.len(), written), (20_000, 20_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_does_not_tell_what_it_does_holds_the_horizon_once_it_has_written() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let silent = database.client().await;
    let row = |id: i32| format!("INSERT INTO payment VALUES ({id}, 'x', now() AT TIME ZONE 'UTC')");
    silent
        .batch_execute(&format!("SET track_activities = off; BEGIN; {}", row(1)))
        .await
        .expect("a row");
    database.run(&row(2)).await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    let plan = plan(&stage).await;
    let told = plan.horizon.findings.iter();
    let told: Vec<_> = told
        .filter(|finding| finding.code == FindingCode::MissingPrivilege)
        .collect();
    assert_eq!(told.len(), 1, "{:?}", plan.horizon.findings);
    assert!(
        told[0]
            .message
            .contains("track_activities is off in 1 session")
    );
    silent.batch_execute("COMMIT").await.expect("committed");
    ingest(&stage).await;
    each_once(&stage.ids("payment").await, 1..=2);
}

/// PostgreSQL has this limit from version 17 on; the statement that lifts it must not fail on older
/// versions.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_may_take_longer_than_a_transaction_of_the_role() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("INSERT INTO payment VALUES (1, 'x', '2024-05-16')")
        .await;
    let admin = database.client().await;
    let knows = "SELECT current_setting('server_version_num')::int >= 170000";
    let knows = admin.query_one(knows, &[]).await.expect("a version");
    if knows.get(0) {
        let name = database.name();
        let limit = format!("ALTER DATABASE \"{name}\" SET transaction_timeout = '200ms'");
        database.run(&limit).await;
    }
    let stage = Stage::local(&database).await;
    let (payment, before) = (table("payment"), at("2024-05-17"));
    let rows = stage.backend.collect_table_data(&payment, None, before);
    let mut rows = rows.await.expect("a snapshot");
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert!(rows.next().await.expect("a row").is_some());
    assert!(rows.next().await.expect("the end").is_none());
    let snapshot = rows.into_snapshot();
    let counted = snapshot.count(None, before).await.expect("a count");
    assert_eq!(counted.map(|cut| cut.rows), Some(1));
    snapshot.close().await;
}

/// A database in this encoding with one row, a stage that reads it, and another session in it.
async fn encoded(encoding: &str) -> Option<(Cluster, Stage, Client)> {
    let cluster = support::cluster(&ClusterSettings {
        statements: &format!("CREATE DATABASE old TEMPLATE template0 ENCODING '{encoding}'"),
        ..ClusterSettings::default()
    })?;
    let url = format!("postgres://postgres@127.0.0.1:{}/old", cluster.port());
    let stage = Stage::local(&cluster.database()).await.reading(&url).await;
    let other = support::connect(&url).await;
    other.batch_execute(TABLE).await.expect("a table");
    let row = "INSERT INTO payment VALUES (1, 'x', '2024-05-16')";
    other.batch_execute(row).await.expect("a row");
    Some((cluster, stage, other))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_is_no_utf_8_keeps_nothing_from_being_ingested() {
    let Some((_cluster, stage, other)) = encoded("SQL_ASCII").await else {
        return;
    };
    // Each letter has two bytes, so that the shown part of the text ends within a letter.
    let statement = format!("SELECT '{}'", "é".repeat(200));
    other.batch_execute("BEGIN").await.expect("begun");
    other.batch_execute(&statement).await.expect("a text");
    assert_eq!(written(&ingest(&stage).await), [1]);
    let plan = plan(&stage).await;
    let holder = plan.horizon.holder.expect("the other session");
    assert!(holder.query.starts_with("SELECT 'éé"), "{holder:?}");
}

/// Bytes that are not characters in `WIN1252`, as Windows programs leave them in texts.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_is_no_text_of_its_database_keeps_nothing_from_being_ingested() {
    let Some((_cluster, stage, other)) = encoded("WIN1252").await else {
        return;
    };
    // The letter's two bytes are taken for two characters, and the second is such a byte.
    let encoding = "SET client_encoding = 'WIN1252'";
    other.batch_execute(encoding).await.expect("an encoding");
    other.batch_execute("BEGIN").await.expect("begun");
    other.batch_execute("SELECT 'Á'").await.expect("a text");
    assert_eq!(written(&ingest(&stage).await), [1]);
    let holder = plan(&stage).await.horizon.holder;
    let holder = holder.expect("the other session");
    assert!(holder.query.starts_with("SELECT '"), "{holder:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_was_named_in_another_encoding_keeps_nothing_from_being_ingested() {
    let Some(cluster) = support::cluster(&ClusterSettings {
        statements: "CREATE DATABASE old TEMPLATE template0 ENCODING 'LATIN1'",
        ..ClusterSettings::default()
    }) else {
        return;
    };
    let of = |role: &str, name: &str| {
        let port = cluster.port();
        format!("postgres://{role}@127.0.0.1:{port}/{name}")
    };
    let url = of("postgres", "postgres");
    let stage = Stage::local(&cluster.database()).await.reading(&url).await;
    let admin = support::connect(&url).await;
    admin.batch_execute(TABLE).await.expect("a table");
    let row = "INSERT INTO payment VALUES (1, 'x', '2024-05-16')";
    admin.batch_execute(row).await.expect("a row");
    let role = "CREATE ROLE app LOGIN";
    admin.batch_execute(role).await.expect("a role");
    let other = support::connect(&of("app", "postgres")).await;
    other.batch_execute("BEGIN").await.expect("begun");
    let old = support::connect(&of("postgres", "old")).await;
    let renaming =
        "DO $$ BEGIN EXECUTE 'ALTER ROLE app RENAME TO \"J' || chr(252) || 'rgen\"'; END $$";
    old.batch_execute(renaming).await.expect("renamed");
    assert_eq!(written(&ingest(&stage).await), [1]);
    let holder = plan(&stage).await.horizon.holder;
    assert_eq!(holder.expect("the other session").user, "J\u{fffd}rgen");
}

async fn plan(stage: &Stage) -> IngestPlan {
    let (payment, options) = (table("payment"), IngestOptions::default());
    let plan = stage.backend.plan_ingest(&payment, options);
    plan.await.expect("a plan")
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_ingested_however_sessions_print_dates() {
    let Some(database) = support::postgres() else {
        return;
    };
    let fill = format!("{TABLE}; INSERT INTO payment VALUES (1, 'x', now() - interval '1 hour')");
    database.run(&fill).await;
    for (setting, value) in [
        ("DateStyle", "'German'"),
        ("IntervalStyle", "'sql_standard'"),
        ("TimeZone", "'Asia/Kolkata'"),
        ("extra_float_digits", "-15"),
    ] {
        let name = database.name();
        let set = format!("ALTER DATABASE \"{name}\" SET {setting} = {value}");
        database.run(&set).await;
    }
    let stage = Stage::local(&database).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    each_once(&stage.ids("payment").await, std::iter::once(1));
}
