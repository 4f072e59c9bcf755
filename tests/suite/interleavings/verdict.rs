//! Whether what has come about is what was promised.
//!
//! Every object holds exactly the rows of its bounds, so that what remains is how bounds follow each
//! other. Each object begins where the one before it ended, unless an edit of the timestamp, each at
//! most once, moved the beginning: back to re-ingest, forward to skip no more than the operator was
//! shown. Each number follows the one before it, unless an edit of the sequence id moved it. An edit
//! that an operator was told is done takes effect, unless a later one, or the rows themselves, had
//! overtaken it. Without edits, that is: every committed row is in exactly one object.

use std::collections::BTreeMap;

use highwater::backend::Watermark;
use highwater::backend::ingest::Outcome;
use highwater::backend::objects::Metadata;
use highwater::backend::params::Which;
use highwater::backend::provenance::Provenance;

use super::source::TableRow;
use super::turns::ActorId;
use super::world::{Event, LookedAt, State, Value};

/// What was looked at, to be summed up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checked {
    pub rows: usize,
    /// Rows in all objects, repeated ones as often as they are there.
    pub written: usize,
    pub objects: usize,
    /// Edits of a value that took effect in the store.
    pub edits: usize,
    /// Edits that moved where ingestion went on, or its numbers.
    pub honoured: usize,
    pub stale: usize,
    pub recoveries: usize,
    pub removed: usize,
    /// Runs that ended with an error.
    pub failed_runs: usize,
}

/// An object that came to exist.
struct Object {
    at: usize,
    metadata: Metadata,
    looked_at: LookedAt,
    rows: Vec<i64>,
    /// Nothing was promised of it, see [`is_excused`].
    excused: bool,
    /// Its rows may be written again, see [`is_lost`].
    lost: bool,
}

/// A value that an operator wrote.
#[derive(Debug)]
struct Effect {
    at: usize,
    /// What the operator saw; where that was an edit, how far runs had come.
    base: Option<i64>,
    after: i64,
    acknowledged: bool,
    /// A write that had been there before the edit arrived once more after it: where it is the one that
    /// goes with the newest object, nothing looks amiss, and nobody asks.
    repeated_over: bool,
    used: bool,
}

impl Effect {
    const fn must_count(&self) -> bool {
        self.acknowledged && !self.repeated_over
    }

    const fn goes_back(&self) -> bool {
        matches!(self.base, Some(base) if base > self.after)
    }
}

/// Judges all that was done.
///
/// # Errors
/// What was promised and is not so.
pub fn judge(state: &State) -> Result<Checked, String> {
    let rows = state.source.committed();
    let objects = objects(&state.events)?;
    let mut timestamps = effects(&state.events, Value::Timestamp);
    let mut numbers = effects(&state.events, Value::SequenceId);
    for object in &objects {
        holds_its_rows(object, &rows)?;
    }
    bounds_follow(&objects, &mut timestamps)?;
    numbers_follow(&objects, &mut numbers)?;
    if timestamps.is_empty() && !objects.iter().any(|object| object.excused || object.lost) {
        each_row_once(&objects, &rows)?;
    }
    timestamps_are_honoured(&objects, &timestamps, &rows)?;
    numbers_are_honoured(&objects, &numbers)?;
    values_point_at_the_last(state, &objects, &timestamps, &numbers, &rows)?;
    let effects = || timestamps.iter().chain(&numbers);
    Ok(Checked {
        rows: rows.len(),
        written: objects.iter().map(|object| object.rows.len()).sum(),
        objects: objects.len(),
        edits: effects().count(),
        honoured: effects().filter(|effect| effect.used).count(),
        ..runs(&state.events)
    })
}

fn runs(events: &[Event]) -> Checked {
    let mut checked = Checked::default();
    for event in events {
        match event {
            Event::Reported { report } => {
                checked.recoveries += report.recovered.len();
                checked.failed_runs += usize::from(report.outcome == Outcome::Failed);
            }
            Event::Removed { .. } => checked.removed += 1,
            Event::Late => checked.stale += 1,
            _ => {}
        }
    }
    checked
}

fn objects(events: &[Event]) -> Result<Vec<Object>, String> {
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

/// Whether an object was committed in the one moment in which a number does not protect: its writer had
/// looked at the values for the last time, and before it committed, an operator moved them, or a
/// consumer took away the object that somebody else had committed under the same number.
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
    let removed = before
        .clone()
        .any(|(_, event)| matches!(event, Event::Removed { sequence_id } if *sequence_id == id.0));
    let stored = before.into_iter().any(|(at, event)| {
        matches!(event, Event::Written { value: Value::Timestamp, by: Provenance::Run { sequence_id, .. }, .. }
            if *sequence_id == id && at < object.looked_at.timestamp)
    });
    edited || (removed && !stored)
}

