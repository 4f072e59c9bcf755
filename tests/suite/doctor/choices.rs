//! Decisions that only a person can make: both ways are offered, and either one is honoured afterwards.

use highwater::backend::doctor::Repair;
use highwater::backend::finding::{FindingCode, Severity};
use highwater::backend::ingest::{IngestOptions, Outcome};

use super::{
    TABLES, diagnoses, diagnosis, each_once, ids, ingest, insert, name, pretty, repair_of, second,
    writes,
};
use crate::support::{self, Database, Outsider, Stage, table};

/// Stages with rows 1–20 in object 1, and rows 21–30 pending.
async fn stages(database: &Database) -> Vec<Stage> {
    database.run(TABLES).await;
    insert(database, 1, 20).await;
    let stages = Stage::all(database).await;
    for stage in &stages {
        assert_eq!(ingest(stage, "payment").await.outcome, Outcome::Written);
    }
    insert(database, 21, 30).await;
    stages
}

async fn put_timestamp(stage: &Stage, outsider: &Outsider, second_of: i64) {
    let name = name(stage, "payment", "timestamp");
    outsider.put_parameter(&name, &second(second_of)).await;
}

async fn put_number(stage: &Stage, outsider: &Outsider, number: u64) {
    let name = name(stage, "payment", "sequence_id");
    outsider.put_parameter(&name, &number.to_string()).await;
}

/// Writes object 2 with this body, like another program.
async fn put_object(outsider: &Outsider, body: &str) {
    let key = "payment/payment_00000002.jsonl";
    outsider.put_object(key, body).await;
}

/// Writes object 2 with rows 21–25 and its number, like another program, and then a timestamp that is not the one
/// of its newest row.
async fn write_as_another_program(stage: &Stage, second_of: i64) {
    let outsider = stage.outsider();
    put_object(&outsider, &pretty(21, 25)).await;
    put_number(stage, &outsider, 2).await;
    put_timestamp(stage, &outsider, second_of).await;
}

/// Applies a repair, after which nothing is wrong any more.
async fn repair(stage: &Stage, repair: &Repair) {
    stage.backend.repair(repair).await.expect("repaired");
    assert_eq!(diagnoses(stage).await, [], "{}", stage.name);
}

/// Applies a repair, after which ingestion brings every row into the objects exactly once.
async fn repair_and_ingest(stage: &Stage, chosen: &Repair) {
    repair(stage, chosen).await;
    ingest(stage, "payment").await;
    each_once(&stage.ids("payment").await, 30);
}

fn timestamp(to: i64) -> (String, Option<String>) {
    ("timestamp".to_owned(), Some(second(to)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_something_else_wrote_is_for_a_person_to_judge() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let outsider = stage.outsider();
        put_timestamp(&stage, &outsider, 15).await;
        assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Failed);
        let found = diagnosis(&stage).await;
        assert_eq!(
            found.code(),
            FindingCode::TimestampMismatch,
            "{}",
            stage.name
        );
        assert_eq!(found.finding.severity, Severity::Error);
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        assert_eq!(found.evidence.get("rows_between"), Some(&5.into()));
        assert_eq!(writes(repair_of(&found, "use-object")), [timestamp(20)]);
        let keep = repair_of(&found, "keep-parameter");
        assert_eq!(writes(keep), [timestamp(15)]);
        assert!(
            keep.summary.contains("written again: 5"),
            "{}",
            keep.summary
        );

        // After `keep`, the value counts as an edit: ingestion continues from it, and it is no longer a finding.
        repair(&stage, keep).await;
        let report = ingest(&stage, "payment").await;
        assert_eq!(report.objects[0].rows, 15, "5 again, and 10 new ones");

        // The next time, the object is believed.
        put_timestamp(&stage, &outsider, 5).await;
        let found = diagnosis(&stage).await;
        let used = repair_of(&found, "use-object");
        repair(&stage, used).await;
        let report = ingest(&stage, "payment").await;
        assert_eq!(report.outcome, Outcome::NothingPending);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_beside_an_object_of_another_program_is_for_a_person_to_judge() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        write_as_another_program(&stage, 19).await;
        let found = diagnosis(&stage).await;
        assert_eq!(
            found.code(),
            FindingCode::TimestampMismatch,
            "{}",
            stage.name
        );
        assert_eq!(found.finding.severity, Severity::Warning);
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        assert_eq!(
            found.evidence.get("object_rows_above_timestamp"),
            Some(&5.into())
        );
        let text = &found.finding.message;
        assert!(
            text.contains("5 of its rows would be written again"),
            "{text}"
        );
        let used = repair_of(&found, "use-object");
        assert_eq!(writes(used), [timestamp(25)]);
        repair_and_ingest(&stage, used).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_that_died_before_it_stored_the_timestamp_stops_the_table() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let outsider = stage.outsider();
        put_object(&outsider, &pretty(21, 25)).await;
        put_number(&stage, &outsider, 2).await;
        let report = ingest(&stage, "payment").await;
        let code = report.error.map(|error| error.code);
        assert_eq!(
            code.as_deref(),
            Some("timestamp-mismatch"),
            "{}",
            stage.name
        );
        let found = diagnosis(&stage).await;
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        let used = repair_of(&found, "use-object");
        assert_eq!(writes(used), [timestamp(25)]);
        repair_and_ingest(&stage, used).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_beyond_an_object_of_another_program_says_how_many_rows_are_in_none() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        write_as_another_program(&stage, 29).await;
        let found = diagnosis(&stage).await;
        assert_eq!(found.evidence.get("rows_between"), Some(&4.into()));
        let used = repair_of(&found, "use-object");
        assert!(
            used.summary.contains("which would be ingested: 4"),
            "{}",
            used.summary
        );
        repair_and_ingest(&stage, used).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_values_left_behind_by_a_script_are_brought_forward_together() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        ingest(&stage, "payment").await;
        // Somebody restored both values from an old backup.
        let outsider = stage.outsider();
        put_timestamp(&stage, &outsider, 7).await;
        put_number(&stage, &outsider, 1).await;
        let found = diagnosis(&stage).await;
        assert_eq!(
            found.code(),
            FindingCode::TimestampMismatch,
            "{}",
            stage.name
        );
        let two = ("sequence_id".to_owned(), Some("2".to_owned()));
        let used = repair_of(&found, "use-object");
        assert_eq!(writes(used), [timestamp(30), two.clone()]);
        assert_eq!(
            writes(repair_of(&found, "keep-parameter")),
            [timestamp(7), two]
        );
        repair(&stage, used).await;
        assert_eq!(
            ingest(&stage, "payment").await.outcome,
            Outcome::NothingPending
        );
    }
}

