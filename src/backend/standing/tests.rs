//! The decision, row by row of its table, and over every combination of what can be seen.

use chrono::DateTime;

use super::decision::{Decision, Question};
use super::seen::{Author, Looked, Numbered, Seen};
use crate::backend::authorship::Authorship;
use crate::backend::finding::{FindingCode, Severity};
use crate::backend::objects::{Kind, Metadata, ObjectHead, ObjectKey};
use crate::backend::parameters::{ParameterName, Version};
use crate::backend::provenance::{Provenance, RunId};
use crate::backend::sequence::SequenceId;
use crate::backend::stored::{Recorded, Stored};
use crate::backend::watermark::Watermark;

/// Bounds and watermarks of the objects 100, 101, 102, …: object n ends at second n.
fn at(second: i64) -> Watermark {
    Watermark::from_micros(second * 1_000_000).expect("a timestamp")
}

fn run_id(number: u64) -> RunId {
    RunId::parse(&format!("00000000-0000-4000-8000-{number:012}")).expect("a run id")
}

/// The run that wrote object `number`.
fn run(number: u64) -> Provenance {
    Provenance::Run {
        run: run_id(number),
        sequence_id: SequenceId(number),
    }
}

fn edit() -> Provenance {
    Provenance::Edit {
        by: "ada".to_owned(),
        reason: "late corrections".to_owned(),
    }
}

/// A history of these writes, oldest first.
fn history<V: Copy + Ord>(writes: &[(Provenance, V)]) -> Author<V> {
    let mut authorship = Authorship::of(Vec::new(), |_| None);
    for (by, value) in writes {
        authorship.add(by.clone(), Some(*value));
    }
    Author::Known(authorship)
}

/// The history of a timestamp.
fn times(writes: &[(Provenance, i64)]) -> Author<Watermark> {
    let writes: Vec<_> = writes
        .iter()
        .map(|(by, second)| (by.clone(), at(*second)))
        .collect();
    history(&writes)
}

/// The history of a sequence id.
fn numbers(writes: &[(Provenance, u64)]) -> Author<SequenceId> {
    let writes: Vec<_> = writes
        .iter()
        .map(|(by, number)| (by.clone(), SequenceId(*number)))
        .collect();
    history(&writes)
}

fn hidden<V>() -> Author<V> {
    Author::Hidden {
        permission: "ssm:GetParameterHistory".to_owned(),
    }
}

/// Object `number` of another program.
fn foreign(number: u64) -> Numbered {
    Numbered {
        sequence_id: SequenceId(number),
        head: ObjectHead {
            key: ObjectKey::new(format!("payment/payment_{number:08}.jsonl")),
            bytes: 10,
            modified: DateTime::UNIX_EPOCH,
            metadata: None,
        },
    }
}

fn written(number: u64, kind: Kind, from: Option<i64>, watermark: i64) -> Numbered {
    let mut object = foreign(number);
    object.head.metadata = Some(Metadata {
        kind,
        from: from.map(at),
        to: at(watermark),
        watermark: at(watermark),
        sequence_id: SequenceId(number),
        rows: 1,
        run: run_id(number),
        schema: String::new(),
        backfill: None,
    });
    object
}

/// Object `number`, which follows on the one before.
fn object(number: i64) -> Numbered {
    let from = (number > 1).then_some(number - 1);
    written(number.unsigned_abs(), Kind::Ingest, from, number)
}

fn stored(timestamp: Option<i64>, sequence_id: Option<u64>) -> Stored {
    Stored {
        timestamp_name: ParameterName::new("/highwater/payment/timestamp"),
        timestamp: timestamp.map(at).map(|value| Recorded {
            value,
            version: Version(7),
            text: value.to_string(),
        }),
        sequence_name: ParameterName::new("/highwater/payment/sequence_id"),
        sequence_id: sequence_id.map(SequenceId).map(|value| Recorded {
            value,
            version: Version(7),
            text: value.to_string(),
        }),
    }
}

