//! The actors of a schedule.

use std::sync::Arc;

use highwater::backend::{
    Backend, Stores,
    edits::Edit,
    ingest::{IngestOptions, IngestReport},
    journal::Journal,
    parameters::{NewValue, ParameterStore},
    progress,
    provenance::Provenance,
};
use highwater::config::Profile;
use highwater::vocabulary::{ObjectKey, SequenceId, TableName, Watermark};

use super::chance::Chance;
use super::objects::MemoryObjects;
use super::parameters::MemoryParameters;
use super::source::{MemorySource, TransactionId};
use super::turns::{ActorId, Gate};
use super::world::{Event, State, TICK, Value};

/// The product itself, with every call passing through `gate`.
pub fn backend(profile: &Profile, gate: &Gate) -> Backend {
    let stores = Stores {
        source: Arc::new(MemorySource(gate.clone())),
        parameters: Arc::new(MemoryParameters(gate.clone())),
        objects: Arc::new(MemoryObjects(gate.clone())),
    };
    Backend::with_stores(profile.clone(), stores, Journal::none()).without_pauses()
}

/// The only table.
pub fn table() -> TableName {
    TableName::parse("payment")
}

/// One ingestion run, at any time.
pub async fn ingest(profile: Profile, gate: Gate) {
    gate.act(|_| ()).await;
    let report = backend(&profile, &gate)
        .ingest(
            &table(),
            IngestOptions::default(),
            &progress::Context::default(),
        )
        .await;
    gate.world.with(|state| {
        state.note(|| ended(gate.actor, &report));
        state.events.push(Event::Reported { report });
    });
}

fn ended(actor: ActorId, report: &IngestReport) -> String {
    let objects: Vec<u64> = report
        .objects
        .iter()
        .map(|object| object.sequence_id.0)
        .collect();
    let error = report.error.as_ref().map(|error| &error.message);
    format!(
        "   run {actor} ends: {:?}, objects {objects:?}, recovered {:?}, {error:?}",
        report.outcome, report.recovered
    )
}

/// An open transaction; if this is dropped, the transaction is rolled back, as the server would do.
struct Open {
    gate: Gate,
    transaction: Option<TransactionId>,
}

impl Open {
    async fn begin(gate: &Gate) -> Self {
        let begin = |state: &mut State| state.source.begin(state.now());
        let transaction = gate.act(begin).await;
        let gate = gate.clone();
        Self {
            gate,
            transaction: Some(transaction),
        }
    }

    /// Inserts a row stamped with `now()` or, if `late`, with `clock_timestamp()`.
    async fn insert(&self, late: bool) {
        let Some(transaction) = self.transaction else {
            return;
        };
        let insert = |state: &mut State| {
            let at = late.then(|| state.now());
            let row = state.source.insert(transaction, at);
            state.note(|| format!("row {} at {}", row.id, row.at));
        };
        self.gate.act(insert).await;
    }

    async fn prepare(&self) {
        if let Some(transaction) = self.transaction {
            let prepare = |state: &mut State| state.source.prepare(transaction);
            self.gate.act(prepare).await;
        }
    }

    async fn commit(mut self) {
        let Some(transaction) = self.transaction else {
            return;
        };
        let commit = |state: &mut State| {
            state.source.commit(transaction);
            state.note(|| "committed".to_owned());
        };
        self.gate.act(commit).await;
        self.transaction = None;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(transaction) = self.transaction {
            self.gate
                .world
                .with(|state| state.source.roll_back(transaction));
        }
    }
}

/// A writer of rows, in transactions that stay open for a while.
pub async fn write(gate: Gate, mut chance: Chance) {
    for _ in 0..=chance.below(3) {
        idle(&gate, chance.below(6)).await;
        let open = Open::begin(&gate).await;
        for _ in 0..=chance.below(2) {
            open.insert(chance.one_in(3)).await;
        }
        idle(&gate, chance.pick(&[0, 2, 5, 15])).await;
        if chance.one_in(12) {
            open.prepare().await;
            idle(&gate, chance.below(6)).await;
        }
        if !chance.one_in(8) {
            open.commit().await;
        }
    }
}

