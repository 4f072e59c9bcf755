//! One table, one emulator, and a proxy between the emulator and the runs that are to fail.

use std::time::Duration;

use highwater::backend::{
    aws::Limits,
    ingest::{IngestOptions, IngestReport},
    progress::Context,
};
use highwater::vocabulary::TableName;
use tokio_postgres::Client;

use crate::support::books::{Balance, Truth, audit};
use crate::support::{Database, Emulator, FaultProxy, Stage, table, unique};

/// Rows per object, chosen so that a few rows make several batches.
const ROWS: u64 = 4;

/// Limits that end a run within seconds if its store hangs or is down.
pub const HASTY: Limits = Limits {
    connect: Duration::from_secs(1),
    attempt: Duration::from_millis(1500),
    operation: Duration::from_millis(2500),
    multipart: Duration::from_millis(300),
    attempts: 2,
    patience: Duration::from_secs(1),
};

/// A table with its own stores in an emulator, reached directly and through a proxy.
pub struct Scene {
    pub direct: Stage,
    pub proxy: FaultProxy,
    pub through: Stage,
    pub table: TableName,
    client: Client,
}

impl Scene {
    /// A table that was never ingested, with `rows` rows.
    pub async fn new(database: &Database, emulator: &Emulator, rows: usize) -> Self {
        let direct = Stage::emulated(database, emulator).await;
        let proxy = FaultProxy::before(emulator).await;
        let through = direct.through(&proxy).await;
        let scene = Self {
            direct,
            proxy,
            through,
            table: table(&unique("t").replace('-', "_")),
            client: database.client().await,
        };
        let statement = format!(
            "CREATE TABLE {} (id serial PRIMARY KEY, note text, last_updated timestamptz)",
            scene.table.quoted()
        );
        scene
            .client
            .batch_execute(&statement)
            .await
            .expect("a table");
        scene.add(rows, 20).await;
        scene
    }

    /// Adds `rows` rows that are newer than all others, each with a text of `width` characters.
    pub async fn add(&self, rows: usize, width: usize) {
        let statement = format!(
            "INSERT INTO {0} (note, last_updated)
             SELECT repeat('x', {width}), coalesce((SELECT max(last_updated) FROM {0}), '2024-05-16') + i * interval '1 s'
             FROM generate_series(1, {rows}) i",
            self.table.quoted()
        );
        self.client.batch_execute(&statement).await.expect("rows");
    }

    /// The same scene, in which runs through the proxy give up within [`HASTY`].
    pub async fn hasty(mut self) -> Self {
        self.through = self.through.limited(HASTY).await;
        self
    }

    /// Ingests the table in small batches.
    pub async fn ingest(&self, stage: &Stage) -> IngestReport {
        let options = IngestOptions {
            max_rows: Some(ROWS),
        };
        self.ingest_with(stage, options).await
    }

    /// Ingests the table.
    pub async fn ingest_with(&self, stage: &Stage, options: IngestOptions) -> IngestReport {
        let context = Context::default();
        stage.backend.ingest(&self.table, options, &context).await
    }

    /// Runs once more without the proxy, after which the books must balance.
    pub async fn balance(&self) -> (IngestReport, Balance) {
        let report = self.ingest(&self.direct).await;
        assert_eq!(report.error, None, "the clean run: {report:?}");
        (report, self.audit().await)
    }

    /// Compares the books with the current table.
    pub async fn audit(&self) -> Balance {
        let truth = Truth::of(&self.client, &self.table).await;
        audit(&self.direct, &self.table, &truth).await
    }
}
