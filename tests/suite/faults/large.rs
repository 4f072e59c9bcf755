//! Bodies that are uploaded in parts: each step of the upload meets its faults, and no upload is left behind that
//! could have been aborted.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use highwater::backend::ingest::IngestOptions;
use highwater::backend::progress::Context;

use super::cases;
use super::{Scene, ending};
use crate::support::books;
use crate::support::fault_proxy::Operation::{
    AbortMultipartUpload, CompleteMultipartUpload, CreateMultipartUpload, PutParameter, UploadPart,
};
use crate::support::fault_proxy::{Fault, Refusal, Rule, on};
use crate::support::{self, Database, Emulator, emulator};

/// Rows of a megabyte each, together more than one request carries.
const ROWS: usize = 18;
const WIDTH: usize = 1 << 20;
/// Far less than it takes to find out that a store has fallen silent.
const CANCELLED: Duration = Duration::from_secs(12);

/// A large run that meets faults.
#[derive(Debug, Clone, Copy)]
struct Large {
    fault: Rule,
    also: Option<Rule>,
    /// Whether the run succeeds all the same.
    survives: bool,
    /// Whether an upload may be left behind: one that nobody knows of, or that could not be aborted.
    leaves_upload: bool,
}

const fn survives(fault: Rule) -> Large {
    Large {
        fault,
        also: None,
        survives: true,
        leaves_upload: false,
    }
}

const fn fails(fault: Rule) -> Large {
    Large {
        survives: false,
        ..survives(fault)
    }
}

impl Large {
    const fn leaving_an_upload(self) -> Self {
        Self {
            leaves_upload: true,
            ..self
        }
    }

    const fn and(self, also: Rule) -> Self {
        Self {
            also: Some(also),
            ..self
        }
    }
}

fn all() -> Vec<Large> {
    let internal = Fault::Refuse(Refusal::Internal);
    vec![
        // The client retries, and never learns of the first upload.
        survives(on(CreateMultipartUpload, Fault::LoseAnswer)).leaving_an_upload(),
        survives(on(UploadPart, Fault::Refuse(Refusal::SlowDown)).times(2)),
        survives(on(UploadPart, Fault::CutRequest).after(1)),
        survives(on(UploadPart, Fault::LoseAnswer)),
        fails(on(UploadPart, internal).after(1).always()),
        survives(on(
            CompleteMultipartUpload,
            Fault::Refuse(Refusal::Conflict),
        )),
        survives(on(CompleteMultipartUpload, Fault::LoseAnswer)),
        survives(on(CompleteMultipartUpload, Fault::CutAnswer)),
        survives(on(
            CompleteMultipartUpload,
            Fault::RefuseAfterwards(Refusal::Internal),
        )),
        fails(on(CompleteMultipartUpload, internal).always())
            .and(on(AbortMultipartUpload, Fault::LoseAnswer)),
        fails(on(CompleteMultipartUpload, internal).always())
            .and(on(AbortMultipartUpload, internal).always())
            .leaving_an_upload(),
    ]
}

/// A table whose rows need a multipart upload.
async fn scene(database: &Database, emulator: &Emulator) -> Scene {
    let scene = Scene::new(database, emulator, 0).await;
    scene.add(ROWS, WIDTH).await;
    scene
}

impl cases::Case for Large {
    /// Returns how the run with the fault ended.
    async fn play(self, database: Arc<Database>, emulator: Emulator) -> String {
        let scene = scene(&database, &emulator).await;
        let rules: Vec<Rule> = [Some(self.fault), self.also]
            .into_iter()
            .flatten()
            .collect();
        scene.proxy.follow(&rules);
        let report = scene
            .ingest_with(&scene.through, IngestOptions::default())
            .await;
        assert!(!scene.proxy.met().is_empty(), "no request met the fault");
        let ended = ending(&report);
        assert_eq!(ended == "written", self.survives, "{report:?}");
        let uploads = books::uploads(&scene.direct).await;
        assert!(self.leaves_upload || uploads.is_empty(), "{uploads:?}");
        scene.balance().await;
        ended
    }
}

async fn play(emulator: Option<Emulator>) {
    let (Some(database), Some(emulator)) = (support::postgres().map(Arc::new), emulator) else {
        return;
    };
    cases::play("uploads in parts", &all(), &database, &emulator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_while_a_body_goes_up_in_parts_leave_nothing_behind_on_moto() {
    play(emulator("moto")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_while_a_body_goes_up_in_parts_leave_nothing_behind_on_ministack() {
    play(emulator("ministack")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_sends_parts_leaves_an_upload_and_no_object() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in support::emulators() {
        let scene = scene(&database, &emulator).await;
        for operation in [UploadPart, CompleteMultipartUpload] {
            scene.proxy.follow(&[on(operation, Fault::HoldRequest)]);
            let mut process = scene
                .through
                .sandbox
                .command(&["ingest", &scene.table.to_string()])
                .stderr(Stdio::null())
                .spawn()
                .expect("the binary can be run");
            scene.proxy.until_held().await;
            process.kill().expect("it runs");
            process.wait().expect("it ends");
        }
        let uploads = books::uploads(&scene.direct).await;
        assert_eq!(uploads.len(), 2, "{}: {uploads:?}", emulator.name());
        scene.balance().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_does_not_wait_for_a_store_that_has_fallen_silent_and_nothing_is_lost() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in support::emulators() {
        let scene = Arc::new(scene(&database, &emulator).await);
        for (operation, further) in [
            (UploadPart, 0),
            (CompleteMultipartUpload, 0),
            // Meets the recovery of what the run before it has left.
            (PutParameter, 0),
            // Meets the values of an object that was just committed.
            (PutParameter, 3),
        ] {
            scene.add(further, 20).await;
            let silent = |operation| on(operation, Fault::HoldRequest).always();
            let rules = [silent(operation), silent(AbortMultipartUpload)];
            scene.proxy.follow(&rules);
            let (context, played) = (Context::default(), Arc::clone(&scene));
            let its = context.clone();
            let run = tokio::spawn(async move {
                let backend = &played.through.backend;
                let options = IngestOptions::default();
                backend.ingest(&played.table, options, &its).await
            });
            scene.proxy.until_held().await;
            context.cancel.cancel();
            let report = tokio::time::timeout(CANCELLED, run).await;
            let report = report.expect("in time").expect("no panic");
            assert_eq!(ending(&report), "cancelled", "{operation:?}: {report:?}");
            scene.proxy.release().await;
        }
        scene.balance().await;
    }
}
