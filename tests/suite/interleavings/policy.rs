//! The policies that decide what happens next: a script, which covers every place at which
//! something can happen, or chance.

use std::collections::VecDeque;

use super::chance::Chance;
use super::scheduler::{Choice, Policy};
use super::turns::{ActorId, Verdict, Waiting};

/// How far one actor goes before it is the next one's turn.
#[derive(Debug, Clone, Copy)]
pub struct Leg {
    actor: ActorId,
    /// `None` means to the end.
    steps: Option<usize>,
    then: Then,
}

/// What happens to an actor at the end of its leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Pauses,
    Dies,
    /// Its last step goes wrong in this way.
    Suffers(Verdict),
}

impl Leg {
    pub const fn to_the_end(actor: ActorId) -> Self {
        Self {
            actor,
            steps: None,
            then: Then::Pauses,
        }
    }

    pub const fn of(actor: ActorId, steps: usize, then: Then) -> Self {
        Self {
            actor,
            steps: Some(steps),
            then,
        }
    }
}

/// Plays one leg after the other.
#[derive(Debug)]
pub struct Script {
    legs: VecDeque<Leg>,
    taken: usize,
    cut_short: bool,
    /// Whether something was to go wrong in a way that is impossible there.
    pub elsewhere: bool,
}

impl Script {
    pub fn new(legs: impl IntoIterator<Item = Leg>) -> Self {
        Self {
            legs: legs.into_iter().collect(),
            taken: 0,
            cut_short: false,
            elsewhere: false,
        }
    }

    /// Whether an actor ended before the end of its leg.
    pub fn is_too_far(&self) -> bool {
        let mut left = self.legs.iter();
        let first = left.next().and_then(|leg| leg.steps);
        self.cut_short
            || first.is_some_and(|steps| steps != self.taken)
            || left.any(|leg| leg.steps.is_some())
    }

    fn next_leg(&mut self) {
        self.legs.pop_front();
        self.taken = 0;
    }
}

impl Policy for Script {
    fn choose(&mut self, waiting: &[Waiting], asleep: &[ActorId]) -> Choice {
        while let Some(leg) = self.legs.front().copied() {
            let first = waiting.iter().find(|one| one.actor == leg.actor);
            if first.is_none() && !asleep.contains(&leg.actor) {
                self.cut_short |= leg.steps.is_some_and(|steps| steps != self.taken);
                self.next_leg();
                continue;
            }
            if leg.steps == Some(self.taken) {
                self.next_leg();
                if leg.then == Then::Dies {
                    return Choice::Crash(leg.actor);
                }
                continue;
            }
            let Some(first) = first else {
                return Choice::Wait;
            };
            self.taken += 1;
            if let (Then::Suffers(mishap), true) = (leg.then, leg.steps == Some(self.taken)) {
                if first.mishaps().contains(&mishap) {
                    return Choice::Grant(first.ticket, mishap);
                }
                self.elsewhere = true;
            }
            return Choice::Grant(first.ticket, Verdict::Go);
        }
        Choice::End
    }
}

/// How chance prefers one actor over another.
#[derive(Debug)]
enum Manner {
    /// Chooses each actor in proportion to its weight.
    Weighed(Vec<usize>),
    /// Always chooses the first actor in this order; at certain steps, that actor falls back to the
    /// end. Problems that need few such changes are found soon (probabilistic concurrency testing).
    Ordered {
        order: Vec<ActorId>,
        changes: Vec<usize>,
    },
}

/// Leaves everything to chance.
#[derive(Debug)]
pub struct Random {
    chance: Chance,
    manner: Manner,
    /// The number of its own steps after which each actor dies.
    deaths: Vec<Option<usize>>,
    /// One call in this many goes wrong; 0 means none.
    mishap_in: usize,
    /// For each actor, after how many of its own steps it pauses, and for how many steps of the
    /// others.
    pauses: Vec<Option<(usize, usize)>>,
    taken: Vec<usize>,
    paused_until: Vec<usize>,
    step: usize,
}

