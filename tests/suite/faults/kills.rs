//! Kills the process at every step of the protocol: before a request reaches its store, and after the store has
//! handled it.

use std::process::{Child, Stdio};
use std::sync::Arc;

use super::Scene;
use super::cases::{self, scene};
use crate::support::fault_proxy::{Fault, Operation, at_request};
use crate::support::{Database, Emulator, emulator};

/// The point at which a process is killed.
#[derive(Debug, Clone, Copy)]
struct Kill {
    /// The number of objects before the run that is killed: 0 is a first run.
    objects_before: usize,
    request: usize,
    operation: Operation,
    /// `HoldRequest`: before the store has seen the request; `HoldAnswer`: after it has handled it.
    at: Fault,
    /// Whether the request of the dead process reaches the store after all, once others have continued.
    arrives_late: bool,
}

fn kills(objects_before: usize, operations: &[Operation]) -> Vec<Kill> {
    let mut kills = Vec::new();
    for (request, operation) in operations.iter().copied().enumerate() {
        let mut push = |at, arrives_late| {
            kills.push(Kill {
                objects_before,
                request,
                operation,
                at,
                arrives_late,
            });
        };
        push(Fault::HoldAnswer, false);
        if operation.writes() {
            push(Fault::HoldRequest, false);
            push(Fault::HoldRequest, true);
        }
    }
    kills
}

/// Starts a real process on the table, through the proxy.
fn start(scene: &Scene) -> Child {
    let table = scene.table.to_string();
    let words = ["ingest", &table, "--max-rows", "4", "--output", "json"];
    scene
        .through
        .sandbox
        .command(&words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary can be run")
}

impl cases::Case for Kill {
    /// Returns whether the next run found something to recover.
    async fn play(self, database: Arc<Database>, emulator: Emulator) -> String {
        let scene = scene(self.objects_before, &database, &emulator).await;
        scene.proxy.follow(&[at_request(self.request, self.at)]);
        let mut process = start(&scene);
        scene.proxy.until_held().await;
        // Concurrent requests may arrive in a different order than before.
        let met = scene.proxy.met();
        assert_eq!(met.len(), 1, "instead of {:?}: {met:?}", self.operation);
        process.kill().expect("it runs");
        process.wait().expect("it ends");
        let (report, _) = scene.balance().await;
        if self.arrives_late {
            scene.add(3, 20).await;
            scene.balance().await;
            scene.proxy.release().await;
            scene.balance().await;
        }
        if report.recovered.is_empty() {
            "nothing to mend".to_owned()
        } else {
            "mended".to_owned()
        }
    }
}

async fn kill_everywhere(emulator: &Emulator) {
    let leave_alone = async |scene: &Scene| {
        let status = start(scene).wait().expect("it ends");
        assert!(status.success(), "{status}");
    };
    let title = "processes killed at a request";
    cases::play_at_every_request(title, emulator, leave_alone, kills).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_request_loses_and_repeats_nothing_on_moto() {
    if let Some(moto) = emulator("moto") {
        kill_everywhere(&moto).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_request_loses_and_repeats_nothing_on_ministack() {
    if let Some(ministack) = emulator("ministack") {
        kill_everywhere(&ministack).await;
    }
}