/// What would be seen of `objects` (ascending) next to the stored values.
fn seen<'a>(stored: &'a Stored, objects: &[Numbered]) -> Seen<'a> {
    let number = |id: SequenceId| objects.iter().find(|object| object.sequence_id == id);
    let (current, newer) = match stored.sequence_id.as_ref().map(|id| id.value) {
        None => (None, objects.last()),
        Some(id) => {
            let mut newer = None;
            while let Some(next) = number(newer.map_or(id, |o: &Numbered| o.sequence_id).next()) {
                newer = Some(next);
            }
            (number(id), newer)
        }
    };
    Seen {
        stored,
        whole: false,
        consumers_remove: false,
        current: current.cloned(),
        claimed: None,
        next_is_claimed: false,
        newer: newer.cloned(),
        newest: Looked::Unknown,
        above: Looked::Unknown,
        timestamp_by: None,
        sequence_by: None,
    }
}

/// The decision once every question has been answered with these authors.
fn decided(
    seen: &mut Seen<'_>,
    objects: &[Numbered],
    timestamp_by: &Author<Watermark>,
    sequence_by: &Author<SequenceId>,
) -> Decision {
    let mut asked = Vec::new();
    loop {
        let decision = seen.decide();
        let Decision::Ask(question) = decision else {
            return decision;
        };
        assert!(!asked.contains(&question), "{question:?} is asked again");
        asked.push(question);
        match question {
            Question::TimestampAuthor => seen.timestamp_by = Some(timestamp_by.clone()),
            Question::SequenceAuthor => seen.sequence_by = Some(sequence_by.clone()),
            Question::Newest => {
                let newest = objects.last().cloned();
                seen.newest = newest.map_or(Looked::Nothing, Looked::Found);
            }
            Question::Above(id) => {
                let above = objects.iter().rfind(|object| object.sequence_id >= id);
                let above = above.filter(|_| objects.iter().any(|object| object.sequence_id == id));
                seen.above = above.cloned().map_or(Looked::Nothing, Looked::Found);
            }
        }
    }
}

fn decide(
    values: (Option<i64>, Option<u64>),
    objects: &[Numbered],
    timestamp_by: &Author<Watermark>,
    sequence_by: &Author<SequenceId>,
) -> Decision {
    let stored = stored(values.0, values.1);
    decided(
        &mut seen(&stored, objects),
        objects,
        timestamp_by,
        sequence_by,
    )
}

fn goes_on(decision: &Decision) -> (Option<Watermark>, Option<u64>) {
    match decision {
        Decision::GoOn { watermark, after } => (*watermark, after.map(|id| id.0)),
        other => panic!("does not go on: {other:?}"),
    }
}

/// Timestamp and sequence id that a recovery writes.
fn recovers(decision: &Decision) -> (Option<Watermark>, Option<u64>) {
    match decision {
        Decision::Recover(recovery) => {
            (recovery.timestamp(), recovery.sequence_id().map(|id| id.0))
        }
        other => panic!("does not recover: {other:?}"),
    }
}

fn stops(decision: &Decision) -> FindingCode {
    match decision {
        Decision::Stop(finding) => finding.code,
        other => panic!("does not stop: {other:?}"),
    }
}

#[test]
fn values_that_agree_with_the_newest_object_are_gone_on_from() {
    let decision = decide((Some(101), Some(101)), &[object(101)], &hidden(), &hidden());
    assert_eq!(goes_on(&decision), (Some(at(101)), Some(101)));
}

#[test]
fn a_table_of_which_nothing_is_there_is_a_first_run() {
    let decision = decide((None, None), &[], &hidden(), &hidden());
    assert_eq!(goes_on(&decision), (None, None));
}

#[test]
fn a_crash_after_the_commit_is_rolled_forward() {
    let objects = [object(101), object(102)];
    for author in [
        times(&[(run(101), 101)]),
        times(&[(run(100), 100), (edit(), 101)]),
        times(&[(Provenance::Other, 101)]),
        hidden(),
    ] {
        let decision = decide((Some(101), Some(101)), &objects, &author, &hidden());
        assert_eq!(recovers(&decision), (Some(at(102)), Some(102)));
    }
}

#[test]
fn a_crash_between_the_two_writes_writes_the_sequence_id() {
    let objects = [object(101), object(102)];
    for author in [times(&[(run(102), 102)]), hidden()] {
        let decision = decide((Some(102), Some(101)), &objects, &author, &hidden());
        assert_eq!(recovers(&decision), (None, Some(102)));
    }
}