/// A transaction of one row: begins, inserts, commits.
pub async fn write_one(gate: Gate) {
    let open = Open::begin(&gate).await;
    open.insert(false).await;
    open.commit().await;
}

async fn idle(gate: &Gate, steps: usize) {
    for _ in 0..steps {
        gate.act(|_| ()).await;
    }
}

/// The edit that an operator makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Rewind,
    Advance,
    /// Moves the sequence id beyond the next one.
    Skip,
    /// Moves the sequence id back to one that was used.
    Back,
    RewindAndSkip,
}

impl Wish {
    pub const ALL: [Self; 5] = [
        Self::Rewind,
        Self::Advance,
        Self::Skip,
        Self::Back,
        Self::RewindAndSkip,
    ];
}

/// An operator who looks at the values, and then changes one or both of them with an edit.
pub async fn edit(profile: Profile, gate: Gate, wish: Wish, mut chance: Chance) {
    let Some(edit) = gate
        .act(|state| wished(state, (gate.actor, wish), &mut chance))
        .await
    else {
        return;
    };
    let backend = backend(&profile, &gate);
    let Ok(plan) = backend.plan_edit(&edit).await else {
        return;
    };
    gate.world.with(|state| {
        let (actor, plan) = (gate.actor, plan.clone());
        state.note(|| {
            format!(
                "   edit of {actor}: {:?}",
                plan.writes().collect::<Vec<_>>()
            )
        });
        state.events.push(Event::Planned { actor, plan });
    });
    let applied = backend.apply_edit(&plan).await;
    gate.world.with(|state| {
        let actor = gate.actor;
        match applied {
            Ok(()) => state.events.push(Event::Acknowledged { actor }),
            Err(error) => state.note(|| format!("   edit of {actor} fails: {error}")),
        }
    });
}

/// The edit that an operator with this wish makes, given what is stored; `None` if nothing would change.
fn wished(state: &State, (actor, wish): (usize, Wish), chance: &mut Chance) -> Option<Edit> {
    let stored: Option<i64> = state
        .parameters
        .newest(Value::SequenceId)
        .and_then(|text| text.parse().ok());
    let stored = stored.unwrap_or(0);
    let timestamp = match wish {
        Wish::Rewind | Wish::RewindAndSkip => earlier(state, chance),
        Wish::Advance => Some(later(state, chance)),
        Wish::Skip | Wish::Back => None,
    };
    let some = i64::try_from(chance.below(3)).expect("few");
    let sequence_id = match wish {
        Wish::Skip | Wish::RewindAndSkip => Some(stored + 1 + some),
        Wish::Back => Some(stored - 1 - some).filter(|id| *id >= 0),
        Wish::Rewind | Wish::Advance => None,
    };
    if timestamp.is_none() && sequence_id.is_none() {
        return None;
    }
    Some(Edit {
        table: table(),
        timestamp,
        sequence_id: sequence_id.map(|id| SequenceId(id.unsigned_abs())),
        // Two operators at the same moment are different people, or have different reasons.
        reason: format!("asked for by {actor}"),
        force: true,
    })
}

/// A moment before the stored timestamp: the timestamp of a row, or one next to it.
fn earlier(state: &State, chance: &mut Chance) -> Option<Watermark> {
    let stored = stored_timestamp(state)?;
    let rows = state.source.committed();
    let below: Vec<i64> = rows
        .iter()
        .map(|row| row.at.micros())
        .filter(|at| *at < stored.micros())
        .collect();
    let at = if below.is_empty() || chance.one_in(6) {
        stored.micros() - 20 * TICK
    } else {
        chance.pick(&below) - chance.pick(&[0, 1])
    };
    Watermark::from_micros(at)
}

/// A moment after the stored timestamp, but not after the clock.
fn later(state: &State, chance: &mut Chance) -> Watermark {
    let now = state.now();
    let stored = stored_timestamp(state).unwrap_or(now);
    let ticks = usize::try_from((now.micros() - stored.micros()).max(0) / TICK).expect("few");
    let on = i64::try_from(chance.below(ticks + 1)).expect("few");
    Watermark::from_micros(now.micros() - on * TICK).unwrap_or(now)
}

