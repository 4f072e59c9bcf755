//! What happened, derived from the events: objects, and what operators wrote.

use std::collections::BTreeMap;

use highwater::backend::{objects::Metadata, provenance::Provenance};
use highwater::vocabulary::SequenceId;

use crate::interleavings::turns::ActorId;
use crate::interleavings::world::{Event, LookedAt, Value};

/// An object that was created.
pub struct Object {
    pub at: usize,
    pub metadata: Metadata,
    pub looked_at: LookedAt,
    pub rows: Vec<i64>,
    /// Nothing was promised for it, see [`is_excused`].
    pub excused: bool,
    /// Its rows may be written again, see [`is_lost`].
    pub lost: bool,
}

/// A value that an operator wrote.
#[derive(Debug)]
pub struct Effect {
    pub at: usize,
    /// The value that the operator saw; if that was an edit, how far runs had got. If the operator's program died
    /// before it could tell that the value had changed, and overwrote a greater one, the greater one.
    pub base: Option<i64>,
    pub after: i64,
    pub acknowledged: bool,
    /// A write from before the edit arrived once more after it: if it is the write that matches the newest object,
    /// the state looks sound, and nobody asks for the history.
    pub repeated_over: bool,
    pub used: bool,
}

impl Effect {
    pub const fn must_count(&self) -> bool {
        self.acknowledged && !self.repeated_over
    }

    pub const fn goes_back(&self) -> bool {
        matches!(self.base, Some(base) if base > self.after)
    }
}

pub fn objects(events: &[Event]) -> Result<Vec<Object>, String> {
    let mut objects = Vec::new();
    for (at, event) in events.iter().enumerate() {
        if let Event::Created {
            metadata,
            body,
            looked_at,
        } = event
        {
            let object = Object {
                at,
                looked_at: *looked_at,
                rows: ids(body)?,
                metadata: metadata.clone(),
                excused: false,
                lost: false,
            };
            let (excused, lost) = (is_excused(&object, events), is_lost(&object, events));
            objects.push(Object {
                excused,
                lost,
                ..object
            });
        }
    }
    Ok(objects)
}

/// Whether an object was committed in the only moment that a number does not protect: after its writer had looked
/// at the values for the last time and before it committed, an operator moved them, a late write made both name an
/// older object, or a consumer removed the object that another run had committed under the same number.
fn is_excused(object: &Object, events: &[Event]) -> bool {
    let looked_at = |value: Value| match value {
        Value::Timestamp => object.looked_at.timestamp,
        Value::SequenceId => object.looked_at.sequence_id,
    };
    let id = object.metadata.sequence_id;
    let before = events[..object.at].iter().enumerate();
    let edited = before.clone().any(|(at, event)| {
        matches!(event, Event::Written { value, by, .. } if by.is_edit() && at >= looked_at(*value))
    });
    let put_back = before.clone().any(|(at, event)| {
        at >= object.looked_at.sequence_id && puts_back(event, id, &events[..at])
    });
    let removed = before
        .clone()
        .any(|(_, event)| matches!(event, Event::Removed { sequence_id } if *sequence_id == id.0));
    let stored = before.into_iter().any(|(at, event)| {
        matches!(event, Event::Written { value: Value::Timestamp, by: Provenance::Run { sequence_id, .. }, .. }
            if *sequence_id == id && at < object.looked_at.timestamp)
    });
    edited || put_back || (removed && !stored)
}

/// Whether a run's write put the sequence id back to the object whose timestamp was stored, while `next` was the
/// next number.
fn puts_back(event: &Event, next: SequenceId, before: &[Event]) -> bool {
    let Event::Written {
        value: Value::SequenceId,
        by: by @ Provenance::Run { sequence_id, .. },
        ..
    } = event
    else {
        return false;
    };
    let timestamp = before.iter().rev().find_map(|event| match event {
        Event::Written {
            value: Value::Timestamp,
            by,
            ..
        } => Some(by),
        _ => None,
    });
    sequence_id.next() < next && timestamp == Some(by)
}