#[test]
fn a_crash_of_the_first_run_is_rolled_forward() {
    let decision = decide((None, None), &[object(1)], &hidden(), &hidden());
    assert_eq!(recovers(&decision), (Some(at(1)), Some(1)));
    let decision = decide((Some(1), None), &[object(1)], &hidden(), &hidden());
    assert_eq!(recovers(&decision), (None, Some(1)));
}

#[test]
fn an_edit_beside_a_first_run_that_crashed_keeps_its_value() {
    let back = times(&[(run(1), 1), (edit(), 0)]);
    let decision = decide((Some(0), None), &[object(1)], &back, &hidden());
    assert_eq!(recovers(&decision), (None, Some(1)));
    let skips = numbers(&[(edit(), 7)]);
    let decision = decide((None, Some(7)), &[object(1)], &hidden(), &skips);
    assert_eq!(recovers(&decision), (Some(at(1)), None));
    let eight = [written(8, Kind::Ingest, None, 8)];
    for stored in [7, 3] {
        let skips = numbers(&[(edit(), stored)]);
        let decision = decide((None, Some(stored)), &eight, &hidden(), &skips);
        assert_eq!(recovers(&decision), (Some(at(8)), Some(8)));
    }
}

#[test]
fn a_sequence_id_that_was_put_back_walks_forward() {
    let objects = [object(100), object(101), object(102), object(103)];
    let by = times(&[(run(103), 103)]);
    let late = numbers(&[(run(103), 103), (run(100), 100)]);
    let decision = decide((Some(103), Some(100)), &objects, &by, &late);
    assert_eq!(recovers(&decision), (None, Some(103)));
    let both = times(&[(run(103), 103), (run(100), 100)]);
    let decision = decide((Some(100), Some(100)), &objects, &both, &late);
    assert_eq!(recovers(&decision), (Some(at(103)), Some(103)));
}

#[test]
fn a_sequence_id_that_was_put_back_below_skipped_numbers_goes_to_the_newest_object() {
    let objects = [object(101), written(200, Kind::Ingest, Some(101), 102)];
    let by = times(&[(run(101), 101), (run(200), 102)]);
    for stored in [101, 150] {
        let late = numbers(&[(run(200), 200), (edit(), stored)]);
        let decision = decide((Some(102), Some(stored)), &objects, &by, &late);
        assert_eq!(recovers(&decision), (None, Some(200)));
    }
}

#[test]
fn an_edited_timestamp_is_honoured_also_after_a_crash() {
    let by = times(&[(run(102), 102), (edit(), 50)]);
    let decision = decide((Some(50), Some(102)), &[object(102)], &by, &hidden());
    assert_eq!(goes_on(&decision), (Some(at(50)), Some(102)));
    let objects = [object(101), object(102)];
    for by in [
        times(&[(run(101), 101), (edit(), 50)]),
        times(&[(run(101), 101), (run(102), 102), (edit(), 50)]),
    ] {
        let decision = decide((Some(50), Some(101)), &objects, &by, &hidden());
        assert_eq!(recovers(&decision), (None, Some(102)));
    }
    // Back to where the newest object begins: the same values as after a crash.
    let by = times(&[(run(101), 101), (run(102), 102), (edit(), 101)]);
    let decision = decide((Some(101), Some(101)), &objects, &by, &hidden());
    assert_eq!(recovers(&decision), (None, Some(102)));
}

#[test]
fn an_edit_that_a_run_went_over_is_written_again() {
    let over = times(&[(run(101), 101), (edit(), 50), (run(102), 102)]);
    let objects = [object(101), object(102)];
    let decision = decide((Some(102), Some(101)), &objects, &over, &hidden());
    assert_eq!(recovers(&decision), (Some(at(50)), Some(102)));
}

#[test]
fn an_edit_that_the_run_had_started_from_is_done_with() {
    let over = times(&[(run(101), 101), (edit(), 50), (run(102), 102)]);
    let objects = [object(101), written(102, Kind::Ingest, Some(50), 102)];
    let decision = decide((Some(102), Some(101)), &objects, &over, &hidden());
    assert_eq!(recovers(&decision), (None, Some(102)));
}

