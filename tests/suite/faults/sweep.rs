//! Every request of a run meets every fault that can befall it, one at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Scene, ending};
use crate::support::fault_proxy::{Fault, Operation, Refusal, Rule, at_request};
use crate::support::{self, Database, Emulator, emulators, say};

/// How many cases are tried at once; the emulators are what takes the time.
const AT_ONCE: usize = 4;

/// What is tried in one case.
#[derive(Debug, Clone, Copy)]
struct Case {
    /// Objects before the run that meets the fault: 0 is a first run.
    objects_before: usize,
    request: usize,
    operation: Operation,
    fault: Fault,
    /// Whether all requests after it meet the fault as well.
    from_there_on: bool,
    /// Whether held requests arrive only after the clean run.
    late: bool,
}

/// The faults that `operation` can meet once.
fn faults(operation: Operation) -> Vec<Fault> {
    let mut faults = vec![
        Fault::Refuse(Refusal::SlowDown),
        Fault::Refuse(Refusal::Internal),
        Fault::LoseAnswer,
        Fault::CutRequest,
        Fault::CutAnswer,
        Fault::HoldAnswer,
    ];
    if operation.is_of_ssm() {
        faults.push(Fault::Refuse(Refusal::Throttled));
    }
    if operation.writes() {
        faults.push(Fault::RefuseAfterwards(Refusal::Internal));
        faults.push(Fault::HoldRequest);
    } else {
        faults.push(Fault::Stale);
    }
    if matches!(
        operation,
        Operation::PutObject | Operation::CompleteMultipartUpload
    ) {
        faults.push(Fault::Refuse(Refusal::Conflict));
    }
    faults
}

/// All cases for a run whose requests are `operations`.
fn cases(objects_before: usize, operations: &[Operation]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (request, operation) in operations.iter().copied().enumerate() {
        let mut push = |fault, from_there_on, late| {
            cases.push(Case {
                objects_before,
                request,
                operation,
                fault,
                from_there_on,
                late,
            });
        };
        for fault in faults(operation) {
            push(fault, false, false);
        }
        for fault in [
            Fault::Refuse(Refusal::Internal),
            Fault::LoseAnswer,
            Fault::HoldAnswer,
        ] {
            push(fault, true, false);
        }
        if operation.writes() {
            push(Fault::HoldRequest, false, true);
            push(Fault::HoldRequest, true, false);
            push(Fault::HoldRequest, true, true);
        }
    }
    cases
}

impl Case {
    fn rule(self) -> Rule {
        let rule = at_request(self.request, self.fault);
        if self.from_there_on {
            rule.always()
        } else {
            rule
        }
    }

    /// Plays the case to its end, and says how the run with the fault ended.
    async fn play(self, database: &Database, emulator: &Emulator) -> String {
        let mut scene = scene(self.objects_before, database, emulator).await;
        let passing = !self.from_there_on;
        if !passing || self.fault.holds() {
            scene = scene.hasty().await;
        }
        scene.proxy.follow(&[self.rule()]);
        let report = scene.ingest(&scene.through).await;
        let ended = ending(&report);
        assert!(scene.proxy.faults() > 0, "no request met the fault");
        let survives = passing && !self.fault.holds() && self.fault != Fault::Stale;
        assert!(!survives || ended == "written", "{report:?}");
        if self.late {
            scene.balance().await;
            scene.add(3, 20).await;
            scene.balance().await;
        }
        scene.proxy.release().await;
        scene.balance().await;
        ended
    }
}

/// A table after `objects_before` clean batches, with rows for two more.
async fn scene(objects_before: usize, database: &Database, emulator: &Emulator) -> Scene {
    let scene = Scene::new(database, emulator, objects_before * 4).await;
    if objects_before > 0 {
        // Through the proxy, so that it has answers that will be stale.
        let report = scene.ingest(&scene.through).await;
        assert_eq!(ending(&report), "written", "{report:?}");
    }
    scene.add(7, 20).await;
    scene
}

/// The operations of a run that meets nothing.
async fn requests(objects_before: usize, database: &Database, emulator: &Emulator) -> Vec<Operation> {
    let scene = scene(objects_before, database, emulator).await;
    scene.proxy.follow(&[]);
    let report = scene.ingest(&scene.through).await;
    assert_eq!(ending(&report), "written", "{report:?}");
    let seen = scene.proxy.seen();
    seen.into_iter().map(|seen| seen.operation).collect()
}

async fn sweep(emulator: Emulator) {
    let Some(database) = support::postgres() else {
        return;
    };
    let database = Arc::new(database);
    let mut all = Vec::new();
    for objects_before in [0, 1] {
        let operations = requests(objects_before, &database, &emulator).await;
        all.extend(cases(objects_before, &operations));
    }
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut playing = JoinSet::new();
    for case in &all {
        let (case, emulator) = (*case, emulator.clone());
        let (database, places) = (Arc::clone(&database), Arc::clone(&places));
        playing.spawn(async move {
            let _place = places.acquire().await;
            let played = tokio::spawn(async move { case.play(&database, &emulator).await });
            (case, played.await)
        });
    }
    let mut endings: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    while let Some(played) = playing.join_next().await {
        match played.expect("no panic out here") {
            (_, Ok(ended)) => *endings.entry(ended).or_default() += 1,
            (case, Err(panic)) => failures.push(format!("{case:?}: {}", support::panicked(panic))),
        }
    }
    say(&format!(
        "fault sweep on {}: {} cases, {} failed; runs that met a fault ended {endings:?}",
        emulator.name(),
        all.len(),
        failures.len()
    ));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_fault_at_any_request_of_a_run_loses_and_repeats_nothing_on_moto() {
    for emulator in emulators().into_iter().filter(|it| it.name() == "moto") {
        sweep(emulator).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_fault_at_any_request_of_a_run_loses_and_repeats_nothing_on_ministack() {
    for emulator in emulators().into_iter().filter(|it| it.name() == "ministack") {
        sweep(emulator).await;
    }
}