/// Whether a consumer took the object away before its run, or a recovery, had stored the timestamp:
/// nothing but the claim of its number is left to tell of it then.
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

/// What operators wrote into this value, oldest first.
fn effects(events: &[Event], value: Value) -> Vec<Effect> {
    let which = match value {
        Value::Timestamp => Which::Timestamp,
        Value::SequenceId => Which::SequenceId,
    };
    let mut effects: Vec<Effect> = Vec::new();
    let mut plans: BTreeMap<ActorId, Option<i64>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Planned { actor, plan } => {
                let write = plan.writes.iter().find(|write| write.which == which);
                let before = write.and_then(|write| write.before.as_deref());
                plans.insert(*actor, before.map(|text| number(value, text)));
            }
            Event::Written {
                actor,
                value: written,
                text,
                ..
            } if *written == value && plans.contains_key(actor) => {
                let before = plans[actor];
                let edited = effects.iter().any(|one| Some(one.after) == before);
                effects.push(Effect {
                    at,
                    base: if edited {
                        ingested(&events[..at], value)
                    } else {
                        before
                    },
                    after: number(value, text),
                    acknowledged: events[at..].iter().any(|event| {
                        matches!(event, Event::Acknowledged { actor: told } if told == actor)
                    }),
                    repeated_over: is_repeated_over(events, at, value),
                    used: false,
                });
            }
            _ => {}
        }
    }
    effects
}

/// How far runs had come.
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

fn number(value: Value, text: &str) -> i64 {
    match value {
        Value::Timestamp => highwater::backend::watermark::read(text, chrono_tz::Tz::UTC)
            .expect("a timestamp")
            .micros(),
        Value::SequenceId => text.parse().expect("a number"),
    }
}

fn holds_its_rows(object: &Object, rows: &[TableRow]) -> Result<(), String> {
    let metadata = &object.metadata;
    let within =
        |row: &&TableRow| metadata.from.is_none_or(|from| row.at > from) && row.at <= metadata.to;
    let mut expected: Vec<i64> = rows.iter().filter(within).map(|row| row.id).collect();
    let mut found = object.rows.clone();
    expected.sort_unstable();
    found.sort_unstable();
    if found == expected && metadata.rows == found.len() as u64 {
        return Ok(());
    }
    Err(format!(
        "object {} holds rows {found:?}, its metadata says {}, and the rows of its bounds are {expected:?}",
        metadata.sequence_id, metadata.rows
    ))
}

fn bounds_follow(objects: &[Object], effects: &mut [Effect]) -> Result<(), String> {
    // With every excused object there is one more place to go on from.
    let mut ends: Vec<Option<i64>> = vec![None];
    for object in objects {
        let from = object.metadata.from.map(Watermark::micros);
        let to = Some(object.metadata.to.micros());
        if object.excused {
            ends.push(to);
            continue;
        }
        if !ends.contains(&from) {
            let asked = effects.iter_mut().find(|effect| {
                let is_asked = |ended: &Option<i64>| {
                    if from < *ended {
                        effect.goes_back()
                    } else {
                        !effect.goes_back() && effect.base <= *ended
                    }
                };
                !effect.used
                    && effect.at < object.at
                    && Some(effect.after) == from
                    && ends.iter().any(is_asked)
            });
            let Some(asked) = asked else {
                return Err(format!(
                    "object {} begins after {}, the one before it ended at {}, and no edit says so",
                    object.metadata.sequence_id,
                    at(from),
                    at(ends[0])
                ));
            };
            asked.used = true;
        }
        ends = vec![to];
        if object.lost {
            ends.push(from);
        }
    }
    Ok(())
}

fn numbers_follow(objects: &[Object], effects: &mut [Effect]) -> Result<(), String> {
    let mut follows = vec![1];
    for object in objects {
        let id = object.metadata.sequence_id.0.cast_signed();
        if object.excused {
            follows.push(id + 1);
            continue;
        }
        if !follows.contains(&id) {
            let asked = effects.iter_mut().find(|effect| {
                !effect.used
                    && effect.at < object.at
                    && effect.after + 1 == id
                    && follows.iter().any(|follows| id > *follows)
            });
            let Some(asked) = asked else {
                return Err(format!(
                    "object {id} comes where {} was next, and no edit says so",
                    follows[0]
                ));
            };
            asked.used = true;
        }
        let before = std::mem::replace(&mut follows, vec![id + 1]);
        if object.lost {
            follows.extend(before);
        }
    }
    Ok(())
}

