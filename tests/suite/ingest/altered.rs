//! Tables that are rewritten or altered just before they are read.

use highwater::backend::ingest::IngestReport;

use super::{TABLE, each_once, ingest, written};
use crate::support::{self, Database, Stage, eventually, table};

/// Ingests while `changes` are made in a transaction that ends only once the ingestion waits for it.
async fn meanwhile(database: &Database, stage: &Stage, changes: &str) -> IngestReport {
    let other = database.client().await;
    other
        .batch_execute(&format!("BEGIN; {changes}"))
        .await
        .expect("changes that can be made");
    let watcher = database.client().await;
    let release = async {
        let waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database =
                       (SELECT oid FROM pg_database WHERE datname = current_database()))";
        eventually("somebody waits", async || {
            let waits = watcher.query_one(waiting, &[]).await.expect("an answer");
            waits.get(0)
        })
        .await;
        other.batch_execute("COMMIT").await.expect("committed");
    };
    let (report, ()) = tokio::join!(ingest(stage), release);
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_a_partition_that_is_rewritten_or_swapped_are_not_passed() {
    let Some(database) = support::postgres() else {
        return;
    };
    let parted = "
        CREATE TABLE payment (id int, note text, last_updated timestamp(3)) PARTITION BY LIST (id);
        CREATE TABLE payment_1 PARTITION OF payment FOR VALUES IN (1);
        CREATE UNLOGGED TABLE payment_2 PARTITION OF payment FOR VALUES IN (2);
        INSERT INTO payment VALUES (1, 'x', '2024-05-16'), (2, 'x', '2024-05-16 00:00:01')";
    let swapped = "
        LOCK TABLE payment; CREATE TABLE other (LIKE payment_2);
        INSERT INTO other SELECT * FROM payment_2;
        ALTER TABLE payment DETACH PARTITION payment_2; DROP TABLE payment_2;
        ALTER TABLE payment ATTACH PARTITION other FOR VALUES IN (2)";
    for changes in ["ALTER TABLE payment_2 SET LOGGED", swapped] {
        database.run("DROP TABLE IF EXISTS payment").await;
        database.run(parted).await;
        let stage = Stage::local(&database).await;
        let report = meanwhile(&database, &stage, changes).await;
        assert_eq!(written(&report), [2], "{changes}");
        each_once(&stage.ids("payment").await, 1..=2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_whose_type_changes_is_read_by_the_type_that_it_has_then() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("ALTER TABLE payment ADD rate int; INSERT INTO payment VALUES (1, 'x', '2024-05-16', 7)")
        .await;
    let stage = Stage::local(&database).await;
    let retyped = "ALTER TABLE payment DROP rate; ALTER TABLE payment ADD rate float4 DEFAULT 1.5";
    let report = meanwhile(&database, &stage, retyped).await;
    assert_eq!(written(&report), [1]);
    let key = &report.objects[0].key;
    let mut rows = stage.backend.object_rows(key);
    let row = rows.next_row().await.expect("a row").expect("one");
    assert!(row.ends_with("\"rate\":1.5}"), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_dropped_meanwhile_is_unknown() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let report = meanwhile(&database, &stage, "DROP TABLE payment").await;
    let error = report.error.expect("an error");
    assert_eq!(error.code, "unknown-table", "{error:?}");
    assert_eq!(report.table, table("payment"));
}
