//! Looks at tables while a run is at work on them: its intermediate states are not findings.

use std::sync::Mutex;

use highwater::backend::doctor::{Diagnosis, Scope};
use highwater::backend::ingest::{IngestOptions, Outcome};
use highwater::backend::progress::Context;
use highwater::backend::source::Precision;
use highwater::backend::status::{State, StatusPart, TableStatus};
use highwater::config::Mode;

use crate::support::fault_proxy::{Fault, Operation, on};
use crate::support::{self, Database, FaultProxy, Stage, emulator, table};

/// The stage, and a proxy through which `looking` reaches the same stores.
struct Scene {
    database: Database,
    stage: Stage,
    looking: Stage,
    proxy: FaultProxy,
}

impl Scene {
    /// A scene whose table has been ingested before.
    async fn set() -> Option<Self> {
        let scene = Self::before_the_first_run().await?;
        scene.ingest_a_row().await;
        Some(scene)
    }

    async fn before_the_first_run() -> Option<Self> {
        let (database, emulator) = (support::postgres()?, emulator("moto")?);
        let stage = Stage::emulated(&database, &emulator).await;
        let proxy = FaultProxy::before(&emulator).await;
        let looking = stage.through(&proxy).await;
        let scene = Self {
            database,
            stage,
            looking,
            proxy,
        };
        scene
            .database
            .run(
                "CREATE TABLE payment (id int PRIMARY KEY, last_updated timestamptz DEFAULT now());
                  CREATE INDEX ON payment (last_updated)",
            )
            .await;
        Some(scene)
    }

    /// A run from beginning to end, over one row that is newer than all before.
    async fn ingest_a_row(&self) {
        self.database
            .run("INSERT INTO payment SELECT count(*) FROM payment")
            .await;
        let (context, options) = (Context::default(), IngestOptions::default());
        let report = self
            .stage
            .backend
            .ingest(&table("payment"), options, &context)
            .await;
        assert_eq!(report.outcome, Outcome::Written, "{report:?}");
    }

    /// Lets a whole run happen between the reading of the values and the reading of the objects.
    async fn ingest_meanwhile(&self) {
        self.proxy.until_held().await;
        self.ingest_a_row().await;
        self.proxy.release().await;
    }

    fn hold_objects(&self) {
        self.proxy
            .follow(&[on(Operation::HeadObject, Fault::HoldRequest).always()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_reaches_while_the_status_is_gathered_is_not_in_the_future() {
    let Some(scene) = Scene::set().await else {
        return;
    };
    scene.hold_objects();
    let names = [table("payment")];
    let status = Mutex::new(TableStatus::new(
        names[0].clone(),
        Mode::Incremental,
        Vec::new(),
    ));
    let take = |part: StatusPart| status.lock().expect("no panic").apply(part.value);
    let context = Context::default();
    let gathering = scene
        .looking
        .backend
        .status(&names, Precision::Exact, &context, &take);
    futures_util::join!(gathering, scene.ingest_meanwhile());
    let status = status.into_inner().expect("no panic");
    assert_eq!(status.findings(), [], "{status:?}");
    assert_eq!(status.state(), Some(State::UpToDate), "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_write_first_while_a_run_begins_does_not_stop_it() {
    let Some(scene) = Scene::before_the_first_run().await else {
        return;
    };
    scene
        .proxy
        .follow(&[on(Operation::ListObjectsV2, Fault::HoldRequest).always()]);
    let (payment, context) = (table("payment"), Context::default());
    let options = IngestOptions::default();
    let ingesting = scene.looking.backend.ingest(&payment, options, &context);
    let others = async {
        scene.proxy.until_held().await;
        scene.ingest_a_row().await;
        scene.ingest_a_row().await;
        scene.proxy.release().await;
    };
    let (report, ()) = futures_util::join!(ingesting, others);
    assert_eq!(report.outcome, Outcome::NothingPending, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_reaches_while_a_table_is_examined_is_not_in_the_future() {
    let Some(scene) = Scene::set().await else {
        return;
    };
    scene.hold_objects();
    let names = [table("payment")];
    let context = Context::default();
    let examining = scene
        .looking
        .backend
        .diagnose(&names, Scope::Tables, &context);
    let (examined, ()) = futures_util::join!(examining, scene.ingest_meanwhile());
    let mut found = examined.expect("an examination").diagnoses;
    found.retain(Diagnosis::matters);
    assert!(found.is_empty(), "{found:#?}");
}