#[test]
fn an_advance_that_ingestion_has_overtaken_repeats_nothing() {
    let objects = [object(100), written(101, Kind::Ingest, Some(100), 110)];
    let advanced = times(&[(run(100), 100), (edit(), 105)]);
    let decision = decide((Some(105), Some(100)), &objects, &advanced, &hidden());
    assert_eq!(recovers(&decision), (Some(at(110)), Some(101)));
    let decision = decide((Some(105), Some(101)), &objects, &advanced, &hidden());
    assert_eq!(recovers(&decision), (Some(at(110)), None));
    let further = times(&[(run(100), 100), (edit(), 115)]);
    let decision = decide((Some(115), Some(100)), &objects, &further, &hidden());
    assert_eq!(recovers(&decision), (None, Some(101)));
}

#[test]
fn a_stale_writers_timestamp_is_put_right() {
    for by in [
        times(&[(run(101), 101)]),
        times(&[(run(101), 101), (run(102), 102), (run(101), 101)]),
    ] {
        let decision = decide((Some(101), Some(102)), &[object(102)], &by, &hidden());
        assert_eq!(recovers(&decision), (Some(at(102)), None));
    }
}

#[test]
fn an_edit_that_a_stale_writer_went_over_is_written_again() {
    let by = times(&[
        (run(101), 101),
        (run(102), 102),
        (edit(), 50),
        (run(101), 101),
    ]);
    let decision = decide((Some(101), Some(102)), &[object(102)], &by, &hidden());
    assert_eq!(recovers(&decision), (Some(at(50)), None));
    let objects = [object(101), object(102)];
    let skips = numbers(&[(run(102), 102), (edit(), 500), (run(101), 101)]);
    let by = times(&[(run(102), 102)]);
    let decision = decide((Some(102), Some(101)), &objects, &by, &skips);
    assert_eq!(recovers(&decision), (None, Some(500)));
}

#[test]
fn a_timestamp_that_something_else_wrote_stops() {
    for author in [
        times(&[(Provenance::Other, 50)]),
        hidden(),
        times(&[(run(103), 50)]),
    ] {
        for (values, objects) in [
            ((Some(50), Some(102)), vec![object(102)]),
            ((Some(50), Some(101)), vec![object(101), object(102)]),
        ] {
            let decision = decide(values, &objects, &author, &hidden());
            assert_eq!(stops(&decision), FindingCode::TimestampMismatch);
        }
    }
}

#[test]
fn skipped_numbers_are_honoured_and_told() {
    let stored = stored(Some(102), Some(500));
    let mut seen = seen(&stored, &[object(102)]);
    let (by, skips) = (times(&[(run(102), 102)]), numbers(&[(edit(), 500)]));
    let decision = decided(&mut seen, &[object(102)], &by, &skips);
    assert_eq!(goes_on(&decision), (Some(at(102)), Some(500)));
    let notes = seen.notes();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0].code, FindingCode::ObjectGap);
    assert_eq!(notes[0].severity, Severity::Info);
}

#[test]
fn numbers_can_be_skipped_before_the_first_batch() {
    let skips = numbers(&[(edit(), 500)]);
    let decision = decide((None, Some(500)), &[], &hidden(), &skips);
    assert_eq!(goes_on(&decision), (None, Some(500)));
}

#[test]
fn numbers_skipped_over_a_crash_do_not_repeat_its_rows() {
    let objects = [object(101), object(102)];
    let (by, skips) = (times(&[(run(101), 101)]), numbers(&[(edit(), 500)]));
    let decision = decide((Some(101), Some(500)), &objects, &by, &skips);
    assert_eq!(recovers(&decision), (Some(at(102)), None));
}

#[test]
fn a_sequence_id_without_object_stops_unless_it_was_set_on_purpose() {
    for author in [
        numbers(&[(run(103), 103)]),
        numbers(&[(Provenance::Other, 103)]),
        hidden(),
    ] {
        let decision = decide((Some(102), Some(103)), &[object(102)], &hidden(), &author);
        assert_eq!(stops(&decision), FindingCode::SequenceAhead);
    }
}

#[test]
fn an_object_of_another_program_above_the_sequence_id_stops() {
    let decision = decide(
        (Some(101), Some(101)),
        &[object(101), foreign(102)],
        &hidden(),
        &hidden(),
    );
    assert_eq!(stops(&decision), FindingCode::StuckSequence);
}

