//! The decision, row by row of its table, and over every combination of what can be seen.

use chrono::DateTime;

use super::decision::{Decision, Question};
use super::recovery::Recovery;
use super::seen::{Author, Authorship, Below, Numbered, Seen};
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

fn known(by: Provenance) -> Author {
    Author::Known(Authorship { by, over: None })
}

fn hidden() -> Author {
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
        newer: newer.cloned(),
        below: Below::Unknown,
        timestamp_by: None,
        sequence_by: None,
    }
}

/// The decision once every question has been answered with these authors.
fn decided(
    seen: &mut Seen<'_>,
    objects: &[Numbered],
    timestamp_by: &Author,
    sequence_by: &Author,
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
            Question::NewestBelow => {
                let id = seen.stored.sequence_id.as_ref().map(|id| id.value);
                let below = objects.iter().rfind(|object| Some(object.sequence_id) < id);
                seen.below = below.cloned().map_or(Below::Nothing, Below::Newest);
            }
        }
    }
}

fn decide(
    values: (Option<i64>, Option<u64>),
    objects: &[Numbered],
    timestamp_by: &Author,
    sequence_by: &Author,
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
        known(run(101)),
        known(edit()),
        known(Provenance::Other),
        hidden(),
    ] {
        let decision = decide((Some(101), Some(101)), &objects, &author, &hidden());
        assert_eq!(recovers(&decision), (Some(at(102)), Some(102)));
    }
}

