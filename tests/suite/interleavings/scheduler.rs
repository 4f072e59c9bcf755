//! One step at a time: of all waiting calls, a policy chooses which one continues, and what happens to it. Nothing
//! else decides the order of events, so the same policy always results in the same history.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::chance::Chance;
use super::turns::{ActorId, Gate, Side, Verdict, Waiting};
use super::world::World;

/// Longer than anybody sleeps: an actor that has not woken up by then never will.
const FOREVER: Duration = Duration::from_mins(1);

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The call with this ticket continues.
    Grant(u64, Verdict),
    /// This actor dies where it is.
    Crash(ActorId),
    /// Time passes until a sleeping actor wakes up.
    Wait,
    /// The end; any actor that is left dies.
    End,
}

/// Decides what happens next.
pub trait Policy {
    /// `waiting` are the waiting calls, in the order of their arrival; `asleep` are the actors that wait for time
    /// to pass. At least one of the two is not empty.
    fn choose(&mut self, waiting: &[Waiting], asleep: &[ActorId]) -> Choice;
}

struct Actor {
    name: &'static str,
    /// `None` once the actor has ended.
    work: Option<Pin<Box<dyn Future<Output = ()>>>>,
    bell: Arc<Bell>,
}

/// Whether an actor needs to be polled.
struct Bell {
    rung: AtomicBool,
    house: Waker,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Relaxed);
        self.house.wake_by_ref();
    }
}

/// What happened in a schedule.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub steps: usize,
    pub crashes: usize,
    pub lost: usize,
    pub again: usize,
    pub conflicts: usize,
}

/// The actors of one schedule.
pub struct Scheduler {
    world: Arc<World>,
    clock: Chance,
    actors: BTreeMap<ActorId, Actor>,
    joined: ActorId,
    tally: Tally,
    house: Waker,
}

impl Scheduler {
    /// A schedule in `world`. `clock` decides how much time passes with each step.
    pub async fn new(world: &Arc<World>, clock: Chance) -> Self {
        Self {
            world: Arc::clone(world),
            clock,
            actors: BTreeMap::new(),
            joined: 0,
            tally: Tally::default(),
            house: std::future::poll_fn(|context| Poll::Ready(context.waker().clone())).await,
        }
    }

    /// Adds an actor.
    pub fn join<F>(&mut self, name: &'static str, work: impl FnOnce(Gate) -> F) -> ActorId
    where
        F: Future<Output = ()> + 'static,
    {
        let id = self.joined;
        self.joined += 1;
        let bell = Bell {
            rung: AtomicBool::new(true),
            house: self.house.clone(),
        };
        let actor = Actor {
            name,
            work: Some(Box::pin(work(self.world.gate(id)))),
            bell: Arc::new(bell),
        };
        self.actors.insert(id, actor);
        id
    }

    /// Lets `policy` decide until all actors have ended.
    pub async fn run(mut self, policy: &mut dyn Policy) -> Tally {
        self.poll_rung();
        while !self.actors.is_empty() {
            let asleep: Vec<ActorId> = self.world.with(|state| {
                let waits = |id: &ActorId| state.turns.waiting().iter().any(|one| one.actor == *id);
                let all = self.actors.keys().copied();
                all.filter(|id| !waits(id)).collect()
            });
            let choice = self
                .world
                .with(|state| policy.choose(state.turns.waiting(), &asleep));
            match choice {
                Choice::Grant(ticket, verdict) => self.grant(ticket, verdict),
                Choice::Crash(id) => self.crash(id),
                Choice::Wait => self.wait().await,
                Choice::End => {
                    while let Some((id, _)) = self.actors.first_key_value() {
                        self.crash(*id);
                    }
                }
            }
            self.poll_rung();
        }
        self.tally
    }

    fn grant(&mut self, ticket: u64, verdict: Verdict) {
        self.tally.steps += 1;
        match verdict {
            Verdict::Go => {}
            Verdict::Lost => self.tally.lost += 1,
            Verdict::Again => self.tally.again += 1,
            Verdict::Conflict => self.tally.conflicts += 1,
        }
        let (passed, number) = (self.clock.below(3), self.tally.steps);
        let actors = &self.actors;
        self.world.with(|state| {
            state.ticks += i64::try_from(passed).expect("few");
            let call = state.turns.grant(ticket, verdict).expect("it waits");
            // A call that simply returns is not worth a line.
            if (call.side, verdict) != (Side::After, Verdict::Go) {
                let actor = actors
                    .get(&call.actor)
                    .map_or("somebody", |actor| actor.name);
                state.note(|| {
                    format!(
                        "#{number} {actor} {}: {:?} ({:?}) {verdict:?}",
                        call.actor, call.call, call.side
                    )
                });
            }
        });
    }

    fn crash(&mut self, id: ActorId) {
        if let Some(actor) = self.actors.remove(&id) {
            self.tally.crashes += 1;
            self.world
                .with(|state| state.note(|| format!("   {} {id} dies", actor.name)));
            drop(actor);
        }
    }

    /// Polls actors that need it, until none does.
    fn poll_rung(&mut self) {
        loop {
            let mut quiet = true;
            self.actors.retain(|_, actor| {
                if !actor.bell.rung.swap(false, Ordering::Relaxed) {
                    return true;
                }
                quiet = false;
                let waker = Waker::from(Arc::clone(&actor.bell));
                let mut context = Context::from_waker(&waker);
                let work = actor.work.as_mut().expect("it has not ended");
                work.as_mut().poll(&mut context).is_pending()
            });
            if quiet {
                return;
            }
        }
    }

    /// Waits until a sleeping actor wakes up. The product does not sleep here, but a library below it might.
    async fn wait(&self) {
        let woken = std::future::poll_fn(|_| {
            let rung = |actor: &Actor| actor.bell.rung.load(Ordering::Relaxed);
            if self.actors.values().any(rung) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let woken = tokio::time::timeout(FOREVER, woken).await;
        woken.expect("whoever waits neither for a turn nor for the clock waits for ever");
    }
}
