//! A problem has one name: what stops an ingestion is what status and doctor name first.

use std::collections::BTreeSet;

use highwater::backend::{
    doctor::Diagnosis, edits::Edit, finding::FindingCode as Code, ingest::Outcome,
};
use highwater::vocabulary::Watermark;

use super::values::{Act, leave};
use super::{TABLES, diagnoses, ingest, insert};
use crate::support::{self, Stage, table};

use Act::{Delete, Object, Timestamp, Value};

/// What was done after object 1, and the code under which it is found.
fn cases() -> Vec<(Vec<Act>, Code)> {
    let (t, s) = ("timestamp", "sequence_id");
    let later = || Value(t, "2999-01-01");
    vec![
        (vec![Object(2, 21, 25)], Code::StuckSequence),
        (vec![Object(2, 15, 25)], Code::StuckSequence),
        (vec![Value(s, "9")], Code::SequenceAhead),
        (
            vec![Object(2, 21, 25), Timestamp(25), Delete(s)],
            Code::SequenceMissing,
        ),
        (vec![Value(s, "one")], Code::SequenceMissing),
        (vec![Delete(t)], Code::TimestampMissing),
        (
            vec![Object(2, 21, 25), Delete(t), Delete(s)],
            Code::TimestampMissing,
        ),
        (vec![Value(t, "soon")], Code::TimestampUnreadable),
        (vec![Timestamp(5)], Code::TimestampMismatch),
        (vec![later()], Code::TimestampInFuture),
        // Several problems at once: the one that ingestion meets first.
        (vec![later(), Object(2, 21, 25)], Code::StuckSequence),
        (vec![later(), Value(s, "9")], Code::SequenceAhead),
        (
            vec![Object(2, 21, 25), later(), Delete(s)],
            Code::SequenceMissing,
        ),
        (
            vec![Value(t, "soon"), Value(s, "one")],
            Code::TimestampUnreadable,
        ),
    ]
}

