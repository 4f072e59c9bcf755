//! Every place: a run dies, loses an answer or is overtaken after each of its steps in turn, with nothing left to
//! chance.

use std::sync::Arc;

use highwater::config::Consumers;

use super::actors::{self, Stale, Wish};
use super::chance::Chance;
use super::figures::Figures;
use super::play::{Play, Played, Setting, trace};
use super::policy::{Leg, Script, Then};
use super::simulate;
use super::turns::{ActorId, Verdict};

/// The run whose every step is tried, and the actor that comes in between.
const RUN: ActorId = 0;
const OTHER: ActorId = 1;

const SETTINGS: [(&str, Setting); 6] = [
    (
        "first batch ever",
        Setting {
            past: 0,
            ..Setting::PLAIN
        },
    ),
    ("next batch", Setting::PLAIN),
    (
        "several batches",
        Setting {
            max_rows: 2,
            ..Setting::PLAIN
        },
    ),
    (
        "keys named after the clock",
        Setting {
            dated: true,
            ..Setting::PLAIN
        },
    ),
    (
        "first batch ever, keys named after the clock",
        Setting {
            dated: true,
            past: 0,
            ..Setting::PLAIN
        },
    ),
    (
        "consumers remove objects",
        Setting {
            consumers: Consumers::Remove,
            ..Setting::PLAIN
        },
    ),
];

/// The actor that comes in between.
#[derive(Debug, Clone, Copy)]
enum Who {
    Nobody,
    Run,
    Operator(Wish),
    StaleWriter(Stale),
    /// A transaction that begins and inserts in two steps, and commits in a third.
    Writer,
    Consumer,
}

/// One script.
struct Case {
    setting: Setting,
    who: Who,
    legs: Vec<Leg>,
}

/// The outcome of a script.
enum Ended {
    AsPromised(Played),
    /// The run ended before the place.
    TooFar,
    /// Nothing can go wrong in this way at the place.
    Elsewhere,
}

impl Case {
    fn play(&self, traced: bool) -> (Result<Ended, String>, String) {
        simulate(async {
            let mut play = Play::new(self.setting, Chance::new(7), traced).await;
            let profile = play.profile.clone();
            play.scheduler
                .join("run", |gate| actors::ingest(profile, gate));
            self.join(&mut play);
            let world = Arc::clone(&play.world);
            let mut script = Script::new(self.legs.iter().copied());
            let played = play.run(&mut script).await;
            let ended = if script.is_too_far() {
                Ok(Ended::TooFar)
            } else if script.elsewhere {
                Ok(Ended::Elsewhere)
            } else {
                played.map(Ended::AsPromised)
            };
            (ended, if traced { trace(&world) } else { String::new() })
        })
    }

    fn join(&self, play: &mut Play) {
        let (profile, chance) = (play.profile.clone(), Chance::new(11));
        let scheduler = &mut play.scheduler;
        match self.who {
            Who::Nobody => OTHER,
            Who::Run => scheduler.join("other run", |gate| actors::ingest(profile, gate)),
            Who::Operator(wish) => {
                scheduler.join("operator", |gate| actors::edit(profile, gate, wish, chance))
            }
            Who::StaleWriter(stale) => scheduler.join("stale writer", |gate| {
                actors::write_late(gate, stale, chance)
            }),
            Who::Writer => scheduler.join("writer", actors::write_one),
            Who::Consumer => {
                scheduler.join("consumer", |gate| actors::consume(gate, false, chance))
            }
        };
    }
}

/// Scripts of one kind, and their outcomes.
struct Sweep(Figures<(String, Case)>);

impl Sweep {
    fn new(what: &'static str) -> Self {
        Self(Figures::new(what))
    }

    /// Plays one script; `false` if the run ended before the place.
    fn play(&mut self, name: &str, setting: Setting, who: Who, legs: Vec<Leg>) -> bool {
        let case = Case { setting, who, legs };
        let played = match case.play(false).0 {
            Ok(Ended::AsPromised(played)) => Ok(played),
            Ok(Ended::Elsewhere) => return true,
            Ok(Ended::TooFar) => return false,
            Err(failure) => Err(failure),
        };
        let name = format!("{name}, {who:?}, {:?}", case.legs);
        self.0.add((name, case), played);
        true
    }

