//! What all actors share: the three parties' contents, and an account of everything that was done.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use highwater::backend::{
    edits::EditPlan, ingest::IngestReport, objects::Metadata, provenance::Provenance,
};
use highwater::vocabulary::Watermark;

use super::objects::Bucket;
use super::parameters::Shelf;
use super::source::Database;
use super::turns::{ActorId, Gate, Turns};

/// When the database's clock starts, in microseconds since the Unix epoch: 2024-05-16T10:00:00Z.
const START: i64 = 1_715_853_600_000_000;
/// A tick of the clock, in microseconds. So coarse that equal timestamps are common.
pub const TICK: i64 = 1_000;

/// Which of a table's two values a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Timestamp,
    SequenceId,
}

/// How much had been done when somebody looked at each value for the last time.
#[derive(Debug, Clone, Copy, Default)]
pub struct LookedAt {
    pub timestamp: usize,
    pub sequence_id: usize,
}

/// Something that was done, as the parties know it.
#[derive(Debug, Clone)]
pub enum Event {
    Written {
        actor: ActorId,
        value: Value,
        text: String,
        by: Provenance,
    },
    /// An object came to exist; claims are not told.
    Created {
        metadata: Metadata,
        body: Vec<u8>,
        looked_at: LookedAt,
    },
    /// A consumer took the object of this number away.
    Removed { sequence_id: u64 },
    /// An operator's edit was planned by this actor.
    Planned { actor: ActorId, plan: EditPlan },
    /// It was applied, and the operator was told so.
    Acknowledged { actor: ActorId },
    /// A write of an older run arrived, just before.
    Late,
    /// A run ended by itself.
    Reported { report: IngestReport },
}

/// Contents and account.
#[derive(Debug, Default)]
pub struct State {
    pub turns: Turns,
    pub source: Database,
    pub parameters: Shelf,
    pub objects: Bucket,
    pub events: Vec<Event>,
    /// When each actor looked at the values.
    pub looked_at: BTreeMap<ActorId, LookedAt>,
    /// Ticks since the start.
    pub ticks: i64,
    /// What was done step by step, where somebody wants to read it.
    pub trace: Option<Vec<String>>,
}

impl State {
    /// The clock of the database and of the stores.
    pub fn now(&self) -> Watermark {
        Watermark::from_micros(START + self.ticks * TICK).expect("a year that can be printed")
    }

    /// Adds a line to the trace, if there is one.
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(line());
        }
    }
}

/// The state, behind a lock that nobody ever waits for: there is one thread.
#[derive(Default)]
pub struct World(Mutex<State>);

impl World {
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The way of an actor to the parties.
    pub fn gate(self: &Arc<Self>, actor: ActorId) -> Gate {
        Gate {
            world: Arc::clone(self),
            actor,
        }
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}
