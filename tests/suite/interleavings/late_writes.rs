//! A late write puts the sequence id back over an edit, while a run that continues from the edit is at any of its
//! steps: the next run must not write the same rows under a number that was skipped.

use std::sync::Arc;

use highwater::config::Consumers;

use super::actors::{self, Stale, Wish};
use super::chance::Chance;
use super::figures::Figures;
use super::play::{Play, Played, Setting, trace};
use super::policy::{Leg, Script, Then};
use super::simulate;
use super::turns::ActorId;

/// Numbered in the order in which they join.
const OPERATOR: ActorId = 0;
const RUN: ActorId = 1;
const STALE_WRITER: ActorId = 2;
const OTHER_RUN: ActorId = 3;
const CONSUMER: ActorId = 4;

/// One order of events. An operator makes an edit; if consumers remove objects, the last object is removed; a run
/// continues from the edit, up to a step; the earlier sequence id arrives late; another run comes and goes; and the
/// first run ends, or has died.
#[derive(Debug, Clone, Copy)]
struct Order {
    setting: Setting,
    wish: Wish,
    step: usize,
    then: Then,
}

impl Order {
    /// Plays the order. `None` if the run ends before that step.
    fn play(self, traced: bool) -> (Option<Result<Played, String>>, String) {
        simulate(async {
            let mut play = Play::new(self.setting, Chance::new(7), traced).await;
            self.join(&mut play);
            let world = Arc::clone(&play.world);
            let mut script = Script::new(self.legs());
            let played = play.run(&mut script).await;
            let played = (!script.is_too_far()).then_some(played);
            (played, if traced { trace(&world) } else { String::new() })
        })
    }

    fn join(self, play: &mut Play) {
        let (profile, chance) = (&play.profile, Chance::new(11));
        let scheduler = &mut play.scheduler;
        let run = |profile| move |gate| actors::ingest(profile, gate);
        let (own, edited) = (chance.clone(), profile.clone());
        scheduler.join("operator", |gate| {
            actors::edit(edited, gate, self.wish, own)
        });
        scheduler.join("run", run(profile.clone()));
        let (own, stale) = (chance.clone(), Stale::SequenceId);
        scheduler.join("stale writer", |gate| actors::write_late(gate, stale, own));
        scheduler.join("other run", run(profile.clone()));
        if self.setting.consumers == Consumers::Remove {
            scheduler.join("consumer", |gate| actors::consume(gate, false, chance));
        }
    }

    fn legs(self) -> Vec<Leg> {
        let mut legs = vec![
            Leg::to_the_end(OPERATOR),
            Leg::to_the_end(CONSUMER),
            Leg::of(RUN, self.step, self.then),
            Leg::to_the_end(STALE_WRITER),
            Leg::to_the_end(OTHER_RUN),
        ];
        if self.then == Then::Pauses {
            legs.push(Leg::to_the_end(RUN));
        }
        legs
    }
}

/// Plays the order with the run stopped at each of its steps.
fn play_every_step(figures: &mut Figures<Order>, setting: Setting, wish: Wish, then: Then) {
    for step in 1.. {
        let order = Order {
            setting,
            wish,
            step,
            then,
        };
        let Some(played) = order.play(false).0 else {
            return;
        };
        figures.add(order, played);
    }
}

#[test]
fn a_sequence_id_put_back_over_an_edit_does_not_make_two_runs_commit_the_same_rows() {
    let mut figures = Figures::new("every late sequence id");
    for (dated, consumers) in [
        (false, Consumers::Keep),
        (true, Consumers::Keep),
        (false, Consumers::Remove),
        (true, Consumers::Remove),
    ] {
        let setting = Setting {
            dated,
            consumers,
            ..Setting::PLAIN
        };
        for wish in [Wish::Skip, Wish::RewindAndSkip] {
            for then in [Then::Pauses, Then::Dies] {
                play_every_step(&mut figures, setting, wish, then);
            }
        }
    }
    figures.end(|order| format!("{order:?}"), |order| order.play(true).1);
}
