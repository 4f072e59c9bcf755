//! Objects named after the clock, and objects that consumers remove.

use highwater::backend::ingest::Outcome;
use highwater::vocabulary::{ObjectKey, SequenceId};
use serde_json::Value;

use super::{TABLE, each_once, ingest, stopped, written};
use crate::support::{self, Database, Stage};

/// A key that is named after the clock.
const DATED: &str =
    "[profiles.test.tables.payment]\nkey = \"{date}/{table}_{seq:08}_{time}.jsonl\"";

/// Inserts row `id`, on a day of its own.
async fn insert(database: &Database, id: i64) {
    let row = format!("INSERT INTO payment VALUES ({id}, 'x', '2024-05-15'::date + {id})");
    database.run(&row).await;
}

/// The stage with keys named after the clock, in which row 1 is the only row, and is in an object.
async fn begin(database: &Database, stage: Stage) -> Stage {
    database.run("TRUNCATE payment").await;
    insert(database, 1).await;
    let stage = stage.configured(DATED).await;
    assert_eq!(written(&ingest(&stage).await), [1], "{}", stage.name);
    stage
}

/// The key that the claim of a number promises.
async fn claimed(stage: &Stage, number: u64) -> String {
    let key = ObjectKey::new(format!("_highwater/claims/payment/{number:08}.json"));
    let claim = stage.backend.read_object(&key, 1).await.expect("a claim");
    let claim: Value = serde_json::from_str(&claim.lines[0]).expect("JSON");
    claim["key"].as_str().expect("a key").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_named_after_the_clock_are_claimed_first() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    for stage in Stage::all(&database).await {
        let stage = begin(&database, stage).await;
        assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
        insert(&database, 2).await;
        let report = ingest(&stage).await;
        assert_eq!(written(&report), [1], "{}", stage.name);
        let claimed = claimed(&stage, 2).await;
        assert_eq!(claimed, report.objects[0].key.as_str(), "{}", stage.name);
        each_once(&stage.ids("payment").await, 1..=2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_were_claimed_under_another_name_are_found_and_gone_on_after() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    for stage in Stage::all(&database).await {
        let stage = begin(&database, stage).await;
        let stage = stage
            .with_setting("objects", "compression = \"zstd\"")
            .await;
        insert(&database, 2).await;
        let report = ingest(&stage).await;
        assert_eq!(written(&report), [1], "{}: {report:?}", stage.name);
        assert_eq!(report.objects[0].sequence_id, SequenceId(2));
        let key = report.objects[0].key.as_str();
        assert!(key.ends_with(".jsonl.zst"), "{key}");
    }
}

/// A stage in which a run has claimed the first object at `key`, and died.
async fn with_claim(database: &Database, key: &str) -> Stage {
    database.run(TABLE).await;
    insert(database, 1).await;
    let stage = Stage::local(database).await.configured(DATED).await;
    let claims = stage
        .sandbox
        .path()
        .join("objects/_highwater/claims/payment");
    std::fs::create_dir_all(&claims).expect("a folder");
    let claim = format!("{{\"key\":\"{key}\",\"run\":\"00000000-0000-0000-0000-000000000000\"}}");
    std::fs::write(claims.join("00000001.json"), claim).expect("written");
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_a_dead_run_left_is_finished_at_its_key() {
    let Some(database) = support::postgres() else {
        return;
    };
    let key = "2024-05-16/payment_00000001_10-00-00.jsonl";
    let stage = with_claim(&database, key).await;
    let report = ingest(&stage).await;
    assert_eq!(written(&report), [1]);
    assert_eq!(report.objects[0].key.as_str(), key);
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_a_dead_run_left_under_a_name_that_no_object_has_is_not_finished() {
    let Some(database) = support::postgres() else {
        return;
    };
    let key = "2024-05-16/payment_00000001_10-00-00.jsonl.gz";
    let stage = with_claim(&database, key).await;
    let report = ingest(&stage).await;
    assert_eq!(stopped(&report), "invalid");
    let said = report.error.expect("an error").message;
    assert!(
        said.contains(key) && said.contains("remove _highwater/claims/payment/00000001.json"),
        "{said}"
    );
    assert_eq!(stage.ids("payment").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_consumers_remove_objects_ingestion_goes_on_without_the_last_one() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    insert(&database, 1).await;
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
    insert(&database, 2).await;
    let report = ingest(&stage).await;
    assert_eq!(written(&report), [1]);
    assert_eq!(report.objects[0].sequence_id, SequenceId(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_values_are_no_first_run_where_claims_tell_of_objects_that_were_consumed() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let stage = stage
        .with_setting("objects", "consumers = \"remove\"")
        .await;
    for day in [16, 17] {
        let row = format!("INSERT INTO payment VALUES ({day}, 'x', '2024-05-{day}')");
        database.run(&row).await;
        assert_eq!(written(&ingest(&stage).await), [1]);
    }
    let folder = stage.sandbox.path();
    std::fs::remove_dir_all(folder.join("objects/payment")).expect("consumed");
    for suffix in ["", "-wal", "-shm"] {
        let file = folder.join(format!("parameters.db{suffix}"));
        let _ = std::fs::remove_file(file);
    }
    assert_eq!(stopped(&ingest(&stage).await), "timestamp-missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_of_another_program_is_found_where_an_edit_moved_the_timestamp_past_its_day() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await.configured(DATED).await;
    let outsider = stage.outsider();
    let line = "{\"id\":1,\"note\":\"x\",\"last_updated\":\"2024-05-11T00:00:00\"}\n";
    outsider
        .put_object("2024-05-11/payment_00000004_10-00-00.jsonl", line)
        .await;
    outsider
        .put_parameter("/highwater/payment/sequence_id", "4")
        .await;
    outsider
        .put_parameter("/highwater/payment/timestamp", "2024-05-11T00:00:00Z")
        .await;
    let to = "2024-05-16T00:00:00Z";
    let edit = ["params", "set", "payment", "--timestamp", to, "--yes"];
    let edit = [&edit[..], &["--reason", "moved"]].concat();
    stage.sandbox.run(&edit).expect_code(0);
    insert(&database, 2).await;
    let report = ingest(&stage).await;
    assert_eq!(written(&report), [1], "{report:?}");
    assert_eq!(report.objects[0].sequence_id, SequenceId(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_claim_of_another_environment_in_the_same_bucket_is_not_taken_over() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    insert(&database, 1).await;
    let apart = DATED.replace("{date}", "{env}/{date}");
    let stage = Stage::local(&database).await.configured(&apart).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    insert(&database, 2).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    // The values stored by the other profile, whose table has the same name.
    let outsider = stage.outsider();
    outsider
        .put_parameter(
            "/highwater/payment/timestamp",
            "2024-05-16T00:00:00.000000Z",
        )
        .await;
    outsider
        .put_parameter("/highwater/payment/sequence_id", "1")
        .await;
    let stage = stage.configured("[profiles.test]\nenv = \"prod\"").await;
    let report = ingest(&stage).await;
    let message = report.error.expect("an error").message;
    assert!(
        message.contains("a profile whose env is \"test\", not \"prod\""),
        "{message}"
    );
}
