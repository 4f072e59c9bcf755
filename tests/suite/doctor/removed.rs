//! Lost values when consumers remove objects after use: the remaining objects say little.

use highwater::backend::{edits::Edit, finding::FindingCode, ingest::Outcome};
use highwater::vocabulary::{SequenceId, Watermark};

use super::values::{Act, leave};
use super::{TABLES, diagnosis, each_once, ingest, insert, second};
use crate::support::{self, Database, Stage, table};

use Act::{Delete, Value};

/// The timestamp of row `i`.
fn at(i: i64) -> Watermark {
    highwater::vocabulary::watermark::read(&second(i), chrono_tz::Tz::UTC).expect("a timestamp")
}

/// Three objects with ten rows each, in a stage whose consumers remove objects.
async fn three_objects(database: &Database) -> Stage {
    database.run("TRUNCATE payment, payment_type").await;
    let stage = Stage::local(database).await;
    let remove = "consumers = \"remove\"";
    let stage = stage.with_setting("objects", remove).await;
    for last in [10, 20, 30] {
        insert(database, last - 9, last).await;
        let report = ingest(&stage, "payment").await;
        assert_eq!(report.outcome, Outcome::Written, "{report:?}");
    }
    stage
}

/// Whether timestamp and sequence id have to be set.
type Lost = [bool; 2];

/// Asserts that the only finding offers no repair, and says how to continue after the third object.
async fn assert_told(stage: &Stage, [timestamp, number]: Lost) {
    let found = diagnosis(stage).await;
    assert_eq!(found.repairs, [], "{found:#?}");
    let mut way = "continue after it: highwater params set payment".to_owned();
    if timestamp {
        way = format!("{way} --timestamp {}", second(30));
    }
    if number {
        way += " --sequence-id 3 --force";
    }
    let step = found.next_step().unwrap_or_default();
    let said = format!("{} {step}", found.finding.message);
    assert_eq!(said.matches(&way).count(), 1, "{said}");
}

async fn set(stage: &Stage, [timestamp, number]: Lost) {
    let edit = Edit {
        table: table("payment"),
        timestamp: timestamp.then(|| at(30)),
        sequence_id: number.then_some(SequenceId(3)),
        reason: "it was written".to_owned(),
        force: true,
    };
    let plan = stage.backend.plan_edit(&edit).await.expect("a plan");
    stage.backend.apply_edit(&plan).await.expect("applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_values_are_those_of_the_newest_claim_and_not_of_an_object_that_is_left() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    let (t, s) = ("timestamp", "sequence_id");
    for (acts, lost) in [
        (vec![Delete(t)], [true, false]),
        (vec![Value(t, "soon")], [true, false]),
        (vec![Value(t, "2999-01-01")], [true, false]),
        (vec![Delete(s)], [false, true]),
        (vec![Value(s, "one")], [false, true]),
        (vec![Delete(t), Delete(s)], [true, true]),
    ] {
        // All objects, or all but the second.
        for consumed in [&[1, 2, 3][..], &[1, 3]] {
            let stage = three_objects(&database).await;
            let outsider = stage.outsider();
            let mut ids = stage.ids("payment").await;
            for number in consumed {
                let key = format!("payment/payment_{number:08}.jsonl");
                outsider.delete_object(&key).await;
            }
            leave(&stage, &outsider, &acts).await;
            assert_told(&stage, lost).await;
            set(&stage, lost).await;
            insert(&database, 31, 40).await;
            let report = ingest(&stage, "payment").await;
            assert_eq!(report.outcome, Outcome::Written, "{report:?}");
            assert_eq!(report.objects[0].sequence_id, SequenceId(4));
            let left = stage.ids("payment").await;
            ids.extend(left.into_iter().filter(|(id, _)| *id > 30));
            each_once(&ids, 40);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_nobody_has_claimed_is_gone_on_from_and_not_gone_back_from() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    let stage = three_objects(&database).await;
    let ahead = [Value("sequence_id", "7")];
    leave(&stage, &stage.outsider(), &ahead).await;
    let found = diagnosis(&stage).await;
    assert_eq!(found.code(), FindingCode::SequenceAhead, "{found:#?}");
    // Objects up to 7 may have existed and been used.
    let step = found.next_step().expect("a next step");
    assert!(step.contains("--sequence-id 7 --force"), "{step}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_claims_of_the_newest_number_the_one_that_reaches_less_far_counts() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    let stage = three_objects(&database).await;
    let objects = stage.sandbox.path().join("objects/payment");
    // A run claims the fourth object, and cannot give it its name.
    let taken = objects.join("payment_00000004.jsonl");
    std::fs::create_dir(&taken).expect("a folder");
    insert(&database, 31, 40).await;
    assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Failed);
    std::fs::remove_dir(&taken).expect("removed");
    insert(&database, 41, 50).await;
    assert_eq!(ingest(&stage, "payment").await.outcome, Outcome::Written);
    std::fs::remove_dir_all(&objects).expect("consumed");
    let lost = [Delete("timestamp"), Delete("sequence_id")];
    leave(&stage, &stage.outsider(), &lost).await;
    let found = diagnosis(&stage).await;
    let end = format!("--timestamp {} --sequence-id 4 --force", second(40));
    let said = found.finding.message;
    assert!(
        said.contains(&format!(
            "continue after it: highwater params set payment {end}"
        )),
        "{said}"
    );
}
