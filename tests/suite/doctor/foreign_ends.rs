//! Finding where objects of other programs end when that is not obvious: several objects, an unreadable object,
//! rows that no watermark passes.

use highwater::backend::finding::{FindingCode, Severity};
use highwater::backend::ingest::{IngestOptions, Outcome};

use super::{
    TABLES, diagnoses, diagnosis, each_once, ids, ingest, insert, name, pretty, repair_of, second,
    writes,
};
use crate::support::{self, Database, Stage, table};

/// Stages in which another program has written rows 1–10, 11–20 and 21–30 as objects 1 to 3, the last one with
/// `body`, and has stored number 3 and the time of row `to`.
async fn stages(database: &Database, body: &str, to: i64) -> Vec<Stage> {
    database
        .run("DROP TABLE IF EXISTS payment, payment_type")
        .await;
    database.run(TABLES).await;
    insert(database, 1, 30).await;
    let stages = Stage::all(database).await;
    for stage in &stages {
        let outsider = stage.outsider();
        for (number, body) in [
            (1, pretty(1, 10)),
            (2, pretty(11, 20)),
            (3, body.to_owned()),
        ] {
            let key = format!("payment/payment_{number:08}.jsonl");
            outsider.put_object(&key, &body).await;
        }
        let number = name(stage, "payment", "sequence_id");
        outsider.put_parameter(&number, "3").await;
        let timestamp = name(stage, "payment", "timestamp");
        outsider.put_parameter(&timestamp, &second(to)).await;
    }
    stages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_went_back_over_several_objects_says_what_all_of_them_hold() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database, &pretty(21, 30), 15).await {
        let found = diagnosis(&stage).await;
        let text = &found.finding.message;
        let all = "15 rows of it and of objects before it would be written again";
        assert!(text.contains(all), "{}: {text}", stage.name);
        let used = repair_of(&found, "use-object");
        assert!(!used.summary.contains("in no object"), "{}", used.summary);
        let kept = repair_of(&found, "keep-parameter");
        assert!(
            kept.summary.contains("written again: 15"),
            "{}",
            kept.summary
        );
        stage.backend.repair(used).await.expect("repaired");
        insert(&database, 31, 40).await;
        assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
        let ids = stage.ids("payment").await;
        assert!((31..=40).all(|id| ids.get(&id) == Some(&1)), "{ids:?}");
        assert!(ids.values().all(|times| *times == 1), "{ids:?}");
        for table in ["payment", "payment_type"] {
            let delete = format!("DELETE FROM {table} WHERE id > 30");
            database.run(&delete).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_cannot_be_read_is_told_of_though_its_number_is_stored() {
    let Some(database) = support::postgres() else {
        return;
    };
    for body in ["id,last_updated\n1,2026\n", "[{\"id\": 1", "PK\u{3}\u{4}"] {
        for stage in stages(&database, body, 30).await {
            let found = diagnosis(&stage).await;
            assert_eq!(
                found.code(),
                FindingCode::TimestampMismatch,
                "{}",
                stage.name
            );
            assert_eq!(found.finding.severity, Severity::Warning);
            let text = &found.finding.message;
            assert!(
                text.contains("object 3, which another program wrote"),
                "{text}"
            );
            let plan = stage
                .backend
                .plan_ingest(&table("payment"), IngestOptions::default())
                .await
                .expect("a plan");
            assert_eq!(plan.doubts.len(), 1, "{}: {body:?}", stage.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_the_future_does_not_say_up_to_where_an_object_goes() {
    let Some(database) = support::postgres() else {
        return;
    };
    let future = r#"{"id": 999, "last_updated": "2099-01-01T00:00:00"}"#;
    let rows = pretty(21, 30);
    let (before, after) = rows.rsplit_once(']').expect("an array");
    let body = format!("{before}, {future}]{after}");
    for stage in stages(&database, &body, 30).await {
        assert_eq!(diagnoses(&stage).await, [], "{}", stage.name);
        let outsider = stage.outsider();
        let timestamp = name(&stage, "payment", "timestamp");
        outsider.put_parameter(&timestamp, &second(25)).await;
        let found = diagnosis(&stage).await;
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        let used = repair_of(&found, "use-object");
        assert_eq!(writes(used), [("timestamp".to_owned(), Some(second(30)))]);
        stage.backend.repair(used).await.expect("repaired");
        assert_eq!(diagnoses(&stage).await, [], "{}", stage.name);
        let ids = stage.ids("payment").await;
        each_once(&ids.into_iter().filter(|(id, _)| *id != 999).collect(), 30);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_more_objects_hold_than_are_read_is_not_claimed_to_be_known() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database, &pretty(21, 30), 1).await {
        let outsider = stage.outsider();
        for number in 1..=12 {
            let key = format!("payment/payment_{number:08}.jsonl");
            if number <= 3 {
                outsider.delete_object(&key).await;
            }
            outsider.put_object(&key, &pretty(number, number)).await;
        }
        let sequence_id = name(&stage, "payment", "sequence_id");
        outsider.put_parameter(&sequence_id, "12").await;
        let found = diagnosis(&stage).await;
        let text = &found.finding.message;
        assert!(text.contains("at least 9 rows"), "{}: {text}", stage.name);
        for id in ["use-object", "keep-parameter"] {
            let summary = &repair_of(&found, id).summary;
            assert!(summary.contains("not all objects"), "{summary}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_without_rows_does_not_hide_where_the_one_before_it_ends() {
    let Some(database) = support::postgres() else {
        return;
    };
    for (to, told) in [
        (15, Some("would be written again")),
        (20, None),
        (25, Some("may be in no object")),
    ] {
        for stage in stages(&database, "[]", to).await {
            let Some(told) = told else {
                assert_eq!(diagnoses(&stage).await, [], "{}", stage.name);
                continue;
            };
            let found = diagnosis(&stage).await;
            assert_eq!(found.code(), FindingCode::TimestampMismatch);
            assert_eq!(found.finding.severity, Severity::Warning);
            let text = &found.finding.message;
            let before = format!("object 2 ends at {}", second(20));
            assert!(text.contains(&before) && text.contains(told), "{text}");
            assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
            let used = repair_of(&found, "use-object");
            let expected = [("timestamp".to_owned(), Some(second(20)))];
            assert_eq!(writes(used), expected, "{}", stage.name);
            stage.backend.repair(used).await.expect("repaired");
            assert_eq!(diagnoses(&stage).await, [], "{}", stage.name);
            assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
            each_once(&stage.ids("payment").await, 30);
        }
    }
}
