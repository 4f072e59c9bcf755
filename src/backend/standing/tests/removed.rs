//! Objects that consumers remove after use.

use super::{
    at, decided, edit, goes_on, hidden, numbers, object, recovers, run, seen, stops, stored, times,
    written,
};
use crate::backend::finding::FindingCode;
use crate::backend::objects::Kind;
use crate::backend::provenance::Provenance;
use crate::backend::standing::decision::{Decision, Question};
use crate::backend::standing::seen::{Author, Looked, Numbered};
use crate::vocabulary::{SequenceId, Watermark};

/// What is seen if objects are removed after use, and only the claim on the last one is left.
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
    // It does not matter how far back a stale writer put the number, or both values.
    let by = times(&[(run(105), 105)]);
    let decision = removed((Some(105), Some(102)), claim(), &by, &numbered);
    assert_eq!(recovers(&decision), (None, Some(105)));
    let by = times(&[(run(105), 105), (run(102), 102)]);
    let decision = removed((Some(102), Some(102)), claim(), &by, &numbered);
    assert_eq!(recovers(&decision), (Some(at(105)), Some(105)));
}

#[test]
fn a_sequence_id_put_back_over_skipped_numbers_does_not_count_though_its_object_is_gone() {
    let put_back = numbers(&[(run(102), 102), (edit(), 500), (run(102), 102)]);
    let removed = |second, by| {
        let values = (Some(second), Some(102));
        removed(values, Some(object(102)), by, &put_back)
    };
    let rewound = times(&[(run(102), 102), (edit(), 50)]);
    assert_eq!(recovers(&removed(50, &rewound)), (None, Some(500)));
    let late = times(&[(run(101), 101), (run(102), 102), (run(101), 101)]);
    assert_eq!(recovers(&removed(101, &late)), (Some(at(102)), Some(500)));
    // If timestamp and claim agree, no history is read, as with an object that exists.
    let sound = times(&[(run(102), 102)]);
    assert_eq!(goes_on(&removed(102, &sound)), (Some(at(102)), Some(102)));
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
    assert_eq!(seen.decide(), Decision::Ask(Question::TimestampAuthor));
    seen.above = Looked::Gone(object(103).head.metadata.expect("metadata"));
    let decision = decided(&mut seen, &objects, &by, &numbered);
    assert_eq!(recovers(&decision), (Some(at(103)), Some(103)));
}

#[test]
fn an_edit_of_one_value_does_not_make_up_for_the_other_where_objects_may_be_gone() {
    let numbered = numbers(&[(run(102), 102), (edit(), 500)]);
    let no_timestamp = removed((None, Some(500)), None, &hidden(), &numbered);
    assert_eq!(stops(&no_timestamp), FindingCode::TimestampMissing);
    let by = times(&[(run(102), 102), (edit(), 50)]);
    let no_number = removed((Some(50), None), None, &by, &hidden());
    assert_eq!(stops(&no_number), FindingCode::SequenceMissing);
}

#[test]
fn an_object_of_a_table_that_is_written_whole_is_missed_by_nobody_once_it_was_removed() {
    let stored = stored(None, Some(2));
    let mut seen = seen(&stored, &[]);
    (seen.whole, seen.consumers_remove) = (true, true);
    let decision = decided(&mut seen, &[], &hidden(), &numbers(&[(run(2), 2)]));
    assert_eq!(goes_on(&decision), (None, Some(2)));
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
fn a_rewind_that_a_late_run_wrote_over_counts_though_its_object_is_gone_and_numbers_were_skipped() {
    let stored = stored(Some(103), Some(500));
    let mut seen = seen(&stored, &[]);
    seen.consumers_remove = true;
    seen.newest = Looked::Nothing;
    seen.timestamp_by = Some(times(&[(run(102), 102), (edit(), 50), (run(103), 103)]));
    seen.sequence_by = Some(numbers(&[(run(102), 102), (edit(), 500)]));
    let asked = Decision::Ask(Question::Above(SequenceId(103)));
    assert_eq!(seen.decide(), asked);
    seen.above = Looked::Gone(object(103).head.metadata.expect("metadata"));
    assert_eq!(recovers(&seen.decide()), (Some(at(50)), None));
}

#[test]
fn deleted_values_are_no_first_run_where_claims_are_left() {
    let first = removed((None, None), Some(object(1)), &hidden(), &hidden());
    assert_eq!(goes_on(&first), (None, None), "its run may have died");
    let later = removed((None, None), Some(object(102)), &hidden(), &hidden());
    assert_eq!(stops(&later), FindingCode::TimestampMissing);
    let Decision::Stop(finding) = later else {
        panic!("{later:?}");
    };
    for (timestamp, number) in [(at(102), 102), (at(101), 101)] {
        let way = format!("payment --timestamp {timestamp} --sequence-id {number} --force");
        assert!(finding.message.contains(&way), "{finding:?}");
    }
}

#[test]
fn the_last_object_of_a_backfill_is_missed_by_nobody_though_the_timestamp_is_older() {
    let (by, numbered) = (
        times(&[(run(102), 102)]),
        numbers(&[(run(102), 102), (run(104), 104)]),
    );
    let backfill = || Some(written(104, Kind::Backfill, Some(7), 102));
    let values = (Some(102), Some(104));
    // It had no claim of its own: it finished what another run had claimed.
    for claim in [backfill(), None] {
        let decision = removed(values, claim, &by, &numbered);
        assert_eq!(goes_on(&decision), (Some(at(102)), Some(104)));
    }
    let rewound = times(&[(run(102), 102), (edit(), 50)]);
    let decision = removed((Some(50), Some(104)), backfill(), &rewound, &numbered);
    assert_eq!(goes_on(&decision), (Some(at(50)), Some(104)));
    let strange = times(&[(run(102), 102), (Provenance::Other, 50)]);
    let decision = removed((Some(50), Some(104)), backfill(), &strange, &numbered);
    assert_eq!(stops(&decision), FindingCode::TimestampMismatch);
    let by_hand = numbers(&[(run(102), 102), (Provenance::Other, 104)]);
    let decision = removed(values, backfill(), &by, &by_hand);
    assert_eq!(stops(&decision), FindingCode::SequenceAhead);
}
