//! The two values and the objects, as other programs, crashes and scripts leave them.

use highwater::backend::{
    Error,
    finding::{FindingCode, Severity},
    ingest::Outcome,
    provenance::{Provenance, RunId},
};
use highwater::vocabulary::{SequenceId, Watermark};

use super::{
    TABLES, diagnoses, diagnosis, each_once, everything, examine, has, ids, ingest, insert, name,
    pretty, repair_of, second, writes,
};
use crate::support::{self, Outsider, Stage, table};

/// What another program did after object 1 (rows 1–20) was ingested and rows 21–30 arrived.
pub(super) enum Act {
    /// Writes an object of this number, with these rows.
    Object(u64, i64, i64),
    /// Stores the timestamp of this row.
    Timestamp(i64),
    Value(&'static str, &'static str),
    Delete(&'static str),
}

use Act::{Delete, Object, Timestamp, Value};

pub(super) async fn leave(stage: &Stage, outsider: &Outsider, acts: &[Act]) {
    let name = |which| name(stage, "payment", which);
    for act in acts {
        match act {
            Object(number, from, to) => {
                let key = format!("payment/payment_{number:08}.jsonl");
                outsider.put_object(&key, &pretty(*from, *to)).await;
            }
            Timestamp(i) => {
                outsider
                    .put_parameter(&name("timestamp"), &second(*i))
                    .await;
            }
            Value(which, value) => outsider.put_parameter(&name(which), value).await,
            Delete(which) => outsider.delete_parameter(&name(which)).await,
        }
    }
}

/// What was done, the finding, and the only repair with what it writes.
type Case = (
    Vec<Act>,
    FindingCode,
    &'static str,
    Option<i64>,
    Option<u64>,
);

fn cases() -> Vec<Case> {
    use FindingCode as Code;
    let (t, s) = ("timestamp", "sequence_id");
    vec![
        // A writer that died after its object, after several objects, or after its timestamp.
        (
            vec![Object(2, 21, 25)],
            Code::StuckSequence,
            "use-object",
            Some(25),
            Some(2),
        ),
        (
            vec![Object(2, 21, 22), Object(3, 23, 25)],
            Code::StuckSequence,
            "use-object",
            Some(25),
            Some(3),
        ),
        (
            vec![Object(2, 21, 25), Timestamp(25)],
            Code::StuckSequence,
            "use-number",
            None,
            Some(2),
        ),
        // A number that was set by hand; an object that was deleted.
        (
            vec![Value(s, "9")],
            Code::SequenceAhead,
            "use-object",
            None,
            Some(1),
        ),
        (
            vec![Timestamp(25), Value(s, "2")],
            Code::SequenceAhead,
            "use-object",
            Some(20),
            Some(1),
        ),
        // Values that were deleted.
        (
            vec![Delete(t)],
            Code::TimestampMissing,
            "use-object",
            Some(20),
            None,
        ),
        (
            vec![Object(2, 21, 25), Timestamp(25), Delete(s)],
            Code::SequenceMissing,
            "use-number",
            None,
            Some(2),
        ),
        (
            vec![Object(2, 21, 25), Delete(s)],
            Code::SequenceMissing,
            "use-object",
            Some(25),
            Some(2),
        ),
        (
            vec![Object(2, 21, 25), Delete(s), Delete(t)],
            Code::TimestampMissing,
            "use-object",
            Some(25),
            Some(2),
        ),
        // Values that are unreadable or impossible.
        (
            vec![Value(t, "yesterday")],
            Code::TimestampUnreadable,
            "use-object",
            Some(20),
            None,
        ),
        (
            vec![Value(s, "one")],
            Code::SequenceMissing,
            "use-number",
            None,
            Some(1),
        ),
        (
            vec![Delete(t), Value(s, "one")],
            Code::SequenceMissing,
            "use-object",
            Some(20),
            Some(1),
        ),
        (
            vec![Value(t, "2999-01-01")],
            Code::TimestampInFuture,
            "use-object",
            Some(20),
            None,
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_other_programs_leave_is_found_repaired_once_and_gone_on_from() {
    for (acts, code, id, timestamp, sequence_id) in cases() {
        let Some(database) = support::postgres() else {
            return;
        };
        database.run(TABLES).await;
        for stage in Stage::all(&database).await {
            let context = format!("{}: {code}, {id}", stage.name);
            database.run("TRUNCATE payment, payment_type").await;
            insert(&database, 1, 20).await;
            for table in ["payment", "payment_type"] {
                assert_eq!(ingest(&stage, table).await.outcome, Outcome::Written);
            }
            insert(&database, 21, 30).await;
            let other = stage.backend.history(&table("payment_type")).await;
            leave(&stage, &stage.outsider(), &acts).await;

            let found = diagnosis(&stage).await;
            assert_eq!(found.code(), code, "{context}");
            assert_eq!(found.finding.severity, Severity::Error, "{context}");
            assert_eq!(ids(&found), [id], "{context}: {found:#?}");
            let repair = repair_of(&found, id);
            let timestamp = timestamp.map(|i| ("timestamp".to_owned(), Some(second(i))));
            let number = sequence_id.map(|n| ("sequence_id".to_owned(), Some(n.to_string())));
            let expected: Vec<_> = timestamp.into_iter().chain(number).collect();
            assert_eq!(writes(repair), expected, "{context}");
            assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Failed);

            stage.backend.repair(repair).await.expect(&context);
            assert_eq!(diagnoses(&stage).await, [], "{context}");
            let once = everything(&stage).await;
            let error = stage.backend.repair(repair).await.expect_err(&context);
            assert!(
                matches!(error, Error::Outdated { .. }),
                "{context}: {error}"
            );
            assert_eq!(everything(&stage).await, once, "{context}: the second time");

            ingest(&stage, "payment").await;
            each_once(&stage.ids("payment").await, 30);
            let now = stage.backend.history(&table("payment_type")).await;
            assert_eq!(
                now.expect("a history"),
                other.expect("a history"),
                "{context}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_repeats_rows_is_for_a_person_to_judge_and_the_evidence_says_why() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for stage in Stage::all(&database).await {
        database.run("TRUNCATE payment").await;
        insert(&database, 1, 20).await;
        database.run("TRUNCATE payment_type").await;
        ingest(&stage, "payment").await;
        let outsider = stage.outsider();
        let key = "payment/payment_00000002.jsonl";
        outsider.put_object(key, &pretty(18, 25)).await;
        let found = diagnosis(&stage).await;
        assert_eq!(found.code(), FindingCode::StuckSequence);
        assert_eq!(super::ids(&found), ["use-object", "keep-parameter"]);
        assert!(found.repairs.iter().all(|repair| repair.is_choice));
        let evidence = |name: &str| found.evidence.get(name).cloned().unwrap_or_default();
        assert_eq!(evidence("object_rows"), 8);
        assert_eq!(evidence("object_rows_above_timestamp"), 5);
        assert_eq!(evidence("object_oldest_row"), second(18));
        assert!(
            found.finding.message.contains("3 of its 8 rows"),
            "{}",
            found.finding.message
        );
        insert(&database, 21, 30).await;
        let before = diagnosis(&stage).await;
        let used = repair_of(&before, "use-object");
        stage.backend.repair(used).await.expect("repaired");
        ingest(&stage, "payment").await;
        for (id, times) in stage.ids("payment").await {
            assert_eq!(times, if (18..=20).contains(&id) { 2 } else { 1 }, "{id}");
        }
        let number = name(&stage, "payment", "sequence_id");
        outsider.put_parameter(&number, "1").await;
        outsider
            .delete_object("payment/payment_00000003.jsonl")
            .await;
        outsider.put_object(key, "{\"id\": 1}\n{\"id\": 2}\n").await;
        let found = diagnosis(&stage).await;
        assert_eq!(found.repairs, []);
        assert!(
            found.finding.message.contains("without a timestamp"),
            "{}",
            found.finding.message
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_highwater_itself_is_told_and_rolled_forward_under_its_name() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for stage in Stage::all(&database).await {
        database.run("TRUNCATE payment, payment_type").await;
        insert(&database, 1, 10).await;
        ingest(&stage, "payment").await;
        insert(&database, 11, 20).await;
        ingest(&stage, "payment").await;
        // As if the second run had died after its commit.
        let objects = stage.backend.objects(&table("payment"), 9).await;
        let objects = objects.expect("objects");
        let first = Provenance::Run {
            run: RunId::parse(objects[1].run.as_deref().expect("a run")).expect("a run"),
            sequence_id: SequenceId(1),
        };
        let ten: Watermark = objects[1].to.expect("an end");
        let payment = table("payment");
        let outsider = stage.outsider();
        for which in ["timestamp", "sequence_id"] {
            let name = name(&stage, "payment", which);
            outsider.delete_parameter(&name).await;
        }
        stage
            .backend
            .write_timestamp(&payment, ten, &first)
            .await
            .expect("written");
        stage
            .backend
            .write_seq_id(&payment, SequenceId(1), &first)
            .await
            .expect("written");

        let found = examine(&stage, &["payment"]).await;
        let stuck = has(&found, FindingCode::StuckSequence).expect("a finding");
        assert_eq!(stuck.finding.severity, Severity::Info, "{}", stage.name);
        let repair = repair_of(stuck, "roll-forward");
        assert_eq!(
            writes(repair),
            [
                ("timestamp".to_owned(), Some(second(20))),
                ("sequence_id".to_owned(), Some("2".to_owned()))
            ]
        );
        stage.backend.repair(repair).await.expect("repaired");
        let history = stage.backend.history(&payment).await.expect("a history");
        let second_run = objects[0].run.as_deref().expect("a run");
        let by = format!("highwater run={second_run} seq=2");
        assert_eq!(
            history
                .iter()
                .filter(|entry| entry.description == by)
                .count(),
            2
        );
        assert_eq!(diagnoses(&stage).await, []);
        assert_eq!(
            ingest(&stage, "payment").await.outcome,
            Outcome::NothingPending
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_whose_ground_has_moved_writes_nothing_and_says_what_moved() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    for stage in Stage::all(&database).await {
        database.run("TRUNCATE payment, payment_type").await;
        insert(&database, 1, 20).await;
        ingest(&stage, "payment").await;
        let outsider = stage.outsider();
        outsider
            .put_object("payment/payment_00000002.jsonl", &pretty(21, 25))
            .await;
        let shown = diagnosis(&stage).await;
        let repair = repair_of(&shown, "use-object").clone();
        // The other program continues: the same values, another object.
        outsider
            .put_object("payment/payment_00000003.jsonl", &pretty(26, 30))
            .await;
        let before = everything(&stage).await;
        let error = stage.backend.repair(&repair).await.expect_err("moved");
        assert!(error.to_string().contains("payment_00000003"), "{error}");
        // Or it writes the same value again, as a new version.
        let timestamp = name(&stage, "payment", "timestamp");
        let repair = repair_of(&diagnosis(&stage).await, "use-object").clone();
        outsider.put_parameter(&timestamp, &second(20)).await;
        let error = stage.backend.repair(&repair).await.expect_err("moved");
        let text = error.to_string();
        assert!(
            text.contains(&timestamp) && text.contains("version 2"),
            "{text}"
        );
        // Or it repairs everything itself.
        outsider.put_parameter(&timestamp, &second(30)).await;
        let number = name(&stage, "payment", "sequence_id");
        outsider.put_parameter(&number, "3").await;
        let error = stage.backend.repair(&repair).await.expect_err("gone");
        assert!(error.to_string().contains("no longer found"), "{error}");
        let after = everything(&stage).await;
        assert_eq!(
            after.len(),
            before.len() + 3,
            "{}: nothing but its own",
            stage.name
        );
    }
}
