//! The commit protocol's clean path, and that everything else stops with its finding.

use std::collections::BTreeMap;

use highwater::backend::ingest::{IngestOptions, IngestReport, Outcome};
use highwater::backend::params::Edit;
use highwater::backend::progress::Context;
use highwater::backend::provenance::Provenance;
use highwater::backend::{SequenceId, Watermark};

use crate::support::{self, Database, Stage, table};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_takes_everything_and_the_next_one_only_what_is_newer() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    for stage in Stage::all(&database).await {
        sql(&database, "TRUNCATE payment; INSERT INTO payment SELECT i, 'x', '2024-05-16 10:00'::timestamp + i * interval '1 s' FROM generate_series(1, 100) i").await;
        assert_eq!(written(&ingest(&stage).await), [100], "{}", stage.name);
        let payment = table("payment");
        assert_eq!(
            stage
                .backend
                .get_timestamp(&payment)
                .await
                .expect("recorded"),
            at("2024-05-16 10:01:40")
        );
        assert_eq!(
            stage.backend.get_seq_id(&payment).await.expect("recorded"),
            SequenceId(1)
        );
        assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
        sql(&database, "INSERT INTO payment VALUES (101, 'y', '2024-05-16 10:01:40.001'), (102, 'y', '2024-05-17')").await;
        let report = ingest(&stage).await;
        assert_eq!(written(&report), [2], "{}", stage.name);
        assert_eq!(report.objects[0].sequence_id, SequenceId(2));
        assert_eq!(report.objects[0].from, Some(at("2024-05-16 10:01:40")));
        assert_eq!(report.objects[0].to, at("2024-05-17"));
        each_once(&ids(&stage).await, 1..=102);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_and_both_values_say_which_run_wrote_them_and_what() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(
        &database,
        "INSERT INTO payment VALUES (1, 'é', '2024-05-16 10:00:00.123')",
    )
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
    sql(&database, TABLE).await;
    sql(
        &database,
        "INSERT INTO payment VALUES (1, 'x', '2024-05-16 10:00:00.123')",
    )
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
async fn a_batch_is_cut_below_the_limit_and_never_between_equal_timestamps() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    // Groups of 2, 3, 7, 1 rows of equal timestamps.
    sql(
        &database,
        "INSERT INTO payment SELECT row_number() OVER (), 'x', '2024-05-16'::timestamp + g * interval '1 h'
         FROM unnest(ARRAY[2, 3, 7, 1]) WITH ORDINALITY AS groups(n, g), generate_series(1, n)",
    )
    .await;
    for stage in Stage::all(&database).await {
        let options = IngestOptions { max_rows: Some(4) };
        let plan = stage
            .backend
            .plan_ingest(&table("payment"), options)
            .await
            .expect("a plan");
        assert_eq!(
            plan.objects
                .iter()
                .map(|object| object.rows)
                .collect::<Vec<_>>(),
            [2, 3, 7, 1]
        );
        let report = stage
            .backend
            .ingest(&table("payment"), options, &Context::default())
            .await;
        assert_eq!(written(&report), [2, 3, 7, 1], "{}", stage.name);
        assert_eq!(
            report
                .objects
                .iter()
                .map(|object| object.sequence_id.0)
                .collect::<Vec<_>>(),
            [1, 2, 3, 4]
        );
        let bounds: Vec<_> = report
            .objects
            .iter()
            .map(|object| (object.from, object.to))
            .collect();
        assert!(
            bounds.windows(2).all(|pair| pair[1].0 == Some(pair[0].1)),
            "the bounds meet: {bounds:?}"
        );
        each_once(&ids(&stage).await, 1..=13);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_larger_than_the_buffer_goes_up_in_parts() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(&database, "INSERT INTO payment SELECT i, repeat('x', 1000), '2024-05-16'::timestamp + i * interval '1 ms' FROM generate_series(1, 20000) i").await;
    for stage in Stage::all(&database).await {
        let report = ingest(&stage).await;
        assert_eq!(written(&report), [20_000], "{}", stage.name);
        assert!(report.objects[0].bytes > 20 << 20, "more than one buffer");
        each_once(&ids(&stage).await, 1..=20_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_an_open_transaction_hold_the_horizon_and_are_not_lost() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    let stage = Stage::local(&database).await;
    let late = database.client().await;
    // No xid yet: it has not written anything, and still counts.
    late.batch_execute("BEGIN; SELECT now()")
        .await
        .expect("a transaction");
    sql(&database, "INSERT INTO payment VALUES (1, 'before', '2024-05-16'), (2, 'after', now() AT TIME ZONE 'UTC')").await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    let plan = stage
        .backend
        .plan_ingest(&table("payment"), IngestOptions::default())
        .await
        .expect("a plan");
    assert_eq!(plan.rows, 0);
    let holder = plan
        .horizon
        .holder
        .expect("somebody holds the horizon back");
    assert!(holder.query.contains("SELECT now()"), "{holder:?}");
    late.batch_execute("INSERT INTO payment VALUES (3, 'late', now() AT TIME ZONE 'UTC'); COMMIT")
        .await
        .expect("committed");
    assert_eq!(written(&ingest(&stage).await), [2]);
    each_once(&ids(&stage).await, 1..=3);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_transaction_is_prepared_nothing_is_ingested() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(
        &database,
        "INSERT INTO payment VALUES (1, 'x', '2024-05-16')",
    )
    .await;
    let stage = Stage::local(&database).await;
    let gid = support::unique("gid");
    let client = database.client().await;
    client
        .batch_execute(&format!(
            "BEGIN; INSERT INTO payment VALUES (2, 'x', '2024-05-17'); PREPARE TRANSACTION '{gid}'"
        ))
        .await
        .expect("prepared");
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    client
        .batch_execute(&format!("COMMIT PREPARED '{gid}'"))
        .await
        .expect("committed");
    assert_eq!(written(&ingest(&stage).await), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn null_infinite_and_future_rows_are_left_out() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(&database, "INSERT INTO payment VALUES (1, '', '2024-05-16'), (2, '', NULL), (3, '', 'infinity'), (4, '', '-infinity'), (5, '', '2999-01-01')").await;
    let stage = Stage::local(&database).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    each_once(&ids(&stage).await, 1..=1);
}

#[tokio::test(flavor = "multi_thread")]
async fn state_that_only_an_operator_may_resolve_stops_with_its_finding() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(&database, "INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 h' FROM generate_series(1, 10) i").await;
    for stage in Stage::all(&database).await {
        let backend = &stage.backend;
        let payment = table("payment");
        backend
            .write_timestamp(&payment, at("2024-05-16"), &Provenance::Other)
            .await
            .expect("written");
        assert_eq!(
            stopped(&ingest(&stage).await),
            "sequence-missing",
            "{}",
            stage.name
        );
        backend
            .write_seq_id(&payment, SequenceId(1), &Provenance::Other)
            .await
            .expect("written");
        assert_eq!(
            stopped(&ingest(&stage).await),
            "sequence-ahead",
            "{}",
            stage.name
        );
    }
    for stage in Stage::all(&database).await {
        let payment = table("payment");
        assert_eq!(written(&ingest(&stage).await), [10]);
        stage
            .backend
            .write_timestamp(&payment, at("2024-05-16"), &Provenance::Other)
            .await
            .expect("written");
        assert_eq!(
            stopped(&ingest(&stage).await),
            "timestamp-mismatch",
            "{}: edited outside",
            stage.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deliberate_edit_is_honoured() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(&database, "INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 h' FROM generate_series(1, 10) i").await;
    for stage in Stage::all(&database).await {
        assert_eq!(written(&ingest(&stage).await), [10]);
        let edit = Edit {
            table: table("payment"),
            timestamp: Some(at("2024-05-16 07:00")),
            sequence_id: None,
            reason: "again".to_owned(),
            force: false,
        };
        let plan = stage.backend.plan_edit(&edit).await.expect("a plan");
        assert_eq!(
            plan.consequence,
            Some(highwater::backend::params::Consequence::ReIngests(3)),
            "{}",
            stage.name
        );
        stage.backend.apply_edit(&plan).await.expect("applied");
        let error = stage
            .backend
            .apply_edit(&plan)
            .await
            .expect_err("the value has moved");
        assert!(error.is_interference(), "{error:?}");
        assert_eq!(written(&ingest(&stage).await), [3], "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_named_after_the_clock_are_claimed_first() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    for stage in Stage::all(&database).await {
        sql(
            &database,
            "TRUNCATE payment; INSERT INTO payment VALUES (1, 'x', '2024-05-16')",
        )
        .await;
        let change =
            "[profiles.test.tables.payment]\nkey = \"{date}/{table}_{seq:08}_{time}.jsonl\"";
        let stage = stage.configured(change).await;
        assert_eq!(written(&ingest(&stage).await), [1], "{}", stage.name);
        assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
        sql(
            &database,
            "INSERT INTO payment VALUES (2, 'x', '2024-05-17')",
        )
        .await;
        assert_eq!(written(&ingest(&stage).await), [1], "{}", stage.name);
        each_once(&ids(&stage).await, 1..=2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_leaves_nothing_half_written() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(&database, "INSERT INTO payment SELECT i, repeat('x', 1000), '2024-05-16'::timestamp + i * interval '1 ms' FROM generate_series(1, 50000) i").await;
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
    sql(&database, TABLE).await;
    sql(&database, "INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 ms' FROM generate_series(1, 1000) i").await;
    // Over the stores whose creation is atomic.
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
        each_once(&ids(&stage).await, 1..=1000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_cannot_be_stored_is_noticed_before_the_commit() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(
        &database,
        "INSERT INTO payment VALUES (1, 'x', '2024-05-16 10:00:00.123')",
    )
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
async fn a_claim_that_a_dead_run_left_is_finished_at_its_key() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(
        &database,
        "INSERT INTO payment VALUES (1, 'x', '2024-05-16')",
    )
    .await;
    let change = "[profiles.test.tables.payment]\nkey = \"{date}/{table}_{seq:08}_{time}.jsonl\"";
    let stage = Stage::local(&database).await.configured(change).await;
    let claims = stage
        .sandbox
        .path()
        .join("objects/_highwater/claims/payment");
    std::fs::create_dir_all(&claims).expect("a folder");
    let key = "2024-05-16/payment_00000001_10-00-00.jsonl";
    let claim = format!("{{\"key\":\"{key}\",\"run\":\"00000000-0000-0000-0000-000000000000\"}}");
    std::fs::write(claims.join("00000001.json"), claim).expect("written");
    let report = ingest(&stage).await;
    assert_eq!(written(&report), [1]);
    assert_eq!(report.objects[0].key.as_str(), key);
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_consumers_remove_objects_ingestion_goes_on_without_the_last_one() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(
        &database,
        "INSERT INTO payment VALUES (1, 'x', '2024-05-16')",
    )
    .await;
    let stage = Stage::local(&database).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    let object = stage
        .sandbox
        .path()
        .join("objects/payment/payment_00000001.jsonl");
    std::fs::remove_file(&object).expect("consumed");
    assert_eq!(
        stopped(&ingest(&stage).await),
        "sequence-ahead",
        "objects are kept, by default"
    );
    let stage = stage
        .with_setting("objects", "consumers = \"remove\"")
        .await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    sql(
        &database,
        "INSERT INTO payment VALUES (2, 'x', '2024-05-17')",
    )
    .await;
    let report = ingest(&stage).await;
    assert_eq!(written(&report), [1]);
    assert_eq!(report.objects[0].sequence_id, SequenceId(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watermark_in_the_future_stops_the_table_instead_of_silencing_it() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(
        &database,
        "INSERT INTO payment VALUES (1, 'x', '2024-05-16')",
    )
    .await;
    let stage = Stage::local(&database).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    let edit = Provenance::Edit {
        by: "tester".to_owned(),
        reason: "a slip".to_owned(),
    };
    let future = at("2999-01-01");
    stage
        .backend
        .write_timestamp(&table("payment"), future, &edit)
        .await
        .expect("written");
    assert_eq!(stopped(&ingest(&stage).await), "timestamp-in-future");
}

#[tokio::test(flavor = "multi_thread")]
async fn naive_timestamps_are_those_of_the_profiles_zone() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    // Before, in and after the hour that London repeats, and one it skips.
    sql(
        &database,
        "INSERT INTO payment VALUES (1, 'x', '2024-03-31 00:59'), (2, 'x', '2024-03-31 01:30'), (3, 'x', '2024-03-31 02:15'),
                                    (4, 'x', '2024-10-27 00:59'), (5, 'x', '2024-10-27 01:30'), (6, 'x', '2024-10-27 02:00')",
    )
    .await;
    let stage = Stage::local(&database)
        .await
        .with_setting("source", "timezone = \"Europe/London\"")
        .await;
    let options = IngestOptions { max_rows: Some(2) };
    let report = stage
        .backend
        .ingest(&table("payment"), options, &Context::default())
        .await;
    assert_eq!(report.outcome, Outcome::Written, "{report:?}");
    each_once(&ids(&stage).await, 1..=6);
    let stored = stage
        .backend
        .get_timestamp(&table("payment"))
        .await
        .expect("recorded");
    assert_eq!(stored, at("2024-10-27T02:00:00Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_timestamp_columns_the_greatest_counts() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(
        &database,
        "CREATE TABLE payment (id int, created timestamptz, last_updated timestamp)",
    )
    .await;
    sql(
        &database,
        "INSERT INTO payment VALUES (1, '2024-05-18Z', '2024-05-16'), (2, NULL, '2024-05-17')",
    )
    .await;
    let change =
        "[profiles.test.tables.payment]\ntimestamp_columns = [\"created\", \"last_updated\"]";
    let stage = Stage::local(&database).await.configured(change).await;
    assert_eq!(written(&ingest(&stage).await), [2]);
    sql(
        &database,
        "INSERT INTO payment VALUES (3, '2024-05-17Z', '2024-05-19'), (4, '2024-05-17Z', NULL)",
    )
    .await;
    assert_eq!(
        written(&ingest(&stage).await),
        [1],
        "row 4 is older than the watermark"
    );
    let stored = stage
        .backend
        .get_timestamp(&table("payment"))
        .await
        .expect("recorded");
    assert_eq!(stored, at("2024-05-19"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_fails_in_bounded_time_and_hangs_no_other() {
    let Some(database) = support::postgres() else {
        return;
    };
    sql(&database, TABLE).await;
    sql(
        &database,
        "CREATE TABLE staff (id int, last_updated timestamp)",
    )
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
