use chrono::DateTime;

use super::*;
use crate::backend::provenance::RunId;
use crate::vocabulary::Version;

fn run(number: u64) -> Provenance {
    let id = RunId::parse(&format!("00000000-0000-4000-8000-{number:012}"));
    Provenance::Run {
        run: id.expect("a run id"),
        sequence_id: SequenceId(number),
    }
}

fn edit() -> Provenance {
    Provenance::Edit {
        by: "ada".to_owned(),
        reason: "late corrections".to_owned(),
    }
}

fn history(writes: &[(Provenance, u64)]) -> Authorship<u64> {
    let versions = writes
        .iter()
        .zip(1..)
        .map(|((by, value), version)| ParameterVersion {
            version: Version(version),
            value: value.to_string(),
            written_at: DateTime::UNIX_EPOCH,
            written_by: String::new(),
            description: by.description(),
        });
    let mut versions: Vec<_> = versions.collect();
    versions.reverse();
    Authorship::of(versions, |text| text.parse().ok())
}

fn newest(writes: &[(Provenance, u64)]) -> u64 {
    let history = history(writes);
    let value = history.newest().and_then(|newest| newest.value);
    value.expect("a value that counts")
}

#[test]
fn a_run_that_writes_after_a_later_one_counts_for_nothing() {
    assert_eq!(newest(&[(run(1), 10), (run(2), 20), (run(1), 10)]), 20);
    assert_eq!(newest(&[(run(2), 20), (run(1), 10)]), 20);
    assert_eq!(newest(&[(run(1), 10), (edit(), 5), (run(1), 10)]), 5);
    assert_eq!(newest(&[(run(1), 10), (edit(), 5), (run(2), 20)]), 20);
}

#[test]
fn an_edit_that_was_written_again_is_as_late_as_the_run_that_went_over_it() {
    let again = edit().again(Some(SequenceId(2)));
    let writes = [(run(1), 10), (edit(), 5), (run(2), 20), (again.clone(), 5)];
    assert_eq!(newest(&writes), 5);
    let writes = [
        (run(1), 10),
        (edit(), 5),
        (run(2), 20),
        (again.clone(), 5),
        (run(3), 30),
        (again, 5),
    ];
    assert_eq!(newest(&writes), 30);
}

#[test]
fn a_description_that_a_store_left_over_another_value_names_nobody() {
    let counts = |writes: &[(Provenance, u64)]| {
        let newest = history(writes).newest().cloned().expect("a write");
        (newest.by, newest.value)
    };
    let writes = [(run(1), 10), (run(1), 7)];
    assert_eq!(counts(&writes), (Provenance::Other, Some(7)));
    let writes = [(run(1), 10), (run(2), 20), (run(1), 10), (run(1), 7)];
    assert_eq!(counts(&writes), (Provenance::Other, Some(7)));
}

#[test]
fn a_description_of_an_edit_that_a_store_left_over_another_value_names_nobody() {
    let counts = |writes: &[(Provenance, u64)]| {
        let newest = history(writes).newest().cloned().expect("a write");
        (newest.by, newest.value)
    };
    let writes = [(run(1), 10), (edit(), 5), (edit(), 30)];
    assert_eq!(counts(&writes), (Provenance::Other, Some(30)));
    assert_eq!(history(&writes).edited(), None);
    let writes = [(run(1), 10), (edit(), 5), (edit(), 30), (edit(), 5)];
    assert_eq!(counts(&writes), (Provenance::Other, Some(5)));
    // With the same value it is the same edit, or harmless.
    let writes = [(run(1), 10), (edit(), 5), (edit(), 5)];
    assert_eq!(counts(&writes), (edit(), Some(5)));
    let more = edit().once_more();
    let writes = [(run(1), 10), (edit(), 5), (more.clone(), 30), (edit(), 7)];
    assert_eq!(counts(&writes[..3]), (more, Some(30)));
    assert_eq!(counts(&writes), (edit(), Some(7)));
}