fn stored_timestamp(state: &State) -> Option<Watermark> {
    let text = state.parameters.newest(Value::Timestamp)?;
    highwater::vocabulary::watermark::read(text, chrono_tz::Tz::UTC).ok()
}

/// The values that a stale writer puts back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stale {
    Timestamp,
    SequenceId,
    Both,
}

impl Stale {
    pub const ALL: [Self; 3] = [Self::Timestamp, Self::SequenceId, Self::Both];

    const fn values(self) -> &'static [Value] {
        match self {
            Self::Timestamp => &[Value::Timestamp],
            Self::SequenceId => &[Value::SequenceId],
            Self::Both => &[Value::Timestamp, Value::SequenceId],
        }
    }
}

/// A write of an older run that arrives late: the same value with the same Description.
///
/// Excluded are writes after which both values point to the same older object, with a gap above it: everything
/// agrees then, so nobody asks for the history, which alone shows otherwise.
pub async fn write_late(gate: Gate, stale: Stale, mut chance: Chance) {
    let store = MemoryParameters(gate.clone());
    for value in stale.values() {
        let late = gate.act(|state| {
            let versions = state.parameters.versions(*value);
            let older: Vec<usize> = (0..versions.len().saturating_sub(1))
                .filter(|place| versions[*place].description.starts_with("highwater run="))
                .collect();
            let place = (!older.is_empty()).then(|| chance.pick(&older))?;
            let late = state.parameters.at(*value, place)?;
            (!looks_sound(state, *value, &late.1.value)).then_some(late)
        });
        if let Some((name, version)) = late.await {
            let put = store.put(&name, NewValue::over(&version.value, &version.description));
            // A stale writer no longer waits for the answer.
            let _ = put.await;
            let late = Event::Late;
            gate.world.with(|state| state.events.push(late));
        }
    }
}

/// Whether the values would agree with an object that is not the newest, with none directly after it. If that
/// object was removed, the history of the timestamp is read, which reveals any newer object named in it.
fn looks_sound(state: &State, value: Value, text: &str) -> bool {
    let with = |which: Value| {
        if which == value {
            Some(text)
        } else {
            state.parameters.newest(which)
        }
    };
    let Some(id) = with(Value::SequenceId).and_then(|text| text.parse::<u64>().ok()) else {
        return false;
    };
    let timestamp = with(Value::Timestamp);
    let committed = || {
        state.events.iter().filter_map(|event| match event {
            Event::Created { metadata, .. } => Some((metadata.sequence_id.0, metadata.watermark)),
            _ => None,
        })
    };
    let agrees = committed().any(|(number, watermark)| {
        number == id && Some(watermark.to_string().as_str()) == timestamp
    });
    let newer = committed().any(|(number, _)| number > id);
    let told = state.events.iter().any(|event| {
        matches!(event, Event::Written { value: Value::Timestamp, by: Provenance::Run { sequence_id, .. }, .. }
            if sequence_id.0 > id)
    });
    let numbers = state.objects.numbers();
    let is_there = |id: u64| numbers.iter().any(|(number, _)| *number == id);
    agrees && newer && !is_there(id + 1) && (is_there(id) || !told)
}

/// A consumer that removes objects after use: at once or, if it is `patient`, only objects that the stored sequence
/// id has reached.
pub async fn consume(gate: Gate, patient: bool, mut chance: Chance) {
    for _ in 0..6 {
        idle(&gate, chance.below(20)).await;
        gate.act(|state| {
            let stored: Option<u64> = state
                .parameters
                .newest(Value::SequenceId)
                .and_then(|text| text.parse().ok());
            let used: Vec<(u64, ObjectKey)> = state
                .objects
                .numbers()
                .into_iter()
                .filter(|(id, _)| !patient || Some(*id) <= stored)
                .collect();
            for (sequence_id, key) in used {
                if state.objects.remove(&key) {
                    state.note(|| format!("{key} is taken away"));
                    state.events.push(Event::Removed { sequence_id });
                }
            }
        })
        .await;
    }
}
