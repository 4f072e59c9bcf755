//! What all actors share: the contents of the three parties, and a record of everything that was
//! done.

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

/// The database's clock at the start, in microseconds since the Unix epoch: 2024-05-16T10:00:00Z.
const START: i64 = 1_715_853_600_000_000;
/// A tick of the clock, in microseconds; coarse enough for equal timestamps to be common.
pub const TICK: i64 = 1_000;

/// One of a table's two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Timestamp,
    SequenceId,
}

/// The number of events when somebody looked at each value for the last time.
#[derive(Debug, Clone, Copy, Default)]
pub struct LookedAt {
    pub timestamp: usize,
    pub sequence_id: usize,
}

/// Something that was done, as the parties see it.
#[derive(Debug, Clone)]
pub enum Event {
    Written {
        actor: ActorId,
        value: Value,
        text: String,
        by: Provenance,
    },
    /// An object was created; claims are not recorded.
    Created {
        metadata: Metadata,
        body: Vec<u8>,
        looked_at: LookedAt,
    },
    /// A consumer removed the object of this number.
    Removed { sequence_id: u64 },
    /// This actor planned an operator's edit.
    Planned { actor: ActorId, plan: EditPlan },
    /// The edit was applied, and the operator was told so.
    Acknowledged { actor: ActorId },
    /// A write of an older run has just arrived.
    Late,
    /// A run ended by itself.
    Reported { report: IngestReport },
}

/// The contents of the parties, and the record.
#[derive(Debug, Default)]
pub struct State {
    pub turns: Turns,
    pub source: Database,
    pub parameters: Shelf,
    pub objects: Bucket,
    pub events: Vec<Event>,
    /// When each actor last looked at the values.
    pub looked_at: BTreeMap<ActorId, LookedAt>,
    /// Ticks since the start.
    pub ticks: i64,
    /// What was done step by step, if somebody wants to read it.
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

/// The state, behind a lock that is never contended: there is one thread.
#[derive(Default)]
pub struct World(Mutex<State>);

impl World {
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The access of an actor to the parties.
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
