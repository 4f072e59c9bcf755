//! One schedule from beginning to end: the existing past, the actors at once, then quiet, a clean run, and the
//! verdict.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use highwater::backend::ingest::{IngestReport, Outcome};
use highwater::config::template::KeyTemplate;
use highwater::config::{
    Consumers, ObjectStoreConfig, ObjectsConfig, ParameterStoreConfig, ParametersConfig, Profile,
    SourceConfig,
};

use super::actors;
use super::chance::Chance;
use super::scheduler::{Policy, Scheduler, Tally};
use super::turns::ActorId;
use super::verdict::{self, Checked};
use super::world::{Event, World};

/// The actor that runs when nobody else does.
const ALONE: ActorId = usize::MAX;

/// The circumstances in which the table is ingested.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Whether keys are named after the clock.
    pub dated: bool,
    pub consumers: Consumers,
    pub max_rows: u64,
    /// Measured in ticks.
    pub settle: u64,
    /// The number of ingestions in the past.
    pub past: usize,
}

impl Setting {
    pub const PLAIN: Self = Self {
        dated: false,
        consumers: Consumers::Keep,
        max_rows: 1000,
        settle: 2,
        past: 1,
    };

    pub fn profile(&self) -> Profile {
        static PLAIN: LazyLock<Profile> = LazyLock::new(|| {
            Profile::new(
                "test",
                SourceConfig::new("postgres://nobody@localhost/memory"),
                ParametersConfig::new(ParameterStoreConfig::Ssm),
                ObjectsConfig::new(ObjectStoreConfig::S3 {
                    bucket: "memory".to_owned(),
                }),
            )
            .expect("a profile")
        });
        static DATED: LazyLock<KeyTemplate> = LazyLock::new(|| {
            KeyTemplate::parse("{date}/{table}_{seq:08}_{time}.jsonl").expect("a template")
        });
        let mut profile = PLAIN.clone();
        profile.source.settle = Duration::from_millis(self.settle);
        profile.objects.max_rows_per_object = self.max_rows;
        profile.objects.consumers = self.consumers;
        if self.dated {
            profile.objects.key = DATED.clone();
        }
        profile
    }
}

/// The result of a schedule that kept all promises.
#[derive(Debug, Clone, Copy, Default)]
pub struct Played {
    pub tally: Tally,
    pub checked: Checked,
}

/// The stage of one schedule, with the past of its table.
pub struct Play {
    pub world: Arc<World>,
    pub profile: Profile,
    pub scheduler: Scheduler,
}

impl Play {
    /// A table with a past and with pending rows.
    pub async fn new(setting: Setting, mut chance: Chance, traced: bool) -> Self {
        let world = Arc::new(World::default());
        if traced {
            world.with(|state| state.trace = Some(Vec::new()));
        }
        let profile = setting.profile();
        for _ in 0..setting.past {
            some_rows(&world, &mut chance);
            run_alone(&world, &profile).await;
        }
        some_rows(&world, &mut chance);
        world.with(|state| {
            state.turns.close();
            state.note(|| "--- all at once".to_owned());
        });
        let scheduler = Scheduler::new(&world, chance.branch()).await;
        Self {
            world,
            profile,
            scheduler,
        }
    }

    /// Plays the schedule, and then lets everything settle.
    ///
    /// # Errors
    /// The promise that was broken.
    pub async fn run(self, policy: &mut dyn Policy) -> Result<Played, String> {
        let tally = self.scheduler.run(policy).await;
        self.world
            .with(|state| state.note(|| "--- quiet".to_owned()));
        let first = run_alone(&self.world, &self.profile).await;
        let second = run_alone(&self.world, &self.profile).await;
        settled(&first, &second)?;
        let checked = self.world.with(|state| verdict::judge(state))?;
        Ok(Played { tally, checked })
    }
}

fn settled(first: &IngestReport, second: &IngestReport) -> Result<(), String> {
    for report in [first, second] {
        if let Some(error) = &report.error {
            return Err(format!("a clean run fails: {}", error.message));
        }
    }
    if second.outcome != Outcome::NothingPending || !second.recovered.is_empty() {
        return Err(format!(
            "a second clean run still does something: {second:?}"
        ));
    }
    Ok(())
}

fn some_rows(world: &World, chance: &mut Chance) {
    world.with(|state| {
        for _ in 0..2 {
            let transaction = state.source.begin(state.now());
            for _ in 0..=chance.below(3) {
                state.source.insert(transaction, None);
            }
            state.ticks += i64::try_from(chance.below(4)).expect("few");
            state.source.commit(transaction);
        }
    });
}

/// A run with no other actor, after everything has settled.
async fn run_alone(world: &Arc<World>, profile: &Profile) -> IngestReport {
    world.with(|state| {
        state.turns.open();
        state.ticks += 100;
    });
    // Boxed, because it holds the state of a whole run and is part of every future that plays a schedule.
    Box::pin(actors::ingest(profile.clone(), world.gate(ALONE))).await;
    world.with(|state| match state.events.last() {
        Some(Event::Reported { report }) => report.clone(),
        other => panic!("a run ends with its report, not with {other:?}"),
    })
}

/// The trace, with short names for the runs.
pub fn trace(world: &World) -> String {
    let lines = world.with(|state| state.trace.take().unwrap_or_default());
    let run = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("a pattern");
    let mut names: Vec<String> = Vec::new();
    let mut text = String::new();
    for line in lines {
        let line = run.replace_all(&line, |found: &regex::Captures<'_>| {
            let id = found[0].to_owned();
            let place = names.iter().position(|name| *name == id);
            let place = place.unwrap_or_else(|| {
                names.push(id);
                names.len() - 1
            });
            format!("r{}", place + 1)
        });
        let _ = writeln!(text, "{line}");
    }
    text
}
