//! What an object carries, and runs that do not reach their commit.

use highwater::backend::ingest::{IngestOptions, Outcome};
use highwater::backend::progress::Context;
use highwater::backend::provenance::Provenance;

use super::{TABLE, at, each_once, ingest, stopped};
use crate::support::{self, Stage, table};

#[tokio::test(flavor = "multi_thread")]
async fn an_object_and_both_values_say_which_run_wrote_them_and_what() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("INSERT INTO payment VALUES (1, 'é', '2024-05-16 10:00:00.123')")
        .await;
    for stage in Stage::all(&database).await {
        ingest(&stage).await;
        let payment = table("payment");
        let object = stage
            .backend
            .objects(&payment, 1)
            .await
            .expect("a listing")
            .remove(0);
        assert_eq!(
            (object.rows, object.to),
            (Some(1), Some(at("2024-05-16 10:00:00.123"))),
            "{}",
            stage.name
        );
        let run = object.run.expect("the run's id");
        let history = stage.backend.history(&payment).await.expect("a history");
        assert_eq!(history.len(), 2);
        for entry in history {
            assert_eq!(
                entry.description,
                format!("highwater run={run} seq=1"),
                "{}",
                stage.name
            );
            assert!(matches!(
                Provenance::from_description(&entry.description),
                Provenance::Run { .. }
            ));
        }
        let journal = stage.backend.journal(10).await.expect("a journal");
        assert_eq!(journal[0].what, "payment/payment_00000001.jsonl");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_of_an_object_is_what_other_programs_read() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("INSERT INTO payment VALUES (1, 'x', '2024-05-16 10:00:00.123')")
        .await;
    for stage in Stage::all(&database).await {
        let Some(emulator) = &stage.emulator else {
            continue;
        };
        ingest(&stage).await;
        let profile = support::profile(&stage.sandbox);
        let highwater::config::ObjectStoreConfig::S3 { bucket } = &profile.objects.store else {
            panic!("S3")
        };
        let head = emulator
            .s3()
            .head_object()
            .bucket(bucket)
            .key("payment/payment_00000001.jsonl")
            .send()
            .await
            .expect("there");
        let metadata = head.metadata().expect("metadata");
        let value = |key: &str| {
            metadata
                .get(&format!("highwater-{key}"))
                .map(String::as_str)
        };
        assert_eq!(value("kind"), Some("ingest"), "{}", stage.name);
        assert_eq!(value("to"), Some("2024-05-16T10:00:00.123000Z"));
        assert_eq!(value("watermark"), Some("2024-05-16T10:00:00.123000Z"));
        assert_eq!((value("seq"), value("rows")), (Some("1"), Some("1")));
        assert_eq!(head.content_type(), Some("application/x-ndjson"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_leaves_nothing_half_written() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, repeat('x', 1000), '2024-05-16'::timestamp + i * interval '1 ms' FROM generate_series(1, 50000) i").await;
    for stage in Stage::all(&database).await {
        let context = Context::default();
        let backend = stage.backend.clone();
        let watched = context.clone();
        let run = tokio::spawn(async move {
            backend
                .ingest(&table("payment"), IngestOptions::default(), &watched)
                .await
        });
        while context.progress.snapshot().rows == 0 && !run.is_finished() {
            tokio::task::yield_now().await;
        }
        context.cancel.cancel();
        let report = run.await.expect("no panic");
        assert_eq!(
            report.outcome,
            Outcome::Skipped,
            "{}: {report:?}",
            stage.name
        );
        assert!(
            stage
                .backend
                .objects(&table("payment"), 10)
                .await
                .expect("a listing")
                .is_empty(),
            "{}",
            stage.name
        );
        let stored = stage
            .backend
            .stored(&table("payment"))
            .await
            .expect("answered");
        assert_eq!((stored.timestamp, stored.sequence_id), (None, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_write_every_row_once() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 ms' FROM generate_series(1, 1000) i").await;
    // Only on stores in which creation is atomic.
    for stage in Stage::all(&database)
        .await
        .into_iter()
        .filter(|stage| stage.name != "moto")
    {
        let (first, second) = tokio::join!(ingest(&stage), ingest(&stage));
        assert!(
            [&first, &second]
                .iter()
                .any(|report| report.outcome == Outcome::Written),
            "{first:?} {second:?}"
        );
        each_once(&stage.ids("payment").await, 1..=1000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_cannot_be_stored_is_noticed_before_the_commit() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("INSERT INTO payment VALUES (1, 'x', '2024-05-16 10:00:00.123')")
        .await;
    let format = "timestamp_format = \"%Y-%m-%d %H:%M:%S\"";
    let stage = Stage::local(&database)
        .await
        .with_setting("parameters", format)
        .await;
    let code = "timestamp-format-loses-precision";
    let plan = stage
        .backend
        .plan_ingest(&table("payment"), IngestOptions::default())
        .await;
    assert_eq!(plan.expect_err("it would be lost").code(), code);
    assert_eq!(stopped(&ingest(&stage).await), code);
    let objects = stage
        .backend
        .objects(&table("payment"), 10)
        .await
        .expect("a listing");
    assert!(objects.is_empty(), "{objects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_fails_in_bounded_time_and_hangs_no_other() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("CREATE TABLE staff (id int, last_updated timestamp)")
        .await;
    let stage = Stage::local(&database).await;
    let locker = database.client().await;
    locker
        .batch_execute("BEGIN; LOCK TABLE payment IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    let report = tokio::time::timeout(std::time::Duration::from_secs(40), ingest(&stage)).await;
    let report = report.expect("bounded");
    assert_eq!(stopped(&report), "failed", "{report:?}");
    let message = &report.error.as_ref().expect("an error").message;
    assert!(
        message.contains("lock timeout") && message.contains("payment"),
        "{message}"
    );
    let staff = stage
        .backend
        .plan_ingest(&table("staff"), IngestOptions::default())
        .await;
    assert_eq!(staff.expect("another table").rows, 0);
}
