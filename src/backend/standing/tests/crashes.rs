//! What is rolled forward after a crash, and what needs nothing.

use super::{
    at, decide, decided, edit, foreign, goes_on, hidden, numbers, object, recovers, run, seen,
    stops, stored, times, written,
};
use crate::backend::finding::FindingCode;
use crate::backend::objects::Kind;
use crate::backend::provenance::Provenance;
use crate::backend::standing::seen::Numbered;

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
fn numbers_skipped_over_a_crash_do_not_repeat_its_rows() {
    let objects = [object(101), object(102)];
    let (by, skips) = (times(&[(run(101), 101)]), numbers(&[(edit(), 500)]));
    let decision = decide((Some(101), Some(500)), &objects, &by, &skips);
    assert_eq!(recovers(&decision), (Some(at(102)), None));
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
    // Its lower bound is not a watermark.
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
fn a_table_that_is_written_whole_has_no_timestamp_to_judge() {
    let whole = |sequence_id: Option<u64>, objects: &[Numbered]| {
        let stored = stored(Some(3), sequence_id);
        let mut seen = seen(&stored, objects);
        seen.whole = true;
        decided(&mut seen, objects, &hidden(), &hidden())
    };
    let snapshot = |number| written(number, Kind::Snapshot, None, 9);
    assert_eq!(goes_on(&whole(None, &[])), (None, None));
    assert_eq!(goes_on(&whole(Some(0), &[])), (None, Some(0)));
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

#[test]
fn numbers_of_a_table_that_is_written_whole_are_skipped_unless_an_object_is_beyond_them() {
    let skipped_to_9 = |newest| {
        let (stored, objects) = (
            stored(None, Some(9)),
            [written(newest, Kind::Snapshot, None, 9)],
        );
        let mut seen = seen(&stored, &objects);
        seen.whole = true;
        let by = numbers(&[(run(2), 2), (edit(), 9)]);
        decided(&mut seen, &objects, &hidden(), &by)
    };
    assert_eq!(goes_on(&skipped_to_9(2)), (None, Some(9)));
    assert_eq!(recovers(&skipped_to_9(12)), (None, Some(12)));
}
