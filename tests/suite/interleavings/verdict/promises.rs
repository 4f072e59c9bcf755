//! The promises, one by one.

use std::collections::BTreeMap;

use highwater::vocabulary::Watermark;

use super::account::{Effect, Object, number};
use crate::interleavings::source::TableRow;
use crate::interleavings::world::{State, Value};

pub fn holds_its_rows(object: &Object, rows: &[TableRow]) -> Result<(), String> {
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

pub fn bounds_follow(objects: &[Object], effects: &mut [Effect]) -> Result<(), String> {
    // Each excused object adds one more place from which to continue.
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

pub fn numbers_follow(objects: &[Object], effects: &mut [Effect]) -> Result<(), String> {
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

/// The main promise, checked by counting.
pub fn each_row_once(objects: &[Object], rows: &[TableRow]) -> Result<(), String> {
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

pub fn timestamps_are_honoured(
    objects: &[Object],
    effects: &[Effect],
    rows: &[TableRow],
) -> Result<(), String> {
    // Only the last edit has to take effect: the earlier ones were deliberately changed again.
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

pub fn numbers_are_honoured(objects: &[Object], effects: &[Effect]) -> Result<(), String> {
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

pub fn values_point_at_the_last(
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
    // The values may point to an excused object, or ignore it.
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
    let at = micros.and_then(highwater::vocabulary::Watermark::from_micros);
    at.map_or_else(|| "nothing".to_owned(), |at| at.to_string())
}
