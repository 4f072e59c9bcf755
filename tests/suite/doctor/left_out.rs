//! Objects of other programs that may not contain every row up to their end.

use highwater::backend::Error;
use highwater::backend::doctor::Diagnosis;
use highwater::backend::finding::FindingCode;
use highwater::backend::ingest::Outcome;

use super::{
    TABLES, each_once, examine, has, ids, ingest, insert, name, pretty, repair_of, second, writes,
};
use crate::support::{self, Database, Stage};

const SECOND: &str = "payment/payment_00000002.jsonl";

/// Stages with rows 1–20 in object 1.
async fn stages(database: &Database) -> Vec<Stage> {
    database.run(TABLES).await;
    insert(database, 1, 20).await;
    let stages = Stage::all(database).await;
    for stage in &stages {
        assert_eq!(ingest(stage, "payment").await.outcome, Outcome::Written);
    }
    stages
}

/// The finding of this code for `payment`.
async fn finding(stage: &Stage, code: FindingCode) -> Diagnosis {
    let found = examine(stage, &["payment"]).await;
    let one = has(&found, code).unwrap_or_else(|| panic!("{}: {found:#?}", stage.name));
    one.clone()
}

async fn put_value(stage: &Stage, which: &str, value: &str) {
    let name = name(stage, "payment", which);
    stage.outsider().put_parameter(&name, value).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_has_become_a_choice_since_it_was_shown_is_not_made() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        database.run("TRUNCATE payment").await;
        insert_between(&database, 1, 24).await;
        stage.outsider().put_object(SECOND, &pretty(21, 24)).await;
        let found = finding(&stage, FindingCode::StuckSequence).await;
        assert_eq!(ids(&found), ["use-object"]);
        let shown = repair_of(&found, "use-object");
        assert!(!shown.is_choice, "{shown:?}");
        // A row that is older than its transaction, so the object does not contain it.
        let late = "INSERT INTO payment VALUES (25, '2024-05-16 10:00:22.5')";
        database.run(late).await;
        let error = stage.backend.repair(shown).await.expect_err("a choice");
        assert!(matches!(error, Error::Outdated { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("would never be ingested: 1"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_updated_since_does_not_hide_one_that_came_late() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        database.run("TRUNCATE payment").await;
        insert_between(&database, 1, 20).await;
        // The object holds rows 21, 23 and 24; since then, row 23 has moved on and row 22 has
        // arrived.
        let body = pretty(21, 24).replace(&pretty_row(22), &pretty_row(21));
        stage.outsider().put_object(SECOND, &body).await;
        insert_between(&database, 21, 22).await;
        insert_between(&database, 24, 24).await;
        insert_between(&database, 30, 30).await;
        let found = finding(&stage, FindingCode::StuckSequence).await;
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        let text = &found.finding.message;
        assert!(text.contains("1 row of the table up to"), "{text}");
        let used = repair_of(&found, "use-object");
        let lost = "would never be ingested: 1";
        assert!(used.summary.contains(lost), "{}", used.summary);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_timestamp_rows_are_compared_from_where_the_last_own_object_ends() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        insert_between(&database, 21, 23).await;
        // Row 22 came late, so it is in no object.
        let partial = pretty(21, 23).replace(&pretty_row(22), &pretty_row(21));
        stage.outsider().put_object(SECOND, &partial).await;
        for (value, code) in [
            (None, FindingCode::TimestampMissing),
            (Some("yesterday"), FindingCode::TimestampUnreadable),
            (Some("2999-01-01 00:00:00"), FindingCode::TimestampInFuture),
        ] {
            let timestamp = name(&stage, "payment", "timestamp");
            put_value(&stage, "sequence_id", "2").await;
            match value {
                None => stage.outsider().delete_parameter(&timestamp).await,
                Some(value) => put_value(&stage, "timestamp", value).await,
            }
            let found = finding(&stage, code).await;
            let used = repair_of(&found, "use-object");
            assert!(used.is_choice, "{}: {used:?}", stage.name);
            let lost = "would never be ingested: 1";
            assert!(used.summary.contains(lost), "{}", used.summary);
        }
        stage.outsider().put_object(SECOND, &pretty(21, 23)).await;
        let found = finding(&stage, FindingCode::TimestampInFuture).await;
        let used = repair_of(&found, "use-object");
        assert!(!used.is_choice, "{}: {used:?}", stage.name);
        assert_eq!(writes(used), [("timestamp".to_owned(), Some(second(23)))]);
        // A later object with rows that were already there does not move the end back.
        stage.outsider().put_object(SECOND, &pretty(11, 15)).await;
        let found = finding(&stage, FindingCode::TimestampInFuture).await;
        let used = repair_of(&found, "use-object");
        assert!(!used.is_choice, "{}: {used:?}", stage.name);
        assert_eq!(writes(used), [("timestamp".to_owned(), Some(second(20)))]);
        database.run("DELETE FROM payment WHERE id > 20").await;
    }
}

/// Inserts rows `from..=to` into `payment` only.
async fn insert_between(database: &Database, from: u64, to: u64) {
    database
        .run(&format!(
            "INSERT INTO payment SELECT i, '2024-05-16 10:00'::timestamp + i * interval '1 s' FROM generate_series({from}, {to}) i"
        ))
        .await;
}

fn pretty_row(i: i64) -> String {
    let body = pretty(i, i);
    body.trim_start_matches("[\n")
        .trim_end_matches("\n]\n")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_cannot_be_stored_leaves_a_person_one_choice_and_says_why() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let format = "timestamp_format = \"%Y-%m-%d %H:%M:%S%.3f\"";
        let stage = stage.with_setting("parameters", format).await;
        let body = pretty(21, 25).replace("10:00:25.000", "10:00:25.000123");
        stage.outsider().put_object(SECOND, &body).await;
        put_value(&stage, "sequence_id", "2").await;
        put_value(&stage, "timestamp", "2024-05-16 10:00:22.000").await;
        let found = finding(&stage, FindingCode::TimestampMismatch).await;
        assert_eq!(ids(&found), ["keep-parameter"]);
        let text = &found.finding.message;
        assert!(
            text.contains("cannot be stored by timestamp_format"),
            "{text}"
        );
        for choice in [vec![], vec!["--choose", "use-object"]] {
            let words = ["doctor", "payment", "--repair", "--yes"];
            let run = stage.sandbox.run(&[&words[..], &choice].concat());
            run.expect_code(3);
            let again = finding(&stage, FindingCode::TimestampMismatch).await;
            assert_eq!(again, found, "nothing was done");
        }
        let words = ["doctor", "payment", "--repair", "--yes", "--choose"];
        let run = stage
            .sandbox
            .run(&[&words[..], &["keep-parameter"]].concat());
        assert!(run.stderr.contains("written again"), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_whose_rows_are_not_newer_is_gone_past_where_none_lies_in_between() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        // Another program that stores the time of its run.
        stage.outsider().put_object(SECOND, &pretty(21, 25)).await;
        put_value(&stage, "timestamp", &second(28)).await;
        insert(&database, 21, 25).await;
        let found = finding(&stage, FindingCode::StuckSequence).await;
        assert_eq!(ids(&found), ["use-number"]);
        insert(&database, 26, 27).await;
        let found = finding(&stage, FindingCode::StuckSequence).await;
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        let used = repair_of(&found, "use-object");
        let number = ("sequence_id".to_owned(), Some("2".to_owned()));
        let back = ("timestamp".to_owned(), Some(second(25)));
        assert_eq!(writes(used), [back, number]);
        stage.backend.repair(used).await.expect("repaired");
        assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
        each_once(&stage.ids("payment").await, 27);
        for table in ["payment", "payment_type"] {
            let delete = format!("DELETE FROM {table} WHERE id > 20");
            database.run(&delete).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_two_objects_does_not_make_up_for_another_of_the_same_moment() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        database.run("TRUNCATE payment").await;
        insert_between(&database, 1, 21).await;
        // Object 3 is a retry of object 2. Row 99 came late, with the timestamp of row 21.
        let third = "payment/payment_00000003.jsonl";
        for key in [SECOND, third] {
            stage.outsider().put_object(key, &pretty(21, 21)).await;
        }
        let late = "INSERT INTO payment VALUES (99, '2024-05-16 10:00:21')";
        database.run(late).await;
        let found = finding(&stage, FindingCode::StuckSequence).await;
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        let used = repair_of(&found, "use-object");
        let lost = "would never be ingested: 1";
        assert!(used.summary.contains(lost), "{}", used.summary);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_an_open_transaction_may_still_add_are_for_a_person_to_judge() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        database.run("TRUNCATE payment").await;
        insert_between(&database, 1, 20).await;
        let writer = database.client().await;
        let late = "BEGIN; INSERT INTO payment VALUES (98, now() AT TIME ZONE 'UTC')";
        writer.batch_execute(late).await.expect("open");
        let read = "INSERT INTO payment VALUES (99, now() AT TIME ZONE 'UTC')
                    RETURNING row_to_json(payment)::text";
        let row = database.client().await.query_one(read, &[]).await;
        let row: String = row.expect("a row").get(0);
        stage.outsider().put_object(SECOND, &row).await;
        let found = finding(&stage, FindingCode::StuckSequence).await;
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        let used = repair_of(&found, "use-object");
        let unknown = "open transactions may still add";
        assert!(used.summary.contains(unknown), "{}", used.summary);
        let timestamp = name(&stage, "payment", "timestamp");
        stage.outsider().delete_parameter(&timestamp).await;
        let found = finding(&stage, FindingCode::TimestampMissing).await;
        let used = repair_of(&found, "use-object");
        assert!(used.is_choice, "{}: {used:?}", stage.name);
        writer.batch_execute("ROLLBACK").await.expect("over");
    }
}