#[test]
fn an_object_of_another_program_at_the_sequence_id_is_gone_on_from() {
    let decision = decide((Some(7), Some(101)), &[foreign(101)], &hidden(), &hidden());
    assert_eq!(goes_on(&decision), (Some(at(7)), Some(101)));
}

#[test]
fn a_value_that_was_deleted_stops() {
    let objects = [object(101), object(102)];
    for (values, code) in [
        ((None, None), FindingCode::TimestampMissing),
        ((None, Some(102)), FindingCode::TimestampMissing),
        ((Some(102), None), FindingCode::SequenceMissing),
    ] {
        assert_eq!(stops(&decide(values, &objects, &hidden(), &hidden())), code);
    }
    let other = times(&[(Provenance::Other, 102)]);
    let alone = decide((Some(102), None), &[], &other, &hidden());
    assert_eq!(stops(&alone), FindingCode::SequenceMissing);
}

#[test]
fn where_to_begin_can_be_set_on_purpose() {
    let by = times(&[(edit(), 50)]);
    let decision = decide((Some(50), None), &[], &by, &hidden());
    assert_eq!(goes_on(&decision), (Some(at(50)), None));
    let decision = decide((Some(50), Some(0)), &[], &hidden(), &hidden());
    assert_eq!(goes_on(&decision), (Some(at(50)), Some(0)));
}

#[test]
fn a_crash_of_a_backfill_leaves_the_timestamp_alone() {
    let objects = [object(101), written(102, Kind::Backfill, Some(3), 101)];
    let decision = decide(
        (Some(101), Some(101)),
        &objects,
        &times(&[(run(101), 101)]),
        &hidden(),
    );
    assert_eq!(recovers(&decision), (None, Some(102)));
    // Its lower bound is no watermark.
    let objects = [object(101), written(102, Kind::Backfill, Some(50), 101)];
    let decision = decide(
        (Some(50), Some(101)),
        &objects,
        &times(&[(run(101), 50)]),
        &hidden(),
    );
    assert_eq!(recovers(&decision), (Some(at(101)), Some(102)));
}

#[test]
fn where_to_go_on_is_set_on_purpose_after_the_value_was_deleted() {
    // The history went with it.
    let set = times(&[(edit(), 40)]);
    let decision = decide((Some(40), Some(102)), &[object(102)], &set, &hidden());
    assert_eq!(goes_on(&decision), (Some(at(40)), Some(102)));
    // The run of the first batch was under way then: it had stored nothing, and has overtaken it.
    let first = written(1, Kind::Ingest, None, 50);
    let decision = decide((Some(40), None), &[first], &set, &hidden());
    assert_eq!(recovers(&decision), (Some(at(50)), Some(1)));
}

/// What is seen where objects are removed after use, and the claim of the last one is all there is.
fn removed(
    values: (Option<i64>, Option<u64>),
    claim: Option<Numbered>,
    timestamp_by: &Author<Watermark>,
    sequence_by: &Author<SequenceId>,
) -> Decision {
    let stored = stored(values.0, values.1);
    let mut seen = seen(&stored, &[]);
    seen.consumers_remove = true;
    seen.claimed = claim.and_then(|object| object.head.metadata);
    decided(&mut seen, &[], timestamp_by, sequence_by)
}

#[test]
fn an_object_that_was_removed_after_use_is_missed_by_nobody() {
    let values = (Some(102), Some(102));
    let by_claim = removed(values, Some(object(102)), &hidden(), &hidden());
    assert_eq!(goes_on(&by_claim), (Some(at(102)), Some(102)));
    let (by, numbered) = (times(&[(run(102), 102)]), numbers(&[(run(102), 102)]));
    let by_authors = removed(values, None, &by, &numbered);
    assert_eq!(goes_on(&by_authors), (Some(at(102)), Some(102)));
    let unknown = removed(values, None, &hidden(), &hidden());
    assert_eq!(stops(&unknown), FindingCode::SequenceAhead);
}

#[test]
fn an_object_removed_between_the_two_writes_of_its_run_is_rolled_forward() {
    let (by, numbered) = (times(&[(run(103), 103)]), numbers(&[(run(102), 102)]));
    let claim = || Some(object(102));
    let decision = removed((Some(103), Some(102)), claim(), &by, &numbered);
    assert_eq!(recovers(&decision), (None, Some(103)));
    // However far a stale writer put the number back, or both values.
    let by = times(&[(run(105), 105)]);
    let decision = removed((Some(105), Some(102)), claim(), &by, &numbered);
    assert_eq!(recovers(&decision), (None, Some(105)));
    let by = times(&[(run(105), 105), (run(102), 102)]);
    let decision = removed((Some(102), Some(102)), claim(), &by, &numbered);
    assert_eq!(recovers(&decision), (Some(at(105)), Some(105)));
}

