//! Every combination of what can be seen: each is decided, and what is recovered is sound.

use super::{at, decide, edit, foreign, hidden, history, object, run, written};
use crate::backend::finding::Severity;
use crate::backend::objects::Kind;
use crate::backend::provenance::Provenance;
use crate::backend::standing::decision::Decision;
use crate::backend::standing::seen::{Author, Numbered};
use crate::vocabulary::{SequenceId, Watermark};

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
        [(run(number), number), (edit(), 500), (run(number), number)].to_vec(),
        vec![(Provenance::Other, number)],
        Vec::new(),
    ];
    histories.extend([101, 103].map(|by| vec![(run(by), number)]));
    histories
}

/// With no writes, the store does not say.
fn author<V: Copy + Ord>(writes: &[(Provenance, V)]) -> Author<V> {
    if writes.is_empty() {
        hidden()
    } else {
        history(writes)
    }
}

/// Decides one combination, and decides again after what it recovers; returns 0, 1 or 2 for continued,
/// recovered and stopped.
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
