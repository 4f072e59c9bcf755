//! Plays many cases at once, each with a table of its own.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Scene, ending};
use crate::support::fault_proxy::Operation;
use crate::support::{self, Database, Emulator, say};

/// How many cases are played at once; the time is spent in the emulators.
const AT_ONCE: usize = 4;

/// Something to be tried, which panics if it goes wrong.
pub trait Case: Debug + Copy + Send + Sync + 'static {
    /// Plays the case to its end, and says in a word or two how it went.
    fn play(
        self,
        database: Arc<Database>,
        emulator: Emulator,
    ) -> impl Future<Output = String> + Send;
}

/// Plays the cases that `cases` derives from the requests of a run, for a first run and for a run after an object.
/// `run` performs one undisturbed run through the proxy.
pub async fn play_at_every_request<C: Case>(
    title: &str,
    emulator: &Emulator,
    run: impl AsyncFn(&Scene),
    cases: impl Fn(usize, &[Operation]) -> Vec<C>,
) {
    let Some(database) = support::postgres().map(Arc::new) else {
        return;
    };
    let mut all = Vec::new();
    for objects_before in [0, 1] {
        let scene = scene(objects_before, &database, emulator).await;
        scene.proxy.follow(&[]);
        run(&scene).await;
        let seen = scene.proxy.seen().into_iter();
        let operations: Vec<Operation> = seen.map(|seen| seen.operation).collect();
        all.extend(cases(objects_before, &operations));
    }
    play(title, &all, &database, emulator).await;
}

/// Plays all cases, prints the figures under `title`, and fails with everything that went wrong.
pub async fn play<C: Case>(
    title: &str,
    cases: &[C],
    database: &Arc<Database>,
    emulator: &Emulator,
) {
    assert!(!cases.is_empty(), "{title}: there is nothing to try");
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut playing = JoinSet::new();
    for case in cases.iter().copied() {
        let (database, emulator) = (Arc::clone(database), emulator.clone());
        let places = Arc::clone(&places);
        playing.spawn(async move {
            let _place = places.acquire().await;
            let played = tokio::spawn(case.play(database, emulator));
            (case, played.await)
        });
    }
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    while let Some(played) = playing.join_next().await {
        match played.expect("no panic out here") {
            (_, Ok(end)) => *ends.entry(end).or_default() += 1,
            (case, Err(panic)) => failures.push(format!("{case:?}: {}", support::panicked(panic))),
        }
    }
    let (name, all, failed) = (emulator.name(), cases.len(), failures.len());
    say(&format!(
        "{title} on {name}: {all} cases, {failed} failed; {ends:?}"
    ));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// A table after `objects_before` clean batches, with rows for two more.
pub async fn scene(objects_before: usize, database: &Database, emulator: &Emulator) -> Scene {
    let scene = Scene::new(database, emulator, objects_before * 4).await;
    if objects_before > 0 {
        // Through the proxy, so that it has answers that will be stale.
        let report = scene.ingest(&scene.through).await;
        assert_eq!(ending(&report), "written", "{report:?}");
    }
    scene.add(7, 20).await;
    scene
}