/// The promise itself, counted directly.
fn each_row_once(objects: &[Object], rows: &[TableRow]) -> Result<(), String> {
    let mut times: BTreeMap<i64, usize> = rows.iter().map(|row| (row.id, 0)).collect();
    for id in objects.iter().flat_map(|object| &object.rows) {
        *times.entry(*id).or_default() += 1;
    }
    let wrong: Vec<_> = times.iter().filter(|(_, times)| **times != 1).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("rows that are not there once: {wrong:?}"))
}

fn timestamps_are_honoured(
    objects: &[Object],
    effects: &[Effect],
    rows: &[TableRow],
) -> Result<(), String> {
    // Only the last edit has to be: the ones before it were changed again on purpose.
    let Some(effect) = effects.last().filter(|effect| effect.must_count()) else {
        return Ok(());
    };
    let begins = |object: &Object| object.metadata.from.map(Watermark::micros);
    let taken_up = objects
        .iter()
        .any(|object| object.at > effect.at && begins(object) == Some(effect.after));
    let nothing_newer = rows.iter().all(|row| row.at.micros() <= effect.after);
    let ends = |object: &Object| object.metadata.to.micros();
    let overtaken =
        !effect.goes_back() && objects.iter().any(|object| ends(object) >= effect.after);
    if effect.used || taken_up || nothing_newer || overtaken {
        return Ok(());
    }
    Err(format!(
        "the timestamp was set to {} on purpose, and ingestion never went on from there",
        at(Some(effect.after))
    ))
}

fn numbers_are_honoured(objects: &[Object], effects: &[Effect]) -> Result<(), String> {
    let Some(effect) = effects.last().filter(|effect| effect.must_count()) else {
        return Ok(());
    };
    let id = |object: &Object| object.metadata.sequence_id.0.cast_signed();
    let reached = objects.iter().any(|object| id(object) > effect.after);
    // Somebody who had read the values before the edit may commit the old number once more.
    let later = objects.iter().filter(|object| object.at > effect.at);
    let goes_on = later.filter(|object| id(object) <= effect.after).count() > 1;
    if effect.used || reached || !goes_on {
        return Ok(());
    }
    Err(format!(
        "the sequence id was set to {} on purpose, and the numbers below it go on",
        effect.after
    ))
}

fn values_point_at_the_last(
    state: &State,
    objects: &[Object],
    timestamps: &[Effect],
    numbers: &[Effect],
    rows: &[TableRow],
) -> Result<(), String> {
    let stored = |value: Value| {
        state
            .parameters
            .newest(value)
            .map(|text| number(value, text))
    };
    let (timestamp, sequence_id) = (stored(Value::Timestamp), stored(Value::SequenceId));
    let newest = rows.last().map(|row| row.at.micros());
    if newest > timestamp {
        return Err(format!(
            "the timestamp ends at {}, and there are rows up to {}",
            at(timestamp),
            at(newest)
        ));
    }
    let edited = |effects: &[Effect], value: Option<i64>| {
        effects.iter().any(|effect| Some(effect.after) == value)
    };
    // An excused object may be the one that is pointed at, or be passed over.
    let lasts = [
        objects.last(),
        objects.iter().rfind(|object| !object.excused),
    ];
    let lasts = lasts.map(|last| last.map(|last| &last.metadata));
    let ends = lasts.map(|last| last.map(|last| last.to.micros()));
    if !ends.contains(&timestamp) && !edited(timestamps, timestamp) {
        return Err(format!(
            "the timestamp ends at {}, the last object at {}",
            at(timestamp),
            at(ends[0])
        ));
    }
    let ids = lasts.map(|last| last.map(|last| last.sequence_id.0.cast_signed()));
    let is_skipped_to = edited(numbers, sequence_id) && sequence_id > ids[0];
    if !ids.contains(&sequence_id) && !is_skipped_to {
        return Err(format!(
            "the sequence id ends at {sequence_id:?}, and the last object is {:?}",
            ids[0]
        ));
    }
    Ok(())
}

fn at(micros: Option<i64>) -> String {
    let at = micros.and_then(highwater::backend::Watermark::from_micros);
    at.map_or_else(|| "nothing".to_owned(), |at| at.to_string())
}