    fn end(self) {
        self.0
            .end(|(name, _)| name.clone(), |(_, case)| case.play(true).1);
    }
}

#[test]
fn a_run_that_dies_at_any_step_leaves_nothing_lost_or_repeated() {
    let mut sweep = Sweep::new("every crash point");
    for (name, setting) in SETTINGS {
        let dies = |step| vec![Leg::of(RUN, step, Then::Dies)];
        every_one(|step| sweep.play(name, setting, Who::Nobody, dies(step)));
    }
    sweep.end();
}

#[test]
fn an_answer_lost_at_any_step_loses_and_repeats_nothing() {
    let mut sweep = Sweep::new("every lost answer");
    for (name, setting) in SETTINGS {
        for mishap in [Verdict::Lost, Verdict::Again, Verdict::Conflict] {
            let suffers = |step| {
                vec![
                    Leg::of(RUN, step, Then::Suffers(mishap)),
                    Leg::to_the_end(RUN),
                ]
            };
            every_one(|step| sweep.play(name, setting, Who::Nobody, suffers(step)));
        }
    }
    sweep.end();
}

#[test]
fn two_runs_that_die_one_after_the_other_at_any_step_lose_and_repeat_nothing() {
    let mut sweep = Sweep::new("every two crash points");
    for (name, setting) in SETTINGS {
        let both = |first, second| {
            vec![
                Leg::of(RUN, first, Then::Dies),
                Leg::of(OTHER, second, Then::Dies),
            ]
        };
        every_two(|first, second| sweep.play(name, setting, Who::Run, both(first, second)));
    }
    sweep.end();
}

#[test]
fn whoever_comes_in_between_at_any_step_does_no_harm() {
    let mut sweep = Sweep::new("every overtaking");
    for (name, setting) in SETTINGS {
        for who in others(setting) {
            for then in [Then::Pauses, Then::Dies] {
                let between = |step| {
                    let last = (then == Then::Pauses).then_some(Leg::to_the_end(RUN));
                    let legs = [Leg::of(RUN, step, then), Leg::to_the_end(OTHER)];
                    legs.into_iter().chain(last).collect()
                };
                every_one(|step| sweep.play(name, setting, who, between(step)));
            }
        }
    }
    sweep.end();
}

#[test]
fn a_run_that_is_overtaken_and_overtakes_at_any_step_does_no_harm() {
    let mut sweep = Sweep::new("every two overtakings");
    let (name, setting) = SETTINGS[1];
    for who in others(setting) {
        let race = |first, second| {
            vec![
                Leg::of(RUN, first, Then::Pauses),
                Leg::of(OTHER, second, Then::Pauses),
                Leg::to_the_end(RUN),
                Leg::to_the_end(OTHER),
            ]
        };
        every_two(|first, second| sweep.play(name, setting, who, race(first, second)));
    }
    sweep.end();
}

#[test]
fn a_transaction_that_is_open_between_any_two_steps_is_not_lost() {
    let mut sweep = Sweep::new("every late commit");
    let setting = Setting {
        settle: 0,
        ..Setting::PLAIN
    };
    let open = |first, second| {
        vec![
            Leg::of(RUN, first, Then::Pauses),
            Leg::of(OTHER, 2, Then::Pauses),
            Leg::of(RUN, second, Then::Pauses),
            Leg::to_the_end(OTHER),
            Leg::to_the_end(RUN),
        ]
    };
    every_two(|first, second| sweep.play("open", setting, Who::Writer, open(first, second)));
    sweep.end();
}

/// All actors that may come in between.
fn others(setting: Setting) -> Vec<Who> {
    let mut others = vec![Who::Run];
    others.extend(Wish::ALL.map(Who::Operator));
    others.extend(Stale::ALL.map(Who::StaleWriter));
    if setting.consumers == Consumers::Remove {
        others.push(Who::Consumer);
    }
    others
}

/// Tries every place, until one is beyond the end of the run.
fn every_one(mut play: impl FnMut(usize) -> bool) {
    let mut step = 1;
    while play(step) {
        step += 1;
    }
}

/// Tries every pair of places, until the first one, or the second after that first one, is beyond the end.
fn every_two(mut play: impl FnMut(usize, usize) -> bool) {
    every_one(|first| {
        let fits = play(first, 1);
        if fits {
            every_one(|second| play(first, second + 1));
        }
        fits
    });
}