/// Whether a consumer removed the object before its run, or a recovery, had stored the timestamp: then only the
/// claim of its number still shows that it existed.
fn is_lost(object: &Object, events: &[Event]) -> bool {
    let id = object.metadata.sequence_id;
    for event in &events[object.at..] {
        match event {
            Event::Removed { sequence_id } if *sequence_id == id.0 => return true,
            Event::Written {
                value: Value::Timestamp,
                by: Provenance::Run { sequence_id, .. },
                ..
            } if *sequence_id >= id => return false,
            _ => {}
        }
    }
    false
}

fn ids(body: &[u8]) -> Result<Vec<i64>, String> {
    #[derive(serde::Deserialize)]
    struct Line {
        id: i64,
    }
    let lines = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| match serde_json::from_slice(line) {
            Ok(Line { id }) => Ok(id),
            Err(error) => Err(format!("a line that is no row: {error}")),
        })
        .collect()
}

/// What operators wrote to this value, oldest first.
pub fn effects(events: &[Event], value: Value) -> Vec<Effect> {
    let mut effects: Vec<Effect> = Vec::new();
    let mut plans: BTreeMap<ActorId, Option<i64>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Planned { actor, plan } => {
                let write = match value {
                    Value::Timestamp => plan.timestamp.as_ref(),
                    Value::SequenceId => plan.sequence_id.as_ref(),
                };
                let before = write.and_then(|write| write.spelled_before());
                plans.insert(*actor, before.map(|text| number(value, text)));
            }
            Event::Written {
                actor,
                value: written,
                text,
                ..
            } if *written == value && plans.contains_key(actor) => {
                let acknowledged = is_acknowledged(&events[at..], *actor);
                let unseen = !acknowledged && !is_taken_back(&events[at + 1..], *actor, value);
                let planned = plans[actor];
                let before = if unseen {
                    planned.max(stored(&events[..at], value))
                } else {
                    planned
                };
                let edited = effects.iter().any(|one| Some(one.after) == before);
                let base = if edited {
                    ingested(&events[..at], value)
                } else {
                    before
                };
                effects.push(Effect {
                    at,
                    base,
                    after: number(value, text),
                    acknowledged,
                    repeated_over: is_repeated_over(events, at, value),
                    used: false,
                });
            }
            _ => {}
        }
    }
    effects
}

/// Whether an operator was told that the edit was done.
fn is_acknowledged(after: &[Event], by: ActorId) -> bool {
    after
        .iter()
        .any(|event| matches!(event, Event::Acknowledged { actor } if *actor == by))
}

/// Whether an operator's program continued after an edit to put back what it had overwritten.
fn is_taken_back(after: &[Event], by: ActorId, value: Value) -> bool {
    after.iter().any(|event| {
        matches!(event, Event::Written { actor, value: written, .. } if *actor == by && *written == value)
    })
}

/// The value that was written last.
fn stored(before: &[Event], value: Value) -> Option<i64> {
    before.iter().rev().find_map(|event| match event {
        Event::Written {
            value: written,
            text,
            ..
        } if *written == value => Some(number(value, text)),
        _ => None,
    })
}

/// How far runs had got.
fn ingested(before: &[Event], value: Value) -> Option<i64> {
    let written = before.iter().filter_map(|event| match event {
        Event::Written {
            value: written,
            text,
            by: Provenance::Run { sequence_id, .. },
            ..
        } if *written == value => Some((*sequence_id, number(value, text))),
        _ => None,
    });
    written.max().map(|(_, number)| number)
}

fn is_repeated_over(events: &[Event], edit: usize, value: Value) -> bool {
    let runs = |event: &Event| match event {
        Event::Written {
            value: written, by, ..
        } if *written == value && by.is_run() => Some(by.clone()),
        _ => None,
    };
    let before: Vec<Provenance> = events[..edit].iter().filter_map(runs).collect();
    let mut after = events[edit..].iter().filter_map(runs);
    after.any(|by| before.contains(&by))
}

pub fn number(value: Value, text: &str) -> i64 {
    match value {
        Value::Timestamp => highwater::vocabulary::watermark::read(text, chrono_tz::Tz::UTC)
            .expect("a timestamp")
            .micros(),
        Value::SequenceId => text.parse().expect("a number"),
    }
}