#[test]
fn a_crash_between_the_two_writes_writes_the_sequence_id() {
    let objects = [object(101), object(102)];
    for author in [known(run(102)), hidden()] {
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
fn a_sequence_id_that_was_put_back_walks_forward() {
    let objects = [object(100), object(101), object(102), object(103)];
    let late = known(run(100));
    let decision = decide((Some(103), Some(100)), &objects, &known(run(103)), &late);
    assert_eq!(recovers(&decision), (None, Some(103)));
    let decision = decide((Some(100), Some(100)), &objects, &late, &late);
    assert_eq!(recovers(&decision), (Some(at(103)), Some(103)));
}

#[test]
fn an_edited_timestamp_is_honoured_also_after_a_crash() {
    let decision = decide(
        (Some(50), Some(102)),
        &[object(102)],
        &known(edit()),
        &hidden(),
    );
    assert_eq!(goes_on(&decision), (Some(at(50)), Some(102)));
    let objects = [object(101), object(102)];
    let decision = decide((Some(50), Some(101)), &objects, &known(edit()), &hidden());
    assert_eq!(recovers(&decision), (None, Some(102)));
}

#[test]
fn an_edit_that_a_run_went_over_is_written_again() {
    let over = Author::Known(Authorship {
        by: run(102),
        over: Some((at(50), edit())),
    });
    let objects = [object(101), object(102)];
    let decision = decide((Some(102), Some(101)), &objects, &over, &hidden());
    assert_eq!(recovers(&decision), (Some(at(50)), Some(102)));
}

#[test]
fn an_edit_that_the_run_had_started_from_is_done_with() {
    let over = Author::Known(Authorship {
        by: run(102),
        over: Some((at(50), edit())),
    });
    let objects = [object(101), written(102, Kind::Ingest, Some(50), 102)];
    let decision = decide((Some(102), Some(101)), &objects, &over, &hidden());
    assert_eq!(recovers(&decision), (None, Some(102)));
}

#[test]
fn a_stale_writers_timestamp_is_put_right() {
    let decision = decide(
        (Some(101), Some(102)),
        &[object(102)],
        &known(run(101)),
        &hidden(),
    );
    assert_eq!(recovers(&decision), (Some(at(102)), None));
}

#[test]
fn a_timestamp_that_something_else_wrote_stops() {
    for author in [known(Provenance::Other), hidden(), known(run(103))] {
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
    let decision = decided(&mut seen, &[object(102)], &hidden(), &known(edit()));
    assert_eq!(goes_on(&decision), (Some(at(102)), Some(500)));
    let notes = seen.notes();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0].code, FindingCode::ObjectGap);
    assert_eq!(notes[0].severity, Severity::Info);
}

#[test]
fn numbers_skipped_over_a_crash_do_not_repeat_its_rows() {
    let objects = [object(101), object(102)];
    let decision = decide(
        (Some(101), Some(500)),
        &objects,
        &known(run(101)),
        &known(edit()),
    );
    assert_eq!(recovers(&decision), (Some(at(102)), None));
}

#[test]
fn a_sequence_id_without_object_stops_unless_it_was_set_on_purpose() {
    for author in [known(run(103)), known(Provenance::Other), hidden()] {
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
    let alone = decide((Some(102), None), &[], &known(Provenance::Other), &hidden());
    assert_eq!(stops(&alone), FindingCode::SequenceMissing);
}

#[test]
fn where_to_begin_can_be_set_on_purpose() {
    let decision = decide((Some(50), None), &[], &known(edit()), &hidden());
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
        &known(run(101)),
        &hidden(),
    );
    assert_eq!(recovers(&decision), (None, Some(102)));
    // Its lower bound is no watermark.
    let objects = [object(101), written(102, Kind::Backfill, Some(50), 101)];
    let decision = decide((Some(50), Some(101)), &objects, &known(run(101)), &hidden());
    assert_eq!(recovers(&decision), (Some(at(101)), Some(102)));
}

/// What is seen where objects are removed after use, and the claim of the last one is all there is.
fn removed(
    values: (Option<i64>, Option<u64>),
    claim: Option<Numbered>,
    timestamp_by: &Author,
    sequence_by: &Author,
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
    let by_authors = removed(values, None, &known(run(102)), &known(run(102)));
    assert_eq!(goes_on(&by_authors), (Some(at(102)), Some(102)));
    let unknown = removed(values, None, &hidden(), &hidden());
    assert_eq!(stops(&unknown), FindingCode::SequenceAhead);
}

#[test]
fn an_object_removed_between_the_two_writes_of_its_run_is_rolled_forward() {
    let decision = removed(
        (Some(103), Some(102)),
        Some(object(102)),
        &known(run(103)),
        &known(run(102)),
    );
    assert_eq!(recovers(&decision), (None, Some(103)));
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

/// The state after the writes of a recovery, and who wrote it then.
fn after(recovery: &Recovery, values: (Option<i64>, Option<u64>)) -> (Option<i64>, Option<u64>) {
    let seconds = |at: Watermark| at.micros() / 1_000_000;
    (
        recovery.timestamp().map(seconds).or(values.0),
        recovery.sequence_id().map(|id| id.0).or(values.1),
    )
}

#[test]
fn every_combination_is_decided_and_every_recovery_leads_to_a_sound_state() {
    let timestamps = [None, Some(50), Some(100), Some(101), Some(102), Some(103)];
    let numbers = [
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
    let mut authors = vec![known(edit()), known(Provenance::Other), hidden()];
    authors.extend([100, 101, 102, 103].map(|number| known(run(number))));
    authors.push(Author::Known(Authorship {
        by: run(102),
        over: Some((at(50), edit())),
    }));
    let mut counted = [0_u32; 3];
    for timestamp in timestamps {
        for number in numbers {
            for objects in &chains {
                for timestamp_by in &authors {
                    for sequence_by in &authors {
                        let values = (timestamp, number);
                        let decision = decide(values, objects, timestamp_by, sequence_by);
                        let case =
                            format!("{values:?} {objects:?} {timestamp_by:?} {sequence_by:?}");
                        match decision {
                            Decision::GoOn { watermark, after } => {
                                counted[0] += 1;
                                assert_eq!(watermark, timestamp.map(at), "{case}");
                                assert_eq!(after.map(|id| id.0), number, "{case}");
                            }
                            Decision::Recover(recovery) => {
                                counted[1] += 1;
                                let newest = objects.last().expect("nothing to recover from");
                                // Whoever writes it, the state it leaves is explained: by the run
                                // it was written for, or by the edit that was there before.
                                let newest = known(run(newest.sequence_id.0));
                                let by = if recovery.timestamp() == Some(at(50))
                                    || recovery.timestamp().is_none()
                                {
                                    timestamp_by
                                } else {
                                    &newest
                                };
                                let by = if recovery.timestamp() == Some(at(50)) {
                                    &known(edit())
                                } else {
                                    by
                                };
                                let sequence_by = if recovery.sequence_id().is_some() {
                                    &newest
                                } else {
                                    sequence_by
                                };
                                let again =
                                    decide(after(&recovery, values), objects, by, sequence_by);
                                assert!(
                                    matches!(again, Decision::GoOn { .. }),
                                    "{case}: {again:?}"
                                );
                            }
                            Decision::Stop(finding) => {
                                counted[2] += 1;
                                assert_eq!(finding.severity, Severity::Error, "{case}");
                            }
                            Decision::Ask(_) => unreachable!("all questions were answered"),
                        }
                    }
                }
            }
        }
    }
    assert!(counted.iter().all(|count| *count > 100), "{counted:?}");
}
