//! The source goes away in the middle of a run: its session is terminated, or the server is
//! restarted.

use std::sync::Arc;
use std::time::Duration;

use highwater::backend::ingest::{IngestOptions, IngestReport, Outcome};
use highwater::backend::progress::Context;
use rustix::process::{Pid, Signal, kill_process};
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use super::{Scene, ending};
use crate::support::books::{self, Truth, audit};
use crate::support::fault_proxy::{Fault, Operation, on};
use crate::support::{self, ClusterSettings, Stage, emulators, eventually, table};

/// Rows of a megabyte each, together more than all buffers between the server and a held request.
const ROWS: usize = 96;
const WIDTH: usize = 1 << 20;
/// Far more than it takes to end a run whose server has fallen silent.
const PATIENCE: Duration = Duration::from_secs(20);

/// Ends a session of ours that streams a COPY; `false` if there is none.
const TERMINATE: &str = "
SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) FROM pg_stat_activity
WHERE application_name = 'highwater' AND datname = current_database()
  AND state = 'active' AND query ILIKE 'COPY%'";

async fn terminate(client: &Client) -> bool {
    let row = client.query_one(TERMINATE, &[]).await.expect("an answer");
    row.get(0)
}

/// Starts a run through the proxy in a separate task.
fn start(scene: &Arc<Scene>, options: IngestOptions) -> JoinHandle<IngestReport> {
    let scene = Arc::clone(scene);
    tokio::spawn(async move { scene.ingest_with(&scene.through, options).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_terminated_in_mid_copy_commits_nothing_and_gives_the_upload_up() {
    let Some(database) = support::postgres() else {
        return;
    };
    for emulator in emulators() {
        let scene = Arc::new(Scene::new(&database, &emulator, 0).await);
        scene.add(ROWS, WIDTH).await;
        let parts = on(Operation::UploadPart, Fault::HoldRequest);
        scene.proxy.follow(&[parts.always()]);
        let run = start(&scene, IngestOptions::default());
        scene.proxy.until_held().await;
        let client = database.client().await;
        eventually("a COPY is under way", async || terminate(&client).await).await;
        scene.proxy.release().await;
        let report = run.await.expect("no panic");
        assert_eq!(ending(&report), "unavailable", "{report:?}");
        assert_eq!(report.objects, [], "nothing was committed");
        let uploads = books::uploads(&scene.direct).await;
        assert!(uploads.is_empty(), "{}: {uploads:?}", emulator.name());
        // The same backend continues with another session.
        let report = scene.ingest_with(&scene.through, IngestOptions::default());
        assert_eq!(ending(&report.await), "written");
        scene.audit().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_terminated_in_mid_copy_leaves_no_file_behind() {
    let Some(database) = support::postgres() else {
        return;
    };
    let stage = Stage::local(&database).await;
    let client = database.client().await;
    let rows = format!(
        "CREATE TABLE payment (id int, note text, last_updated timestamptz);
         INSERT INTO payment SELECT i, repeat('x', {WIDTH}), '2024-05-16'::timestamptz + i * interval '1 s'
         FROM generate_series(1, {ROWS}) i;
         ANALYZE payment"
    );
    client.batch_execute(&rows).await.expect("rows");
    let payment = table("payment");
    let (backend, named) = (stage.backend.clone(), payment.clone());
    let run = tokio::spawn(async move {
        let context = Context::default();
        // The table is known to have more rows, so they are counted first.
        let options = IngestOptions {
            max_rows: Some(ROWS as u64 / 2),
        };
        backend.ingest(&named, options, &context).await
    });
    eventually("a COPY is under way", async || {
        terminate(&client).await || run.is_finished()
    })
    .await;
    let report = run.await.expect("no panic");
    assert_eq!(ending(&report), "unavailable", "{report:?}");
    assert_eq!(books::uploads(&stage).await, [""; 0]);
    let context = Context::default();
    let again = stage
        .backend
        .ingest(&payment, IngestOptions::default(), &context);
    assert_eq!(again.await.outcome, Outcome::Written);
    let truth = Truth::of(&client, &payment).await;
    audit(&stage, &payment, &truth).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_restarted_in_mid_run_costs_that_run_and_nothing_else() {
    let Some(mut cluster) = support::cluster(&ClusterSettings::default()) else {
        return;
    };
    for emulator in emulators() {
        for (operation, width, objects) in [
            // In the middle of a body; or between the first batch's commit and its values.
            (Operation::UploadPart, WIDTH, 0),
            (Operation::PutParameter, 20, 1),
        ] {
            let database = cluster.database();
            let scene = Arc::new(Scene::new(&database, &emulator, 0).await);
            scene.add(ROWS, width).await;
            let rule = on(operation, Fault::HoldRequest);
            scene.proxy.follow(&[rule.always()]);
            let options = IngestOptions {
                max_rows: (width < WIDTH).then_some(50),
            };
            let run = start(&scene, options);
            scene.proxy.until_held().await;
            cluster.stop();
            scene.proxy.release().await;
            let report = run.await.expect("no panic");
            assert_eq!(ending(&report), "unavailable", "{report:?}");
            assert_eq!(report.objects.len(), objects, "{report:?}");
            let down = scene.ingest_with(&scene.direct, options).await;
            assert_eq!(ending(&down), "unavailable", "{down:?}");
            cluster.start();
            let again = scene.ingest_with(&scene.through, options).await;
            assert_eq!(ending(&again), "written", "{again:?}");
            assert_eq!(books::uploads(&scene.direct).await, [""; 0]);
            // The scene's own session ended with the server.
            let truth = Truth::of(&database.client().await, &scene.table).await;
            audit(&scene.direct, &scene.table, &truth).await;
        }
    }
}

/// Our session with an open snapshot, between two statements.
const IDLE: &str = "
SELECT pid FROM pg_stat_activity
WHERE application_name = 'highwater' AND datname = current_database() AND state = 'idle in transaction'";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_after_the_commit_does_not_keep_the_run() {
    let Some(database) = support::postgres() else {
        return;
    };
    let Some(emulator) = emulators().into_iter().next() else {
        return;
    };
    let scene = Arc::new(Scene::new(&database, &emulator, 3).await);
    let rule = on(Operation::PutParameter, Fault::HoldRequest);
    scene.proxy.follow(&[rule]);
    let run = start(&scene, IngestOptions::default());
    scene.proxy.until_held().await;
    let found = database.client().await.query_one(IDLE, &[]).await;
    let pid = Pid::from_raw(found.expect("our session").get(0)).expect("a process id");
    kill_process(pid, Signal::STOP).expect("it is there");
    scene.proxy.release().await;
    let report = tokio::time::timeout(PATIENCE, run).await;
    kill_process(pid, Signal::CONT).expect("it is there");
    let report = report.expect("in time").expect("no panic");
    assert_eq!(ending(&report), "written", "{report:?}");
    scene.balance().await;
}
