//! The queue of ingestions while PostgreSQL is gone.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use highwater::backend::ingest::{IngestOptions, Outcome};
use highwater::jobs::{Event, Failure, JobId, Jobs, Output, Request, Update};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::{self, Cluster, ClusterSettings, Database, Stage, table};

const TABLES: [&str; 3] = ["first", "second", "third"];
/// Everything happens long before this has passed.
const PATIENCE: Duration = Duration::from_mins(1);

/// Jobs over a cluster that is gone, one at a time, with one job for each table.
struct Scene {
    jobs: Jobs,
    news: UnboundedReceiver<Event>,
    /// To be dropped before the cluster.
    database: Database,
    cluster: Cluster,
}

impl Scene {
    async fn set(patience: Option<Duration>) -> Option<Self> {
        let mut cluster = support::cluster(&ClusterSettings::default())?;
        let database = cluster.database();
        for name in TABLES {
            let create = format!(
                "CREATE TABLE {name} (id int PRIMARY KEY, last_updated timestamptz);
                 INSERT INTO {name} VALUES (1, '2026-05-16 10:00Z')"
            );
            database.run(&create).await;
        }
        let backend = Stage::local(&database).await.backend;
        cluster.stop();
        let open = Arc::new(move || {
            let backend = backend.clone();
            async move { Ok(backend) }.boxed()
        });
        let (events, news) = unbounded_channel();
        let mut jobs = Jobs::new(open, 1, patience, events);
        for (id, name) in (0..).map(JobId).zip(TABLES) {
            let (table, options) = (table(name), IngestOptions::default());
            jobs.start(id, Request::Ingest { table, options });
        }
        Some(Self {
            jobs,
            news,
            database,
            cluster,
        })
    }

    /// The next event that reports neither a start nor progress.
    async fn next(&mut self) -> Update {
        loop {
            let event = tokio::time::timeout(PATIENCE, self.news.recv()).await;
            let event = event.expect("in time").expect("the jobs are running");
            if !matches!(event.update, Update::Started | Update::Progress(_)) {
                return event.update;
            }
        }
    }

    /// Waits for the end of a job that has begun.
    async fn outcome(&mut self) -> Outcome {
        match self.next().await {
            Update::Done(Ok(Output::Ingested(report))) => report.outcome,
            update => panic!("{update:?}"),
        }
    }

    async fn until_held(&mut self) {
        match self.next().await {
            Update::Held(Some(error)) => assert!(error.is_unavailable(), "{error}"),
            update => panic!("{update:?}"),
        }
    }

    /// Drops the database, for which the server must be running.
    async fn end(mut self) {
        self.jobs.shut_down(PATIENCE).await;
        drop(self.database);
        drop(self.cluster);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_tables_are_held_while_the_server_is_gone_and_ingested_once_it_is_back() {
    let Some(mut scene) = Scene::set(None).await else {
        return;
    };
    assert_eq!(scene.outcome().await, Outcome::Failed);
    scene.until_held().await;
    scene.cluster.start();
    while matches!(scene.next().await, Update::Held(Some(_))) {}
    assert_eq!(scene.outcome().await, Outcome::Written);
    assert_eq!(scene.outcome().await, Outcome::Written);
    scene.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_tables_fail_once_they_have_been_held_for_long_enough() {
    let Some(mut scene) = Scene::set(Some(Duration::ZERO)).await else {
        return;
    };
    assert_eq!(scene.outcome().await, Outcome::Failed);
    scene.until_held().await;
    for _ in 1..TABLES.len() {
        match scene.next().await {
            Update::Done(Err(Failure::Error(error))) => assert!(error.is_unavailable(), "{error}"),
            update => panic!("{update:?}"),
        }
    }
    scene.cluster.start();
    scene.end().await;
}
