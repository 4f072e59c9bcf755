//! The decision, row by row of its table, and over every combination of what can be seen.

mod combinations;
mod crashes;
mod edits;
mod removed;
mod strangers;
mod zones;

use std::sync::LazyLock;

use chrono::DateTime;
use chrono_tz::Tz;

use super::decision::{Decision, Question};
use super::seen::{Author, Looked, Numbered, Seen};
use crate::backend::authorship::Authorship;
use crate::backend::finding::FindingCode;
use crate::backend::objects::{Kind, Metadata, ObjectHead};
use crate::backend::provenance::{Provenance, RunId};
use crate::backend::stored::{Recorded, Stored};
use crate::vocabulary::{ObjectKey, ParameterName, SequenceId, TableName, Version, Watermark};

static PAYMENT: LazyLock<TableName> = LazyLock::new(|| TableName::parse("payment"));

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
        timezone: None,
        row_time: None,
        backfill: None,
    });
    object
}

/// Object `number`, which continues from the one before.
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
        table: &PAYMENT,
        stored,
        whole: false,
        timezone: Tz::UTC,
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
