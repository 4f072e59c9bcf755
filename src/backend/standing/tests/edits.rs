//! What an operator has set on purpose, and when it no longer counts.

use super::{
    at, decide, decided, edit, goes_on, hidden, numbers, object, recovers, run, seen, stored,
    times, written,
};
use crate::backend::finding::{FindingCode, Severity};
use crate::backend::objects::Kind;

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
    // Back to where the newest object begins, which gives the same values as a crash.
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
fn an_edit_that_an_earlier_run_went_over_is_done_with() {
    let over = times(&[(run(100), 100), (edit(), 50), (run(101), 101)]);
    let gone_on_from = written(101, Kind::Ingest, Some(50), 101);
    let objects = [object(100), gone_on_from, object(102)];
    let decision = decide((Some(101), Some(101)), &objects, &over, &hidden());
    assert_eq!(recovers(&decision), (Some(at(102)), Some(102)));
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
fn a_sequence_id_put_back_over_skipped_numbers_does_not_count_where_anything_is_amiss() {
    let put_back = numbers(&[(run(102), 102), (edit(), 500), (run(102), 102)]);
    let decide = |second, by| decide((Some(second), Some(102)), &[object(102)], by, &put_back);
    let rewound = times(&[(run(102), 102), (edit(), 50)]);
    assert_eq!(recovers(&decide(50, &rewound)), (None, Some(500)));
    let late = times(&[(run(101), 101), (run(102), 102), (run(101), 101)]);
    assert_eq!(recovers(&decide(101, &late)), (Some(at(102)), Some(500)));
    // If timestamp and object agree, no history is read; see the module.
    let sound = times(&[(run(102), 102)]);
    assert_eq!(goes_on(&decide(102, &sound)), (Some(at(102)), Some(102)));
}

#[test]
fn numbers_can_be_skipped_before_the_first_batch() {
    let skips = numbers(&[(edit(), 500)]);
    let decision = decide((None, Some(500)), &[], &hidden(), &skips);
    assert_eq!(goes_on(&decision), (None, Some(500)));
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
fn where_to_go_on_is_set_on_purpose_after_the_value_was_deleted() {
    // The history was deleted with it.
    let set = times(&[(edit(), 40)]);
    let decision = decide((Some(40), Some(102)), &[object(102)], &set, &hidden());
    assert_eq!(goes_on(&decision), (Some(at(40)), Some(102)));
    // The run of the first batch was under way then: it had stored nothing, and has overtaken the edit.
    let first = written(1, Kind::Ingest, None, 50);
    let decision = decide((Some(40), None), &[first], &set, &hidden());
    assert_eq!(recovers(&decision), (Some(at(50)), Some(1)));
}
