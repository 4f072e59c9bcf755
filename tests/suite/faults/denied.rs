//! A parameter store whose history may not be read: what is certain without it is done, and nothing
//! beyond that is assumed.

use highwater::backend::provenance::Provenance;
use highwater::vocabulary::{SequenceId, Watermark};
use serde_json::Value;

use super::Scene;
use crate::support::fault_proxy::{Fault, Operation, Refusal, on};
use crate::support::{self, Database, emulators};

/// A table with three objects, as seen by somebody who may not read histories.
async fn scenes(database: &Database) -> Vec<Scene> {
    let mut scenes = Vec::new();
    for emulator in emulators() {
        let scene = Scene::new(database, &emulator, 12).await;
        let report = scene.ingest(&scene.direct).await;
        assert_eq!(report.objects.len(), 3, "{report:?}");
        let denied = Fault::Refuse(Refusal::Denied);
        scene
            .proxy
            .follow(&[on(Operation::GetParameterHistory, denied).always()]);
        scenes.push(scene);
    }
    scenes
}

async fn values(scene: &Scene) -> (Watermark, SequenceId) {
    let backend = &scene.direct.backend;
    (
        backend.get_timestamp(&scene.table).await.expect("recorded"),
        backend.get_seq_id(&scene.table).await.expect("recorded"),
    )
}

/// The codes of the findings that `status` prints for the table.
fn findings(scene: &Scene) -> Vec<String> {
    let table = scene.table.to_string();
    let words = ["status", &table, "--output", "json"];
    let status = scene.through.sandbox.run(&words).json();
    let codes = status[0]["findings"].as_array().expect("findings").clone();
    let code = |code: Value| code.as_str().expect("a code").to_owned();
    codes.into_iter().map(code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_that_leaves_no_doubt_is_put_right_without_the_history() {
    let Some(database) = support::postgres() else {
        return;
    };
    for scene in scenes(&database).await {
        let before = values(&scene).await;
        scene.add(4, 20).await;
        let put = on(Operation::PutParameter, Fault::Refuse(Refusal::Denied));
        let history = on(
            Operation::GetParameterHistory,
            Fault::Refuse(Refusal::Denied),
        );
        scene.proxy.follow(&[put.always(), history.always()]);
        let crashed = scene.ingest(&scene.through).await;
        assert!(crashed.error.is_some(), "{crashed:?}");
        assert_eq!(values(&scene).await, before);
        scene.proxy.follow(&[history.always()]);
        let report = scene.ingest(&scene.through).await;
        assert_eq!(report.error, None, "{report:?}");
        assert_eq!(report.recovered.len(), 1, "{report:?}");
        assert_eq!(values(&scene).await.1, SequenceId(4));
        scene.balance().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_only_the_history_can_tell_the_table_stops_and_says_which_permission_is_missing() {
    let Some(database) = support::postgres() else {
        return;
    };
    for scene in scenes(&database).await {
        let (at, _) = values(&scene).await;
        let rewound = Watermark::from_micros(at.micros() - 2_000_000).expect("a timestamp");
        let edit = Provenance::Edit {
            by: "ada".to_owned(),
            reason: "late corrections".to_owned(),
        };
        let backend = &scene.direct.backend;
        let written = backend.write_timestamp(&scene.table, rewound, &edit).await;
        written.expect("written");
        let found = findings(&scene);
        assert_eq!(found, ["timestamp-mismatch", "missing-privilege"]);
        let stopped = scene.ingest(&scene.through).await;
        let error = stopped.error.as_ref().expect("it stops");
        assert_eq!(error.code, "timestamp-mismatch", "{stopped:?}");
        let doctor = scene.through.sandbox.run(&["doctor"]);
        assert!(
            doctor.stdout.contains("ssm:GetParameterHistory"),
            "{}",
            doctor.stdout
        );
        assert!(stopped.objects.is_empty(), "{stopped:?}");
        assert_eq!(values(&scene).await, (rewound, SequenceId(3)));
        // Somebody who may read the history knows that it was done on purpose, so two rows are read
        // again.
        let honoured = scene.ingest(&scene.direct).await;
        assert_eq!(honoured.error, None, "{honoured:?}");
        assert_eq!(honoured.objects[0].rows, 2, "{honoured:?}");
    }
}
