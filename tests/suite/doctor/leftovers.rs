//! Parameters and uploads that belong to no table, and numbers that no object or several objects
//! have.

use highwater::backend::{
    doctor::Scope,
    edits::Edit,
    finding::{FindingCode, Severity},
    progress::Context,
};
use highwater::vocabulary::SequenceId;

use super::{TABLES, examine, has, ingest, insert, name, pretty, repair_of, second};
use crate::support::{self, Database, Stage, table};

/// Rows 1–10 and 11–20, as one object each.
async fn two_objects(database: &Database, stage: &Stage) {
    database.run("TRUNCATE payment, payment_type").await;
    for end in [10, 20] {
        insert(database, end - 9, end).await;
        ingest(stage, "payment").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_without_an_object_is_told_and_one_that_was_skipped_on_purpose_is_excused() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for stage in Stage::all(&database).await {
        two_objects(&database, &stage).await;
        let skip = Edit {
            table: table("payment"),
            timestamp: None,
            sequence_id: Some(SequenceId(9)),
            reason: "a new numbering".to_owned(),
            force: true,
        };
        let plan = stage.backend.plan_edit(&skip).await.expect("a plan");
        stage.backend.apply_edit(&plan).await.expect("applied");
        insert(&database, 21, 30).await;
        ingest(&stage, "payment").await;
        let found = examine(&stage, &["payment"]).await;
        let gap = has(&found, FindingCode::ObjectGap).expect("a gap");
        assert_eq!(gap.finding.severity, Severity::Info, "{}", stage.name);
        assert_eq!(
            gap.evidence.get("missing"),
            Some(&serde_json::json!(["3–9"]))
        );

        let outsider = stage.outsider();
        outsider
            .delete_object("payment/payment_00000002.jsonl")
            .await;
        insert(&database, 31, 40).await;
        ingest(&stage, "payment").await;
        let found = examine(&stage, &["payment"]).await;
        let gap = has(&found, FindingCode::ObjectGap).expect("a gap");
        assert_eq!(gap.finding.severity, Severity::Warning, "{}", stage.name);
        assert_eq!(
            gap.evidence.get("missing"),
            Some(&serde_json::json!(["2–9"]))
        );
        let step = gap.next_step().expect("a next step");
        let range = "--from 2024-05-16T10:00:10.000001Z --to 2024-05-16T10:00:20.000001Z";
        let again = format!("highwater backfill payment {range}");
        assert!(step.ends_with(&again), "{step}");
        let again = again
            .split(' ')
            .skip(1)
            .chain(["--dry-run", "--output", "json"]);
        let planned = stage.sandbox.run(&again.collect::<Vec<_>>()).expect_code(0);
        let planned: serde_json::Value = serde_json::from_str(&planned.stdout).expect("a plan");
        assert_eq!(
            planned[0]["objects"][0]["rows"], 10,
            "{}: {planned}",
            stage.name
        );
        outsider
            .delete_object("payment/payment_00000010.jsonl")
            .await;
        let found = examine(&stage, &["payment"]).await;
        let gap = has(&found, FindingCode::ObjectGap).expect("a gap");
        assert!(
            gap.finding.message.contains("2–10"),
            "{}",
            gap.finding.message
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_before_a_backfill_is_excused_by_the_watermark_and_not_by_where_that_begins() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for stage in Stage::all(&database).await {
        two_objects(&database, &stage).await;
        let backfill = |from, to| {
            let range = ["--from", &second(from), "--to", &second(to), "--yes"];
            let words = [&["backfill", "payment"][..], &range].concat();
            stage.sandbox.run(&words).expect_code(0);
        };
        let gap_without = async |number: u64| {
            let key = format!("payment/payment_{number:08}.jsonl");
            stage.outsider().delete_object(&key).await;
            let found = examine(&stage, &["payment"]).await;
            let gap = has(&found, FindingCode::ObjectGap).expect("a gap");
            gap.finding.severity
        };
        for range in [(2, 4), (4, 6)] {
            backfill(range.0, range.1);
        }
        let severity = gap_without(3).await;
        assert_eq!(severity, Severity::Info, "{}", stage.name);
        // From exactly where object 1 ends.
        backfill(10, 12);
        for number in [2, 4] {
            let severity = gap_without(number).await;
            assert_eq!(severity, Severity::Warning, "{}", stage.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_objects_of_one_number_are_told_with_both_keys() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for stage in Stage::all(&database).await {
        let key = "key = \"{date}/{table}_{seq:08}_{time}.jsonl\"";
        let stage = stage.with_setting("objects", key).await;
        let outsider = stage.outsider();
        let twice = [
            "2024-05-16/payment_00000001_10-00-00.jsonl",
            "2024-05-16/payment_00000001_10-00-07.jsonl",
        ];
        for key in twice {
            outsider.put_object(key, &pretty(1, 5)).await;
        }
        outsider
            .put_object("2024-05-16/payment_type_00000001_10-00-00.jsonl", "[]")
            .await;
        let timestamp = name(&stage, "payment", "timestamp");
        outsider
            .put_parameter(&timestamp, "2024-05-16 10:00:05")
            .await;
        let number = name(&stage, "payment", "sequence_id");
        outsider.put_parameter(&number, "1").await;
        let found = examine(&stage, &["payment"]).await;
        let twin = has(&found, FindingCode::ObjectDuplicateSequence);
        let twin = twin.unwrap_or_else(|| panic!("{}: {found:#?}", stage.name));
        assert_eq!(twin.finding.severity, Severity::Warning);
        assert_eq!(
            twin.evidence.get("objects"),
            Some(&serde_json::json!(twice))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_begun_long_ago_is_told_and_aborted_and_a_young_one_is_not() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 5).await;
    for stage in Stage::all(&database).await {
        ingest(&stage, "payment").await;
        let objects = [
            "payment/payment_00000002.jsonl",
            "payment_type/payment_type_00000001.jsonl",
        ];
        if let Some(emulator) = &stage.emulator {
            for key in objects {
                let begun = emulator.s3().create_multipart_upload();
                let bucket = stage.outsider().bucket().to_owned();
                begun.bucket(bucket).key(key).send().await.expect("begun");
            }
        } else {
            let uploads = stage.sandbox.path().join("objects/.highwater/uploads");
            for (id, key) in ["u1", "u2"].into_iter().zip(objects) {
                std::fs::write(uploads.join(format!("{id}.key")), key).expect("written");
                let file = std::fs::File::create(uploads.join(id)).expect("made");
                let day = std::time::Duration::from_hours(25);
                file.set_modified(std::time::SystemTime::now() - day)
                    .expect("set");
            }
        }
        let found = examine(&stage, &["payment"]).await;
        let abandoned = has(&found, FindingCode::UploadAbandoned);
        // One emulator dates every upload to 2010, the other dates them correctly.
        if stage.name == "ministack" {
            assert_eq!(abandoned, None);
            continue;
        }
        let abandoned = abandoned.unwrap_or_else(|| panic!("{}: {found:#?}", stage.name));
        assert_eq!(
            abandoned.evidence.get("keys"),
            Some(&serde_json::json!([objects[0]]))
        );
        let repair = repair_of(abandoned, "abort");
        let write = &repair.writes()[0];
        assert_eq!(
            (write.what.as_str(), &write.after),
            ("upload of payment/payment_00000002.jsonl", &None)
        );
        stage.backend.repair(repair).await.expect("aborted");
        let found = examine(&stage, &["payment"]).await;
        assert_eq!(
            has(&found, FindingCode::UploadAbandoned),
            None,
            "{}",
            stage.name
        );
        let other = examine(&stage, &["payment_type"]).await;
        assert!(
            has(&other, FindingCode::UploadAbandoned).is_some(),
            "{}",
            stage.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_of_a_table_that_is_gone_are_told_for_a_whole_profile() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    database.run("CREATE TABLE excluded (id int)").await;
    for stage in Stage::all(&database).await {
        let stage = stage
            .with_setting("source", "exclude = [\"excluded\"]")
            .await;
        let outsider = stage.outsider();
        for gone in ["pay", "excluded"] {
            let name = name(&stage, gone, "timestamp");
            outsider.put_parameter(&name, "2024-05-16").await;
        }
        let tables = [table("payment"), table("payment_type")];
        let context = Context::default();
        let whole = stage.backend.diagnose(&tables, Scope::Profile, &context);
        let whole = whole.await.expect("an examination");
        let orphans: Vec<_> = whole
            .diagnoses
            .iter()
            .filter(|one| one.code() == FindingCode::ParameterOrphan)
            .collect();
        assert_eq!(orphans.len(), 1, "{}: {orphans:#?}", stage.name);
        assert_eq!(orphans[0].table, Some(table("pay")));
        assert_eq!(orphans[0].finding.severity, Severity::Info);
        let found = examine(&stage, &["payment"]).await;
        assert_eq!(has(&found, FindingCode::ParameterOrphan), None);
    }
}