/// Asserts that ingestion, status and doctor all name `code` first.
async fn assert_named(stage: &Stage, code: Code, context: &str) {
    let report = ingest(stage, "payment").await;
    let stopped = report.error.map(|error| error.code);
    assert_eq!(stopped.as_deref(), Some(code.as_str()), "ingest: {context}");
    let shown = stage.status("payment").await.findings();
    assert_eq!(
        shown.first().map(|first| first.code),
        Some(code),
        "status: {context}: {shown:#?}"
    );
    let found = diagnoses(stage).await;
    assert_eq!(
        found.first().map(Diagnosis::code),
        Some(code),
        "doctor: {context}: {found:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_ingestion_stops_with_is_what_status_and_doctor_say_first() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for (number, (acts, code)) in cases().into_iter().enumerate() {
        for stage in Stage::all(&database).await {
            database.run("TRUNCATE payment, payment_type").await;
            insert(&database, 1, 20).await;
            assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
            insert(&database, 21, 30).await;
            leave(&stage, &stage.outsider(), &acts).await;
            let context = format!("{}: case {number}, {code}", stage.name);
            assert_named(&stage, code, &context).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_repair_says_how_to_go_on() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    let (t, s) = ("timestamp", "sequence_id");
    let (number, time) = ("--sequence-id 2 --force", "--timestamp TS");
    // Object 2, if there is one, has no rows.
    for (acts, is_gone, step) in [
        (vec![Delete(s), Object(2, 1, 0)], false, number),
        (vec![Delete(t), Object(2, 1, 0)], false, time),
        (
            vec![Value(t, "2999-01-01"), Value(s, "2"), Object(2, 1, 0)],
            false,
            time,
        ),
        (vec![Value(t, "soon")], true, time),
        (vec![Value(s, "one")], true, "--sequence-id 0 --force"),
        (vec![Value(t, "2999-01-01"), Value(s, "0")], true, time),
    ] {
        let stage = Stage::local(&database).await;
        database.run("TRUNCATE payment, payment_type").await;
        insert(&database, 1, 20).await;
        assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
        let outsider = stage.outsider();
        if is_gone {
            outsider
                .delete_object("payment/payment_00000001.jsonl")
                .await;
        }
        leave(&stage, &outsider, &acts).await;
        let found = diagnoses(&stage).await;
        let first = found.first().expect("a finding");
        assert_eq!(first.repairs, [], "{first:#?}");
        let said = first.next_step().unwrap_or_default();
        assert!(
            said.contains(&format!("params set payment {step}")),
            "{found:#?}"
        );
        assert!(said.contains("params history payment"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_value_that_cannot_be_read_does_not_hide_the_other() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 20).await;
    for stage in Stage::all(&database).await {
        assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
        let both = stage.status("payment").await;
        let outsider = stage.outsider();
        leave(&stage, &outsider, &[Value("timestamp", "soon")]).await;
        let half = stage.status("payment").await;
        let known = (half.timestamp(), half.sequence_id());
        assert_eq!(known, (None, both.sequence_id()), "{}", stage.name);
        assert!(
            half.newest.is_some() && half.rows.is_some(),
            "what is not answered is asked for again and again"
        );
        leave(
            &stage,
            &outsider,
            &[Timestamp(20), Value("sequence_id", "one")],
        )
        .await;
        let half = stage.status("payment").await;
        let known = (half.timestamp(), half.sequence_id());
        assert_eq!(known, (both.timestamp(), None), "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_in_the_future_has_one_name_whoever_wrote_it() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 20).await;
    let stage = Stage::local(&database).await;
    assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
    let edit = Edit {
        table: table("payment"),
        timestamp: Watermark::from_micros(32_472_144_000_000_000),
        sequence_id: None,
        reason: "a slip".to_owned(),
        force: false,
    };
    let plan = stage.backend.plan_edit(&edit).await.expect("a plan");
    stage.backend.apply_edit(&plan).await.expect("applied");
    assert_named(&stage, Code::TimestampInFuture, "an edit").await;
    // The newest object ends before the current time, so the clock has not been set back.
    let found = diagnoses(&stage).await;
    assert_eq!(found[0].next_step(), None, "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_stops_an_ingestion_with_has_one_name() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 20).await;
    let stage = Stage::local(&database).await;
    assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
    let rename = "ALTER TABLE payment RENAME last_updated TO changed_at";
    database.run(rename).await;
    assert_named(&stage, Code::NoTimestampColumn, "no column").await;
    let acts = [Object(2, 21, 25)];
    leave(&stage, &stage.outsider(), &acts).await;
    assert_named(&stage, Code::StuckSequence, "no column either").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_privilege_that_is_missing_has_one_name() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 20).await;
    let stage = Stage::local(&database).await;
    let role = support::unique("reader").replace('-', "_");
    let create = format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON payment_type TO {role}");
    database.run(&create).await;
    let config = std::fs::read_to_string(stage.sandbox.config_file()).expect("a file");
    let config = config.replace("postgres://postgres@", &format!("postgres://{role}@"));
    stage.sandbox.write_config(&config);
    let stage = stage.configured("").await;
    assert_named(&stage, Code::MissingPrivilege, "no SELECT").await;
    let found = super::examine(&stage, &["payment"]).await;
    let denied = super::has(&found, Code::MissingPrivilege).expect("found");
    let statement = format!("GRANT SELECT ON \"public\".\"payment\" TO \"{role}\"");
    assert_eq!(denied.statement(), Some(&*statement));
    drop(stage);
    database
        .run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

#[test]
fn every_finding_that_stops_an_ingestion_by_its_values_has_a_case() {
    let cased: BTreeSet<Code> = cases().into_iter().map(|(_, code)| code).collect();
    let of_values = |code: &&Code| **code <= Code::TimestampMismatch;
    let missing: Vec<&Code> = Code::ALL
        .iter()
        .filter(of_values)
        .filter(|code| !cased.contains(code))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
