//! One step after the other: of all calls that wait, a policy says which goes on, and what becomes of
//! it. Nothing else decides the order of anything, so that the same policy makes the same history.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::chance::Chance;
use super::turns::{ActorId, Gate, Side, Verdict, Waiting};
use super::world::World;

/// Longer than anybody sleeps: who has not come back by then never will.
const FOREVER: Duration = Duration::from_mins(1);

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The call with this ticket goes on.
    Grant(u64, Verdict),
    /// This actor dies where it stands.
    Crash(ActorId),
    /// Time passes until a sleeper wakes up.
    Wait,
    /// Nothing more; whoever is left dies.
    End,
}

/// Decides what happens next.
pub trait Policy {
    /// `waiting` are the calls that wait, in the order in which they came, `asleep` the actors that
    /// wait for time to pass. One of the two is not empty.
    fn choose(&mut self, waiting: &[Waiting], asleep: &[ActorId]) -> Choice;
}

struct Actor {
    name: &'static str,
    /// `None` once it has ended.
    work: Option<Pin<Box<dyn Future<Output = ()>>>>,
    bell: Arc<Bell>,
}

/// Whether an actor is to be polled.
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

/// What a schedule came to.
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
    /// A schedule in `world`. `clock` says how much time passes with each step.
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

    /// Lets somebody take part.
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

    /// Lets `policy` decide until all have ended.
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
            // A call that just comes back tells nothing.
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

    /// Polls whoever is to be polled until nobody is.
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

    /// Waits until a sleeper has woken up. The product does not pause here; a library below it might.
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