#[test]
fn two_late_writes_that_agree_with_an_older_object_do_not_hide_what_was_claimed_after_it() {
    let (stored, objects) = (stored(Some(102), Some(102)), [object(102)]);
    let (by, numbered) = (
        times(&[(run(103), 103), (run(102), 102)]),
        numbers(&[(run(103), 103), (run(102), 102)]),
    );
    let mut seen = seen(&stored, &objects);
    seen.consumers_remove = true;
    seen.next_is_claimed = true;
    seen.above = Looked::Gone(object(103).head.metadata.expect("metadata"));
    let decision = decided(&mut seen, &objects, &by, &numbered);
    assert_eq!(recovers(&decision), (Some(at(103)), Some(103)));
}

#[test]
fn a_claim_alone_is_no_object_that_was_removed() {
    // A run died after it had claimed 103, and the number was skipped on purpose.
    let by = times(&[(run(102), 102), (run(90), 103)]);
    let skips = numbers(&[(run(102), 102), (edit(), 103)]);
    let decision = removed((Some(103), Some(103)), Some(object(103)), &by, &skips);
    assert_eq!(recovers(&decision), (Some(at(102)), None));
}

#[test]
fn a_table_that_is_written_whole_has_no_timestamp_to_judge() {
    let whole = |sequence_id: Option<u64>, objects: &[Numbered]| {
        let stored = stored(Some(3), sequence_id);
        let mut seen = seen(&stored, objects);
        seen.whole = true;
        decided(&mut seen, objects, &hidden(), &hidden())
    };
    let snapshot = |number| written(number, Kind::Snapshot, None, 9);
    assert_eq!(goes_on(&whole(None, &[])), (None, None));
    assert_eq!(goes_on(&whole(None, &[foreign(0)])), (None, None));
    assert_eq!(goes_on(&whole(Some(0), &[foreign(0)])), (None, Some(0)));
    assert_eq!(goes_on(&whole(Some(2), &[snapshot(2)])), (None, Some(2)));
    assert_eq!(recovers(&whole(Some(0), &[snapshot(1)])), (None, Some(1)));
    assert_eq!(recovers(&whole(None, &[snapshot(1)])), (None, Some(1)));
    assert_eq!(
        stops(&whole(Some(1), &[snapshot(1), foreign(2)])),
        FindingCode::StuckSequence
    );
    assert_eq!(
        stops(&whole(Some(3), &[snapshot(2)])),
        FindingCode::SequenceAhead
    );
    assert_eq!(
        stops(&whole(None, &[snapshot(4)])),
        FindingCode::SequenceMissing
    );
}

/// Ways in which a timestamp may have come about.
fn histories_of_timestamp(second: Option<i64>) -> Vec<Vec<(Provenance, i64)>> {
    let Some(second) = second else {
        return vec![Vec::new()];
    };
    let mut histories = vec![
        vec![(edit(), second)],
        vec![(run(100), 100), (edit(), second)],
        vec![(run(102), 102), (edit(), second)],
        vec![(run(101), 101), (edit(), 50), (run(102), second)],
        vec![(run(102), 102), (run(100), second)],
        vec![(Provenance::Other, second)],
        Vec::new(),
    ];
    histories.extend([100, 101, 102, 103].map(|number| vec![(run(number), second)]));
    histories
}

/// The same for a sequence id.
fn histories_of_number(number: Option<u64>) -> Vec<Vec<(Provenance, u64)>> {
    let Some(number) = number else {
        return vec![Vec::new()];
    };
    let mut histories = vec![
        vec![(edit(), number)],
        vec![(run(102), 102), (edit(), number)],
        vec![(edit(), 500), (run(100), number)],
        vec![(Provenance::Other, number)],
        Vec::new(),
    ];
    histories.extend([101, 103].map(|by| vec![(run(by), number)]));
    histories
}