fn number(id: u64) -> (String, Option<String>) {
    ("sequence_id".to_owned(), Some(id.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_left_rows_out_is_not_taken_over_without_a_person() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        // Rows 21 and 22 are in no object.
        put_object(&stage.outsider(), &pretty(23, 25)).await;
        let found = diagnosis(&stage).await;
        assert_eq!(found.code(), FindingCode::StuckSequence, "{}", stage.name);
        assert_eq!(found.evidence.get("rows_between"), Some(&5.into()));
        let text = &found.finding.message;
        assert!(text.contains("2 rows of the table up to"), "{text}");
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        let used = repair_of(&found, "use-object");
        assert_eq!(writes(used), [timestamp(25), number(2)]);
        let lost = "would never be ingested: 2";
        assert!(used.summary.contains(lost), "{}", used.summary);
        let kept = repair_of(&found, "keep-parameter");
        assert_eq!(writes(kept), [timestamp(20), number(2)]);
        assert!(
            kept.summary.contains("written again: 3"),
            "{}",
            kept.summary
        );

        stage.backend.repair(kept).await.expect("repaired");
        let report = ingest(&stage, "payment").await;
        assert_eq!(report.objects[0].rows, 10, "{}", stage.name);
        let often = |id| if (23..=25).contains(&id) { 2 } else { 1 };
        let expected = (1..=30).map(|id| (id, often(id))).collect();
        assert_eq!(stage.ids("payment").await, expected, "none is lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_an_object_that_is_gone_is_counted_before_its_number_is_given_again() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let outsider = stage.outsider();
        put_object(&outsider, &pretty(21, 23)).await;
        // Object 3, which is gone, held rows 24 and 25.
        put_number(&stage, &outsider, 3).await;
        put_timestamp(&stage, &outsider, 23).await;
        let found = diagnosis(&stage).await;
        assert_eq!(found.code(), FindingCode::SequenceAhead, "{}", stage.name);
        assert_eq!(ids(&found), ["use-number"], "the timestamp agrees");

        put_timestamp(&stage, &outsider, 25).await;
        let found = diagnosis(&stage).await;
        assert_eq!(ids(&found), ["use-object", "keep-parameter"]);
        let kept = repair_of(&found, "keep-parameter");
        assert_eq!(writes(kept), [timestamp(25), number(2)]);
        let lost = "would never be ingested: 2";
        assert!(kept.summary.contains(lost), "{}", kept.summary);
        let used = repair_of(&found, "use-object");
        assert_eq!(writes(used), [timestamp(23), number(2)]);
        repair_and_ingest(&stage, used).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_without_rows_is_gone_past() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        put_object(&stage.outsider(), "").await;
        let found = diagnosis(&stage).await;
        assert_eq!(found.code(), FindingCode::StuckSequence, "{}", stage.name);
        assert_eq!(ids(&found), ["use-number"]);
        let used = repair_of(&found, "use-number");
        assert_eq!(writes(used), [number(2)]);
        repair_and_ingest(&stage, used).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_cannot_be_read_is_told_with_its_damage_and_the_ways_past_it() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let cut_off = &pretty(21, 25)[..60];
        put_object(&stage.outsider(), cut_off).await;
        let found = diagnosis(&stage).await;
        assert_eq!(found.code(), FindingCode::StuckSequence, "{}", stage.name);
        assert_eq!(found.repairs, []);
        let text = &found.finding.message;
        assert!(text.contains("it cannot be read"), "{text}");
        let past = "highwater params set payment --sequence-id 2 --reason";
        assert!(text.contains(past), "{text}");
        assert!(found.evidence.get("object_damage").is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_of_rows_that_an_object_of_another_program_holds_already() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let payment = table("payment");
        let plan = async || {
            let plan = stage
                .backend
                .plan_ingest(&payment, IngestOptions::default())
                .await;
            plan.expect("a plan")
        };
        assert_eq!(plan().await.doubts, [], "the object is highwater's");
        write_as_another_program(&stage, 25).await;
        assert_eq!(plan().await.doubts, [], "it ends at the timestamp");
        write_as_another_program(&stage, 20).await;
        let doubts = plan().await.doubts;
        let again = "5 of its rows would be written again";
        assert!(
            doubts.len() == 1 && doubts[0].message.contains(again),
            "{doubts:?}"
        );
        let told = stage.sandbox.run(&["ingest", "payment"]).expect_code(0);
        assert!(told.stderr.contains(again), "{told:?}");
        let told = stage.sandbox.run(&["ingest", "payment"]).expect_code(0);
        assert_eq!(told.stderr, "", "the newest object is highwater's");
    }
}
