//! Objects whose timestamps were read in a zone other than the current one.

use chrono_tz::Tz;

use super::{
    at, decide, decided, edit, goes_on, hidden, numbers, object, run, seen, stops, stored, times,
};
use crate::backend::finding::FindingCode;

/// In 1970, clocks in London were an hour ahead in winter as well as in summer.
const HOUR: i64 = 3600;

#[test]
fn a_timestamp_of_another_zone_is_gone_on_from_only_where_it_has_been_set_since() {
    let mut newest = object(7200);
    if let Some(metadata) = &mut newest.head.metadata {
        metadata.timezone = Some("UTC".to_owned());
    }
    let objects = [newest];
    let written = (run(7200), 7200);
    let by_run = times(std::slice::from_ref(&written));
    let by_edit = times(&[written, (edit(), 5)]);
    let (moved, by_moved) = (7200 - HOUR, hidden());
    for (timestamp, by, goes) in [
        (7200, &by_run, false),
        (7200, &hidden(), false),
        (5, &by_edit, true),
        (moved, &by_moved, true),
    ] {
        let stored = stored(Some(timestamp), Some(7200));
        let mut seen = seen(&stored, &objects);
        seen.timezone = Tz::Europe__London;
        let decision = decided(&mut seen, &objects, by, &numbers(&[(run(7200), 7200)]));
        if goes {
            assert_eq!(goes_on(&decision), (Some(at(timestamp)), Some(7200)));
        } else {
            assert_eq!(stops(&decision), FindingCode::TimestampMismatch);
        }
    }
    // Nothing is looked up if the zone is the same.
    let stored = stored(Some(7200), Some(7200));
    goes_on(&seen(&stored, &objects).decide());
}

#[test]
fn an_object_of_a_zone_that_is_not_known_is_no_object_of_another_program() {
    let mut newest = object(102);
    if let Some(metadata) = &mut newest.head.metadata {
        metadata.timezone = Some("Mars/Olympus_Mons".to_owned());
    }
    let objects = [object(101), newest];
    let (by_run, by_edit) = (
        times(&[(run(102), 102)]),
        times(&[(run(102), 102), (edit(), 102)]),
    );
    for stored in [101, 102] {
        let decision = decide((Some(102), Some(stored)), &objects, &by_run, &numbers(&[]));
        assert_eq!(stops(&decision), FindingCode::TimestampMismatch);
    }
    let decision = decide((Some(102), Some(102)), &objects, &by_edit, &numbers(&[]));
    assert_eq!(goes_on(&decision), (Some(at(102)), Some(102)));
}