/// Without a write the store does not say.
fn author<V: Copy + Ord>(writes: &[(Provenance, V)]) -> Author<V> {
    if writes.is_empty() {
        hidden()
    } else {
        history(writes)
    }
}

/// Decides one combination, and again after what it recovers; 0, 1, 2 for gone on, recovered, stopped.
fn check(
    values: (Option<i64>, Option<u64>),
    objects: &[Numbered],
    timestamp_by: &[(Provenance, i64)],
    sequence_by: &[(Provenance, u64)],
) -> usize {
    let case = format!("{values:?} {objects:?} {timestamp_by:?} {sequence_by:?}");
    let second = |at: Watermark| at.micros() / 1_000_000;
    let decide = |values, timestamp_by: &[(Provenance, i64)], sequence_by: &[(Provenance, u64)]| {
        let times: Vec<_> = timestamp_by
            .iter()
            .map(|(by, second)| (by.clone(), at(*second)))
            .collect();
        let numbers: Vec<_> = sequence_by
            .iter()
            .map(|(by, number)| (by.clone(), SequenceId(*number)))
            .collect();
        decide(values, objects, &author(&times), &author(&numbers))
    };
    match decide(values, timestamp_by, sequence_by) {
        Decision::GoOn { watermark, after } => {
            assert_eq!(watermark, values.0.map(at), "{case}");
            assert_eq!(after.map(|id| id.0), values.1, "{case}");
            0
        }
        Decision::Recover(recovery) => {
            let newest = objects.last();
            let own = newest.and_then(Numbered::metadata);
            let (mut timestamp_by, mut sequence_by) = (timestamp_by.to_vec(), sequence_by.to_vec());
            let (mut timestamp, mut sequence_id) = values;
            if let Some(written) = recovery.timestamp().map(second) {
                let own = own.filter(|own| second(own.watermark) == written);
                let before = timestamp_by.iter().rfind(|(_, before)| *before == written);
                let by = match (own, before) {
                    (Some(own), _) => run(own.sequence_id.0),
                    (None, Some((by, _))) => by.clone().again(newest.map(|o| o.sequence_id)),
                    (None, None) => panic!("{case}: {written} comes from nowhere"),
                };
                timestamp_by.push((by, written));
                timestamp = Some(written);
            }
            if let Some(SequenceId(written)) = recovery.sequence_id() {
                let own = newest.is_some_and(|newest| newest.sequence_id.0 == written);
                sequence_by.push((if own { run(written) } else { edit() }, written));
                sequence_id = Some(written);
            }
            let again = decide((timestamp, sequence_id), &timestamp_by, &sequence_by);
            assert!(
                matches!(again, Decision::GoOn { .. }),
                "{case}: {recovery:?}, then {again:?}"
            );
            1
        }
        Decision::Stop(finding) => {
            assert_eq!(finding.severity, Severity::Error, "{case}");
            2
        }
        Decision::Ask(_) => unreachable!("all questions were answered"),
    }
}

#[test]
fn every_combination_is_decided_and_every_recovery_leads_to_a_sound_state() {
    let timestamps = [None, Some(50), Some(100), Some(101), Some(102), Some(103)];
    let stored_numbers = [
        None,
        Some(0),
        Some(100),
        Some(101),
        Some(102),
        Some(103),
        Some(500),
    ];
    let chains: Vec<Vec<Numbered>> = vec![
        vec![],
        vec![object(1)],
        vec![object(101)],
        vec![object(100), object(101), object(102)],
        vec![object(101), written(102, Kind::Ingest, Some(50), 102)],
        vec![object(101), written(102, Kind::Backfill, Some(50), 101)],
        vec![foreign(101)],
        vec![foreign(101), foreign(102)],
        vec![foreign(101), object(102)],
        vec![written(101, Kind::Snapshot, None, 101)],
    ];
    let mut counted = [0_u32; 3];
    for timestamp in timestamps {
        for number in stored_numbers {
            for objects in &chains {
                for timestamp_by in &histories_of_timestamp(timestamp) {
                    for sequence_by in &histories_of_number(number) {
                        let case = (timestamp, number);
                        let decided = check(case, objects, timestamp_by, sequence_by);
                        counted[decided] += 1;
                    }
                }
            }
        }
    }
    assert!(counted.iter().all(|count| *count > 100), "{counted:?}");
}
