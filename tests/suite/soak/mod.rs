//! Real processes, killed at random and started again, while writers work on their tables.
//!
//! `tests/soak [ROUNDS]` runs only this. `HIGHWATER_SOAK_ROUNDS` is the number of rounds over all stores (200 by
//! default); `HIGHWATER_SEED` is the seed: it replays what is done and after how long, though not how the machine
//! responds.

mod figures;
mod process;
mod round;

use std::time::Duration;

use fastrand::Rng;

use crate::support::{self, Database, Pace, Stage, Traffic, emulator, say};
use figures::Figures;
use round::Rounds;

/// Rounds by default.
const ROUNDS: usize = 200;
/// How old rows must be to be ingested; some transactions stay open for longer than that.
const SETTLE: &str = "500ms";
/// How often the last run is tried before it must succeed.
const TRIES: usize = 5;

fn rounds() -> usize {
    let set = std::env::var("HIGHWATER_SOAK_ROUNDS").unwrap_or_default();
    if set.is_empty() {
        return ROUNDS;
    }
    set.parse()
        .unwrap_or_else(|_| panic!("HIGHWATER_SOAK_ROUNDS={set} is no number"))
}

/// Plays the rounds over one pair of stores, then audits every table.
async fn soak(stage: Stage, database: Database, rounds: usize, salt: u64) {
    let seed = support::seed();
    say(&format!(
        "soak over {}: {rounds} rounds, HIGHWATER_SEED={seed}",
        stage.name
    ));
    let stage = stage.with_settle(SETTLE).await;
    let traffic = Traffic::start(&database, seed ^ salt, Pace::Busy).await;
    let mut figures = Figures::default();
    let mut all = Rounds::new(&stage, Rng::with_seed(seed.wrapping_add(salt)));
    for _ in 0..rounds {
        all.play(&mut figures).await;
    }
    let work = traffic.stop().await;
    figures.writers(work);
    Traffic::settled(&database, SETTLE).await;
    all.finish(&mut figures);
    finish(&stage, &mut figures).await;
    figures.check_kills();
    figures.check_backfills(&stage).await;
    let balance = Traffic::audit(&stage, &database).await;
    figures.recoveries(&stage.sandbox);
    say(&format!(
        "soak over {}: {figures}\n  {}",
        stage.name, balance
    ));
}

/// Ingests the last rows.
async fn finish(stage: &Stage, figures: &mut Figures) {
    for left in (0..TRIES).rev() {
        let run = stage.sandbox.run(&["ingest", "--all", "--output", "json"]);
        figures.ended(run.code, &run.stdout, &run.stderr);
        if run.code == 0 {
            return;
        }
        assert!(left > 0, "the last run: {run:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_over_the_local_stores_no_row_is_lost_or_doubled() {
    let Some(database) = support::postgres() else {
        return;
    };
    let stage = Stage::local(&database).await;
    soak(stage, database, rounds().div_ceil(2), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_over_moto_no_row_is_lost_or_doubled() {
    if let (Some(database), Some(moto)) = (support::postgres(), emulator("moto")) {
        let stage = Stage::emulated(&database, &moto).await;
        soak(stage, database, rounds().div_ceil(4), 2).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_over_ministack_no_row_is_lost_or_doubled() {
    if let (Some(database), Some(ministack)) = (support::postgres(), emulator("ministack")) {
        let stage = Stage::emulated(&database, &ministack).await;
        soak(stage, database, rounds().div_ceil(4), 3).await;
    }
}
