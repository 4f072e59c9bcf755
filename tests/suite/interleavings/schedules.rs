//! Schedules that follow from a seed: two or three runs at once, transactions that commit late,
//! operators, stale writers, consumers, crashes and lost answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use highwater::config::Consumers;

use super::actors::{self, Stale, Wish};
use super::chance::Chance;
use super::figures::Figures;
use super::play::{Play, Played, Setting, trace};
use super::policy::Random;
use super::simulate;
use super::turns::ActorId;
use super::world::World;

/// How many schedules are played, unless `HIGHWATER_SCHEDULES` says otherwise.
const SCHEDULES: u64 = 10_000;

fn setting(chance: &mut Chance) -> Setting {
    Setting {
        dated: chance.one_in(4),
        consumers: if chance.one_in(4) {
            Consumers::Remove
        } else {
            Consumers::Keep
        },
        max_rows: chance.pick(&[1, 2, 3, 1000, 1000]),
        settle: chance.pick(&[0, 0, 2, 5]),
        past: chance.below(3),
    }
}

/// Adds the actors of a schedule; returns their number and those that may die.
fn join(play: &mut Play, setting: Setting, chance: &mut Chance) -> (usize, Vec<ActorId>) {
    let mut runs = Vec::new();
    let mut actors = 0;
    let mut joined = |id: ActorId| {
        actors += 1;
        id
    };
    for _ in 0..chance.pick(&[2, 3]) + chance.below(2) {
        let profile = play.profile.clone();
        let run = |gate| actors::ingest(profile, gate);
        runs.push(joined(play.scheduler.join("run", run)));
    }
    for _ in 0..=chance.below(3) {
        let own = chance.branch();
        joined(
            play.scheduler
                .join("writer", |gate| actors::write(gate, own)),
        );
    }
    for _ in 0..chance.pick(&[0, 0, 1, 1, 2]) {
        let (own, wish, profile) = (
            chance.branch(),
            chance.pick(&Wish::ALL),
            play.profile.clone(),
        );
        let edit = |gate| actors::edit(profile, gate, wish, own);
        let id = joined(play.scheduler.join("operator", edit));
        runs.push(id);
    }
    for _ in 0..chance.pick(&[0, 0, 1, 2]) {
        let (own, stale) = (chance.branch(), chance.pick(&Stale::ALL));
        let late = |gate| actors::write_late(gate, stale, own);
        joined(play.scheduler.join("stale writer", late));
    }
    if setting.consumers == Consumers::Remove {
        let (own, patient) = (chance.branch(), chance.one_in(2));
        let consume = |gate| actors::consume(gate, patient, own);
        joined(play.scheduler.join("consumer", consume));
    }
    (actors, runs)
}

/// Plays the schedule of `seed`.
fn play(seed: u64, traced: bool) -> (Arc<World>, Result<Played, String>) {
    simulate(async {
        let mut chance = Chance::new(seed);
        let setting = setting(&mut chance);
        let mut play = Play::new(setting, chance.branch(), traced).await;
        play.world
            .with(|state| state.note(|| format!("{setting:?}")));
        let (actors, mortal) = join(&mut play, setting, &mut chance);
        let mut policy = Random::new(chance, actors, &mortal);
        let world = Arc::clone(&play.world);
        (world, play.run(&mut policy).await)
    })
}

/// The same, with a panic counted as a failure like any other.
fn attempt(seed: u64) -> Result<Played, String> {
    catch_unwind(AssertUnwindSafe(|| play(seed, false).1))
        .unwrap_or_else(|_| Err("it panicked, see above".to_owned()))
}

/// The number in an environment variable.
fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

#[test]
fn whatever_interleaves_every_row_is_written_once() {
    if let Some(seed) = number("HIGHWATER_SEED") {
        let (world, played) = play(seed, true);
        println!("{}\nseed {seed}: {played:?}", trace(&world));
        played.expect("as promised");
        return;
    }
    let mut figures = Figures::new("random schedules");
    for seed in 0..number("HIGHWATER_SCHEDULES").unwrap_or(SCHEDULES) {
        figures.add(seed, attempt(seed));
    }
    figures.end(
        |seed| format!("HIGHWATER_SEED={seed} plays it again"),
        |seed| trace(&play(*seed, true).0),
    );
}

#[test]
fn the_same_seed_makes_the_same_history() {
    for seed in [1, 2, 3] {
        let (first, second) = (play(seed, true).0, play(seed, true).0);
        assert_eq!(trace(&first), trace(&second));
    }
}
