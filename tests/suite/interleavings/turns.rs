//! The gate that every call to a party passes twice: before its effect, and again before its caller gets the
//! answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use highwater::backend::Result;
use highwater::backend::error::{Error, Service};

use super::world::{State, World};

/// An actor of a schedule, numbered in the order of joining.
pub type ActorId = usize;

/// What an actor is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    GetParameter,
    PutParameter,
    ParameterHistory,
    HeadObject,
    CreateUpload,
    WritePart,
    CommitUpload,
    AbortUpload,
    ListObjects,
    ReadObject,
    Clock,
    OpenTransactions,
    PreparedTransactions,
    OpenSnapshot,
    CountRows,
    NthRow,
    CopyRows,
    NextChunk,
    CloseSnapshot,
    /// A step of an actor that is not an ingestion: a transaction, a person, a consumer.
    Act,
}

/// Whether a call waits before or after its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// What happens to a call that may continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Go,
    /// Before the effect: it never happens, and the caller learns that nobody answered. After the effect: it has
    /// happened, and the caller learns the same.
    Lost,
    /// After the effect of a write: the answer is lost, the client repeats the request, and the caller gets the
    /// second answer.
    Again,
    /// Before a commit: another conditional write is in progress (409), and nothing happens.
    Conflict,
}

/// A call that is waiting for its turn.
#[derive(Debug)]
pub struct Waiting {
    pub ticket: u64,
    pub actor: ActorId,
    pub call: Call,
    pub side: Side,
    waker: Waker,
}

impl Waiting {
    /// What may happen to this call besides continuing.
    pub const fn mishaps(&self) -> &'static [Verdict] {
        match (self.call, self.side) {
            (Call::Act | Call::CloseSnapshot, _) => &[],
            (Call::CommitUpload, Side::Before) => &[Verdict::Lost, Verdict::Conflict],
            (Call::CommitUpload | Call::PutParameter, Side::After) => {
                &[Verdict::Lost, Verdict::Again]
            }
            _ => &[Verdict::Lost],
        }
    }
}

/// All waiting calls, and those that may continue.
#[derive(Debug, Default)]
pub struct Turns {
    issued: u64,
    waiting: Vec<Waiting>,
    granted: Vec<(u64, Verdict)>,
    /// Whether all calls may continue at once.
    open: bool,
}

impl Turns {
    pub const fn open(&mut self) {
        self.open = true;
    }

    pub const fn close(&mut self) {
        self.open = false;
    }

    /// The waiting calls, in the order of their arrival.
    pub fn waiting(&self) -> &[Waiting] {
        &self.waiting
    }

    /// Lets the call with this ticket continue.
    pub fn grant(&mut self, ticket: u64, verdict: Verdict) -> Option<Waiting> {
        let place = self.waiting.iter().position(|one| one.ticket == ticket)?;
        let waiting = self.waiting.remove(place);
        self.granted.push((ticket, verdict));
        waiting.waker.wake_by_ref();
        Some(waiting)
    }

    fn poll(&mut self, turn: &mut Turn, context: &Context<'_>) -> Poll<Verdict> {
        if self.open {
            return Poll::Ready(Verdict::Go);
        }
        let Some(ticket) = turn.ticket else {
            self.issued += 1;
            turn.ticket = Some(self.issued);
            self.waiting.push(Waiting {
                ticket: self.issued,
                actor: turn.gate.actor,
                call: turn.call,
                side: turn.side,
                waker: context.waker().clone(),
            });
            return Poll::Pending;
        };
        if let Some(place) = self.granted.iter().position(|(one, _)| *one == ticket) {
            return Poll::Ready(self.granted.swap_remove(place).1);
        }
        if let Some(waiting) = self.waiting.iter_mut().find(|one| one.ticket == ticket) {
            waiting.waker.clone_from(context.waker());
        }
        Poll::Pending
    }

    fn leave(&mut self, ticket: u64) {
        self.waiting.retain(|one| one.ticket != ticket);
        self.granted.retain(|(one, _)| *one != ticket);
    }
}

/// The access of one actor to the parties.
#[derive(Debug, Clone)]
pub struct Gate {
    pub world: Arc<World>,
    pub actor: ActorId,
}

impl Gate {
    /// A call to a store: waits for its turn, has its effect, and waits again.
    pub async fn call<T: Send>(
        &self,
        service: Service,
        call: Call,
        mut effect: impl FnMut(&mut State) -> T + Send,
    ) -> Result<T> {
        if self.turn(call, Side::Before).await == Verdict::Lost {
            return Err(unavailable(service, call));
        }
        let answer = self.world.with(&mut effect);
        match self.turn(call, Side::After).await {
            Verdict::Go | Verdict::Conflict => Ok(answer),
            Verdict::Lost => Err(unavailable(service, call)),
            Verdict::Again => Ok(self.world.with(&mut effect)),
        }
    }

    /// One step of an actor that is not a client of a store: its turn, then its effect.
    pub async fn act<T>(&self, effect: impl FnOnce(&mut State) -> T) -> T {
        self.turn(Call::Act, Side::Before).await;
        self.world.with(effect)
    }

    pub const fn turn(&self, call: Call, side: Side) -> Turn<'_> {
        Turn {
            gate: self,
            call,
            side,
            ticket: None,
        }
    }
}

pub fn unavailable(service: Service, call: Call) -> Error {
    Error::Unavailable {
        service,
        place: "memory".to_owned(),
        doing: format!("{call:?}"),
        cause: "the schedule took the answer away".into(),
    }
}

/// Waits for a turn. Once dropped, it no longer waits.
pub struct Turn<'a> {
    gate: &'a Gate,
    call: Call,
    side: Side,
    ticket: Option<u64>,
}

impl Future for Turn<'_> {
    type Output = Verdict;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Verdict> {
        let world = Arc::clone(&self.gate.world);
        let polled = world.with(|state| state.turns.poll(&mut self, context));
        if polled.is_ready() {
            self.ticket = None;
        }
        polled
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.gate.world.with(|state| state.turns.leave(ticket));
        }
    }
}