impl Random {
    /// A policy for this many `actors`, of which only those in `mortal` may die.
    pub fn new(mut chance: Chance, actors: usize, mortal: &[ActorId]) -> Self {
        let manner = if chance.one_in(2) {
            Manner::Weighed(
                (0..actors)
                    .map(|_| chance.pick(&[1, 1, 2, 8, 30]))
                    .collect(),
            )
        } else {
            let mut order: Vec<ActorId> = (0..actors).collect();
            for place in (1..actors).rev() {
                order.swap(place, chance.below(place + 1));
            }
            let changes = (0..=chance.below(4)).map(|_| chance.below(200)).collect();
            Manner::Ordered { order, changes }
        };
        let deaths = (0..actors)
            .map(|actor| {
                let dies = mortal.contains(&actor) && chance.one_in(2);
                dies.then(|| 1 + chance.below(90))
            })
            .collect();
        let pauses = (0..actors)
            .map(|_| {
                let pauses = chance.one_in(3);
                pauses.then(|| (chance.below(70), chance.pick(&[10, 50, 150, 1000])))
            })
            .collect();
        Self {
            mishap_in: chance.pick(&[0, 0, 150, 40]),
            manner,
            deaths,
            pauses,
            taken: vec![0; actors],
            paused_until: vec![0; actors],
            step: 0,
            chance,
        }
    }

    /// All actors that can continue; those that pause only if there is no other.
    fn candidates(&self, waiting: &[Waiting], asleep: &[ActorId]) -> Vec<ActorId> {
        let mut all: Vec<ActorId> = waiting.iter().map(|one| one.actor).collect();
        all.extend(asleep);
        all.sort_unstable();
        all.dedup();
        let mut free = all.clone();
        free.retain(|actor| self.paused_until[*actor] <= self.step);
        if free.is_empty() { all } else { free }
    }

    fn actor(&mut self, candidates: &[ActorId]) -> ActorId {
        match &mut self.manner {
            Manner::Weighed(weights) => {
                let all: usize = candidates.iter().map(|actor| weights[*actor]).sum();
                let mut left = self.chance.below(all);
                for actor in candidates {
                    if left < weights[*actor] {
                        return *actor;
                    }
                    left -= weights[*actor];
                }
                candidates[0]
            }
            Manner::Ordered { order, changes } => {
                let first = order.iter().position(|actor| candidates.contains(actor));
                let place = first.expect("all actors are in the order");
                let actor = order[place];
                if changes.contains(&self.step) {
                    order.remove(place);
                    order.push(actor);
                }
                actor
            }
        }
    }
}

impl Policy for Random {
    fn choose(&mut self, waiting: &[Waiting], asleep: &[ActorId]) -> Choice {
        let candidates = self.candidates(waiting, asleep);
        let actor = self.actor(&candidates);
        if self.deaths[actor] == Some(self.taken[actor]) {
            return Choice::Crash(actor);
        }
        if let Some((at, pause)) = self.pauses[actor]
            && at == self.taken[actor]
            && self.paused_until[actor] == 0
        {
            self.paused_until[actor] = self.step + pause;
        }
        self.step += 1;
        let tickets: Vec<&Waiting> = waiting.iter().filter(|one| one.actor == actor).collect();
        if tickets.is_empty() {
            return Choice::Wait;
        }
        self.taken[actor] += 1;
        let one = tickets[self.chance.below(tickets.len())];
        let mishaps = one.mishaps();
        let goes_wrong =
            !mishaps.is_empty() && self.mishap_in > 0 && self.chance.one_in(self.mishap_in);
        let verdict = if goes_wrong {
            self.chance.pick(mishaps)
        } else {
            Verdict::Go
        };
        Choice::Grant(one.ticket, verdict)
    }
}
