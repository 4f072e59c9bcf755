//! Writes that come late, and what another program or a script has done.

use super::{
    at, decide, edit, foreign, goes_on, hidden, numbers, object, recovers, run, stops, times,
    written,
};
use crate::backend::finding::FindingCode;
use crate::backend::objects::Kind;
use crate::backend::provenance::Provenance;

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
fn a_timestamp_that_something_else_set_back_to_where_the_object_begins_stops() {
    let back = times(&[(run(101), 101), (run(102), 102), (Provenance::Other, 101)]);
    for author in [back, times(&[(Provenance::Other, 101)]), hidden()] {
        let rewound = decide((Some(101), Some(102)), &[object(102)], &author, &hidden());
        assert_eq!(stops(&rewound), FindingCode::TimestampMismatch);
        // Before the number is stored, this is a crash right after the commit.
        let objects = [object(101), object(102)];
        let crashed = decide((Some(101), Some(101)), &objects, &author, &hidden());
        assert_eq!(recovers(&crashed), (Some(at(102)), Some(102)));
    }
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
fn another_program_that_stored_the_number_and_not_the_timestamp_has_crashed() {
    let objects = [object(101), foreign(102)];
    let by_run = times(&[(run(101), 101)]);
    let by_other = numbers(&[(run(101), 101), (Provenance::Other, 102)]);
    let values = (Some(101), Some(102));
    let crashed = decide(values, &objects, &by_run, &by_other);
    assert_eq!(stops(&crashed), FindingCode::TimestampMismatch);
    // The program finished, or somebody has moved past the object on purpose.
    let by_it = times(&[(run(101), 101), (Provenance::Other, 101)]);
    let by_edit = numbers(&[(run(101), 101), (edit(), 102)]);
    for (timestamp_by, sequence_by) in [(&by_it, &by_other), (&by_run, &by_edit)] {
        let decision = decide(values, &objects, timestamp_by, sequence_by);
        assert_eq!(goes_on(&decision), (Some(at(101)), Some(102)));
    }
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
    // The same if a run wrote it and its object was deleted.
    let alone = decide((Some(1), None), &[], &times(&[(run(1), 1)]), &hidden());
    assert_eq!(stops(&alone), FindingCode::SequenceMissing);
    // The first run began where somebody had set it to begin.
    let begun = written(1, Kind::Ingest, Some(0), 1);
    let neither = decide((None, None), &[begun], &hidden(), &hidden());
    assert_eq!(stops(&neither), FindingCode::TimestampMissing);
}
