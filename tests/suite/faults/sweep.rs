//! Every request of a run meets every fault that can happen to it, one at a time.

use std::sync::Arc;

use super::cases::{self, scene};
use super::{Scene, ending};
use crate::support::fault_proxy::{Fault, Operation, Refusal, Rule, at_request};
use crate::support::{Database, Emulator, emulator};

/// How often a case is started again because its run gave up before the fault, which hasty runs do
/// on a machine that is slow for a moment.
const TRIES: usize = 3;

/// One fault at one request.
#[derive(Debug, Clone, Copy)]
struct Meeting {
    /// The number of objects before the run that meets the fault: 0 is a first run.
    objects_before: usize,
    request: usize,
    operation: Operation,
    fault: Fault,
    /// Whether all later requests meet the fault as well.
    from_there_on: bool,
    /// Whether held requests arrive only after the clean run.
    late: bool,
}

/// The faults that `operation` can meet once.
fn faults(operation: Operation) -> Vec<Fault> {
    let mut faults = vec![
        Fault::Refuse(Refusal::SlowDown),
        Fault::LoseAnswer,
        Fault::CutAnswer,
    ];
    if operation.is_of_ssm() {
        faults.push(Fault::Refuse(Refusal::Throttled));
    }
    if operation.writes() {
        faults.extend([
            Fault::Refuse(Refusal::Internal),
            Fault::RefuseAfterwards(Refusal::Internal),
            Fault::CutRequest,
            Fault::HoldRequest,
            Fault::HoldAnswer,
        ]);
    } else {
        faults.push(Fault::Stale);
    }
    if operation == Operation::PutObject {
        faults.push(Fault::Refuse(Refusal::Conflict));
    }
    faults
}

/// All meetings for a run whose requests are `operations`.
fn meetings(objects_before: usize, operations: &[Operation]) -> Vec<Meeting> {
    let mut meetings = Vec::new();
    for (request, operation) in operations.iter().copied().enumerate() {
        let mut push = |fault, from_there_on, late| {
            meetings.push(Meeting {
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
        push(Fault::Refuse(Refusal::Internal), true, false);
        if operation.writes() {
            push(Fault::LoseAnswer, true, false);
            push(Fault::HoldAnswer, true, false);
            push(Fault::HoldRequest, false, true);
            push(Fault::HoldRequest, true, false);
            push(Fault::HoldRequest, true, true);
        }
    }
    meetings
}

impl Meeting {
    /// The table after the run that met the fault, and how the run ended.
    async fn meet(self, database: &Database, emulator: &Emulator) -> (Scene, String) {
        let passing = !self.from_there_on;
        for _ in 0..TRIES {
            let mut scene = scene(self.objects_before, database, emulator).await;
            if !passing || self.fault.holds() {
                scene = scene.hasty().await;
            }
            scene.proxy.follow(&[self.rule()]);
            let report = scene.ingest(&scene.through).await;
            // Concurrent requests may arrive in a different order than before.
            if scene.proxy.met().first() != Some(&self.operation) {
                continue;
            }
            let ended = ending(&report);
            let survives = passing && !self.fault.holds() && self.fault != Fault::Stale;
            assert!(!survives || ended == "written", "{report:?}");
            return (scene, ended);
        }
        panic!("no such request met the fault")
    }

    const fn rule(self) -> Rule {
        let rule = at_request(self.request, self.fault);
        if self.from_there_on {
            rule.always()
        } else {
            rule
        }
    }
}

impl cases::Case for Meeting {
    /// Returns how the run with the fault ended.
    async fn play(self, database: Arc<Database>, emulator: Emulator) -> String {
        let (scene, ended) = self.meet(&database, &emulator).await;
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

async fn sweep(emulator: &Emulator) {
    let leave_alone = async |scene: &Scene| {
        let report = scene.ingest(&scene.through).await;
        assert_eq!(ending(&report), "written", "{report:?}");
    };
    let title = "runs that meet a fault";
    cases::play_at_every_request(title, emulator, leave_alone, meetings).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_fault_at_any_request_loses_and_repeats_nothing_on_moto() {
    if let Some(moto) = emulator("moto") {
        sweep(&moto).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_fault_at_any_request_loses_and_repeats_nothing_on_ministack() {
    if let Some(ministack) = emulator("ministack") {
        sweep(&ministack).await;
    }
}
