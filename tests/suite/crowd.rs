//! Eight processes at once on the same tables, while writers are at work on them.

use std::collections::BTreeMap;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::books;
use crate::support::{self, Database, Emulator, Pace, Stage, Traffic, emulator, say};

/// Processes that start at the same moment.
const PROCESSES: usize = 8;
/// How often they are all started.
const WAVES: usize = 2;
/// Rows that each table gets for each wave, besides those of the writers.
const ROWS: usize = 200;
/// Longer than the moment between a transaction's start and its becoming visible.
const SETTLE: &str = "200ms";

/// The reports of the processes.
#[derive(Debug, Default)]
struct Reports {
    /// The number of processes by their exit code.
    exits: BTreeMap<i32, usize>,
    /// The number of tables, over all processes, by their outcome.
    tables: BTreeMap<String, usize>,
    /// The number of processes that wrote at least one object.
    wrote: usize,
    recoveries: usize,
}

impl Reports {
    /// # Panics
    /// Panics if a table failed for any other reason than that another process was in the way.
    async fn add(&mut self, stage: &Stage, code: i32, report: &Value) {
        *self.exits.entry(code).or_default() += 1;
        let mut wrote = false;
        let mut contended = false;
        for table in report.as_array().expect("an array") {
            let error = table["error"]["code"].as_str();
            if !matches!(error, None | Some("contended")) {
                let name = support::table(table["table"].as_str().expect("a name"));
                panic!("{table:#}\n{}", books::told(stage, &name).await);
            }
            contended |= error.is_some();
            wrote |= table["objects"] != Value::Array(Vec::new());
            let end = error.or_else(|| table["outcome"].as_str()).expect("an end");
            *self.tables.entry(end.to_owned()).or_default() += 1;
            self.recoveries += table["recovered"].as_array().map_or(0, Vec::len);
        }
        self.wrote += usize::from(wrote);
        assert_eq!(code, i32::from(contended), "{report:#}");
    }
}

fn start(stage: &Stage) -> Child {
    let words = ["ingest", "--all", "--max-rows", "10", "--concurrency", "2"];
    stage
        .sandbox
        .command(&[&words[..], &["--output", "json"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary can be run")
}

/// One wave: starts all processes, and waits until all have ended.
async fn wave(stage: &Stage, reports: &mut Reports) {
    let processes: Vec<Child> = (0..PROCESSES).map(|_| start(stage)).collect();
    for process in processes {
        let ended = tokio::task::spawn_blocking(move || process.wait_with_output());
        let output = ended.await.expect("no panic").expect("it is ours");
        let code = output.status.code().expect("no signal");
        let report = serde_json::from_slice(&output.stdout);
        reports.add(stage, code, &report.expect("a report")).await;
    }
}

async fn crowd(stage: Stage, database: Database) {
    let stage = stage.with_settle(SETTLE).await;
    let seed = support::seed();
    let traffic = Traffic::start(&database, seed, Pace::Calm).await;
    let mut reports = Reports::default();
    for _ in 0..WAVES {
        Traffic::add(&database, ROWS).await;
        wave(&stage, &mut reports).await;
    }
    let work = traffic.stop().await;
    Traffic::settled(&database, SETTLE).await;
    wave(&stage, &mut reports).await;
    stage.sandbox.run(&["ingest", "--all"]).expect_code(0);
    let all = Traffic::audit(&stage, &database).await;
    assert!(reports.wrote > 1, "no two processes wrote: {reports:?}");
    say(&format!(
        "crowd over {}: {} times {PROCESSES} processes on the same tables, HIGHWATER_SEED={seed}\n  \
         exits {:?}, tables {:?}, {} processes wrote, {} values recovered\n  {work}\n  {all}",
        stage.name,
        WAVES + 1,
        reports.exits,
        reports.tables,
        reports.wrote,
        reports.recoveries
    ));
}

async fn emulated(emulator: Option<Emulator>) {
    if let (Some(database), Some(emulator)) = (support::postgres(), emulator) {
        crowd(Stage::emulated(&database, &emulator).await, database).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_at_once_on_the_local_stores_write_every_row_once() {
    if let Some(database) = support::postgres() {
        crowd(Stage::local(&database).await, database).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_at_once_on_moto_write_every_row_once() {
    emulated(emulator("moto")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_at_once_on_ministack_write_every_row_once() {
    emulated(emulator("ministack")).await;
}