#[test]
fn an_edit_that_took_itself_back_never_was() {
    let back = |number| edit().again(Some(SequenceId(number)));
    let writes = [(run(1), 10), (run(2), 20), (edit(), 5), (back(2), 20)];
    assert_eq!(newest(&writes), 20);
    assert_eq!(history(&writes).edited(), None);
    // What it overwrote was an edit by the same person for the same reason.
    let more = edit().once_more();
    let writes = [
        (run(1), 10),
        (edit(), 7),
        (more.clone(), 5),
        (more.again(Some(SequenceId(1))), 7),
    ];
    assert_eq!(newest(&writes), 7);
    // The two were made at the same moment, so neither says that it is a further one.
    let writes = [(run(1), 10), (edit(), 7), (edit(), 5), (back(1), 7)];
    assert_eq!(newest(&writes), 7);
    // A run has continued in the meantime.
    let writes = [(run(1), 10), (edit(), 5), (run(2), 20), (back(1), 10)];
    assert_eq!(newest(&writes), 20);
}

#[test]
fn an_edit_that_took_itself_back_late_never_was_either_nor_what_was_written_of_it_again() {
    let (back, again) = (
        edit().again(Some(SequenceId(2))),
        edit().again(Some(SequenceId(3))),
    );
    let past = [(run(1), 10), (run(2), 20), (edit(), 15), (run(3), 30)];
    let after = |writes: &[(Provenance, u64)]| [&past[..], writes].concat();
    for writes in [
        after(&[(back.clone(), 20)]),
        after(&[(back.clone(), 20), (again.clone(), 15)]),
        after(&[(again.clone(), 15), (back.clone(), 20)]),
    ] {
        assert_eq!(newest(&writes), 30);
        assert_eq!(history(&writes).edited(), None);
    }
    // The edit is made again, and overwritten again.
    let more = edit().again(Some(SequenceId(4)));
    let writes = after(&[(back, 20), (edit(), 15), (run(4), 40), (more, 15)]);
    assert_eq!(newest(&writes), 15);
    // The edit that is written again is an older one by the same person for the same reason.
    let writes = after(&[(edit(), 25), (run(4), 40), (again, 15)]);
    let edited = history(&writes).edited().map(|edited| edited.value);
    assert_eq!(edited, Some(25));
    // The edit that is written again is the newer one; its value is also what was there before the older one.
    let (older, newer) = ((edit(), 5), (edit(), 10));
    let again = edit().again(Some(SequenceId(3)));
    let writes = [
        (run(1), 10),
        older,
        (run(2), 20),
        newer,
        (run(3), 30),
        (again, 10),
    ];
    assert_eq!(newest(&writes), 10);
}

#[test]
fn an_edit_made_twice_on_purpose_counts_twice() {
    assert_eq!(
        newest(&[(run(1), 10), (edit(), 5), (run(2), 20), (edit(), 5)]),
        5
    );
}

#[test]
fn an_edit_is_known_until_a_second_run_has_written() {
    let edited = |writes: &[(Provenance, u64)]| history(writes).edited();
    let made = edited(&[(run(1), 10), (edit(), 5)]).expect("an edit");
    assert_eq!((made.value, made.over), (5, None));
    let made = edited(&[(run(1), 10), (edit(), 5), (run(2), 20)]).expect("an edit");
    assert_eq!((made.value, made.over), (5, Some(run(2))));
    let writes = [(run(1), 10), (edit(), 5), (run(2), 20), (run(3), 30)];
    assert_eq!(edited(&writes), None);
    assert_eq!(edited(&[(edit(), 5), (Provenance::Other, 7)]), None);
}

#[test]
fn only_an_edit_forwards_can_be_overtaken() {
    let overtaken = |writes: &[(Provenance, u64)]| {
        let edited = history(writes).edited().expect("an edit");
        edited.is_overtaken(20)
    };
    assert!(overtaken(&[(run(1), 10), (edit(), 15)]));
    assert!(overtaken(&[(edit(), 15)]));
    assert!(!overtaken(&[(run(1), 10), (edit(), 25)]));
    assert!(!overtaken(&[(run(1), 10), (edit(), 5)]));
    // Forwards and then back, but not as far back as it had been.
    assert!(overtaken(&[
        (run(1), 10),
        (edit(), 30),
        (edit().once_more(), 15)
    ]));
    // The value seen by whoever edited had been written late.
    assert!(overtaken(&[
        (run(1), 10),
        (run(2), 20),
        (run(1), 10),
        (edit(), 15)
    ]));
    // Something else had put back what ingestion had reached, which stops the table.
    assert!(!overtaken(&[
        (run(2), 20),
        (Provenance::Other, 10),
        (edit(), 15)
    ]));
}
