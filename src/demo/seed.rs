//! Seeds the database: first a month of trading that gets ingested, then ninety minutes that do not; then the same
//! again for the tables that are in trouble.
//!
//! The progress of the seeding is stored as the comment of the database, in the same transaction as the rows. A
//! program that dies half-way leaves a stage from which the next one continues, and so does a version of highwater
//! that knew fewer stages.

use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};

use super::connection::{self, DATABASE};
use super::error::DemoError;
use super::layout::Layout;
use super::troubles;
use crate::backend::ingest::IngestOptions;

/// The only table that has not been ingested when the demo is first shown.
pub const NEVER_INGESTED: &str = "design";

const SCHEMA: &str = include_str!("../../assets/demo/schema.sql");
const TRADE: &str = include_str!("../../assets/demo/trade.sql");
const HISTORY: &str = include_str!("../../assets/demo/history.sql");
const KEYS: &str = include_str!("../../assets/demo/keys.sql");
const RECENT: &str = include_str!("../../assets/demo/recent.sql");
const TROUBLES_SCHEMA: &str = include_str!("../../assets/demo/troubles/schema.sql");
const TROUBLES_ROWS: &str = include_str!("../../assets/demo/troubles/rows.sql");
const TROUBLES_HISTORY: &str = include_str!("../../assets/demo/troubles/history.sql");
const TROUBLES_RECENT: &str = include_str!("../../assets/demo/troubles/recent.sql");

/// Rows in each object of the tables that will be in trouble.
const OBJECT_ROWS: u64 = 200;

/// The advisory lock of the program that seeds: any number that nothing else in the database uses.
const SEEDING: i64 = 0x6877_5f73_6565_6400;

/// How long another program may take to seed, including ingestion.
const PATIENCE: Duration = Duration::from_mins(2);

/// Pause between two checks whether another program has finished seeding.
const TICK: Duration = Duration::from_millis(20);

/// What remains to be done before the demo can be shown.
#[derive(Debug)]
#[must_use = "a fresh demo wants its older rows ingested, then Seeding::finish"]
pub enum Preparation {
    /// Nothing.
    Ready,
    /// Older rows exist that have to be ingested before newer ones are added.
    Fresh(Box<Seeding>),
}

/// A seeding half-way: the rows up to two hours ago exist. Other programs that prepare the same demo wait until
/// this is finished, or continue from here if it is dropped.
#[derive(Debug)]
pub struct Seeding {
    client: Client,
    layout: Layout,
    stage: Stage,
}

impl Seeding {
    /// How to ingest the rows that a table has so far, before the seeding continues; `None` if they are not to be
    /// ingested.
    #[must_use]
    pub fn ingestion(&self, table: &str) -> Option<IngestOptions> {
        match self.stage {
            Stage::History if table != NEVER_INGESTED => Some(IngestOptions::default()),
            // Several objects, because a single object without a sequence id is also what a crash leaves behind.
            Stage::TroublesHistory if troubles::TABLES.contains(&table) => Some(IngestOptions {
                max_rows: Some(OBJECT_ROWS),
            }),
            _ => None,
        }
    }

    /// Adds the rows of the last ninety minutes, and returns what remains to be done. Other programs continue once
    /// nothing remains.
    ///
    /// # Errors
    /// [`DemoError::Database`], [`DemoError::Trouble`]; the next program continues from where it failed.
    pub async fn finish(mut self) -> Result<Preparation, DemoError> {
        let client = &mut self.client;
        match self.stage {
            Stage::History => advance(client, &[TRADE, RECENT], Stage::Company).await?,
            Stage::TroublesHistory => {
                let scripts = [TRADE, TROUBLES_ROWS, TROUBLES_RECENT];
                advance(client, &scripts, Stage::TroublesRecent).await?;
            }
            Stage::TroublesRecent => {
                troubles::make(client, &self.layout).await?;
                advance(client, &[], Stage::Complete).await?;
            }
            Stage::Empty | Stage::Company | Stage::Complete => {}
        }
        Box::pin(go_on(self.client, self.layout)).await
    }
}

/// How far the seeding has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Empty,
    /// The company's month exists.
    History,
    /// The company is complete; earlier versions ended here.
    Company,
    /// The month of the tables that will be in trouble exists.
    TroublesHistory,
    /// All of their rows exist, and nothing is wrong with them yet.
    TroublesRecent,
    Complete,
}

impl Stage {
    /// The stages that are recorded as a comment.
    const RECORDED: [Self; 5] = [
        Self::History,
        Self::Company,
        Self::TroublesHistory,
        Self::TroublesRecent,
        Self::Complete,
    ];

    const fn comment(self) -> &'static str {
        match self {
            Self::Empty => "",
            Self::History => "highwater demo: history",
            Self::Company => "highwater demo: complete",
            Self::TroublesHistory => "highwater demo: history of the troubles",
            Self::TroublesRecent => "highwater demo: rows of the troubles",
            Self::Complete => "highwater demo: complete with troubles",
        }
    }

    fn of_comment(comment: &str) -> Self {
        let known = Self::RECORDED
            .into_iter()
            .find(|stage| stage.comment() == comment);
        known.unwrap_or_else(|| {
            // What a newer version has taken further is not started again.
            if comment.starts_with("highwater demo: ") {
                Self::Complete
            } else {
                Self::Empty
            }
        })
    }
}

/// Brings the database to the first stage that needs the caller to act.
pub(super) async fn prepare(config: &Config, layout: &Layout) -> Result<Preparation, DemoError> {
    let client = connect_or_create(config).await?;
    let deadline = Instant::now() + PATIENCE;
    while stage(&client).await? != Stage::Complete {
        if try_advisory_lock(&client).await? {
            // Reads the stage again: the previous holder of the lock may have got further.
            return go_on(client, layout.clone()).await;
        }
        if Instant::now() > deadline {
            return Err(DemoError::Busy {
                root: layout.root().to_owned(),
                after: PATIENCE,
            });
        }
        tokio::time::sleep(TICK).await;
    }
    Ok(Preparation::Ready)
}

/// Continues the seeding, under the lock, until the caller has to act.
async fn go_on(mut client: Client, layout: Layout) -> Result<Preparation, DemoError> {
    let mut stage = stage(&client).await?;
    match stage {
        Stage::Empty => {
            stage = Stage::History;
            advance(&mut client, &[SCHEMA, TRADE, HISTORY, KEYS], stage).await?;
        }
        Stage::Company => {
            stage = Stage::TroublesHistory;
            let scripts = [TRADE, TROUBLES_SCHEMA, TROUBLES_ROWS, TROUBLES_HISTORY];
            advance(&mut client, &scripts, stage).await?;
        }
        Stage::History | Stage::TroublesHistory | Stage::TroublesRecent => {}
        Stage::Complete => return Ok(Preparation::Ready),
    }
    Ok(Preparation::Fresh(Box::new(Seeding {
        client,
        layout,
        stage,
    })))
}

/// Connects to the company's database, and creates it if it does not exist.
async fn connect_or_create(config: &Config) -> Result<Client, DemoError> {
    match connection::connect(config).await {
        Err(error) if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) => {}
        connected => return connected.map_err(DemoError::database("connecting")),
    }
    let mut maintenance = config.clone();
    maintenance.dbname("postgres");
    let client = connection::connect(&maintenance)
        .await
        .map_err(DemoError::database("connecting"))?;
    match client
        .batch_execute(&format!("CREATE DATABASE {DATABASE}"))
        .await
    {
        // Another program was faster.
        Err(error)
            if [
                Some(&SqlState::DUPLICATE_DATABASE),
                Some(&SqlState::UNIQUE_VIOLATION),
            ]
            .contains(&error.code()) => {}
        created => created.map_err(DemoError::database("making the database"))?,
    }
    connection::connect(config)
        .await
        .map_err(DemoError::database("connecting"))
}

async fn stage(client: &Client) -> Result<Stage, DemoError> {
    let row = client
        .query_one(
            "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = current_database()",
            &[],
        )
        .await
        .map_err(DemoError::database("reading how far the seeding is"))?;
    Ok(Stage::of_comment(row.get(0)))
}

/// Tried repeatedly instead of waited for in the server: waiting would be an open transaction, which holds the
/// horizon back.
async fn try_advisory_lock(client: &Client) -> Result<bool, DemoError> {
    client
        .query_one("SELECT pg_try_advisory_lock($1)", &[&SEEDING])
        .await
        .map(|row| row.get(0))
        .map_err(DemoError::database("locking the seeding"))
}

/// Runs the scripts and records the stage, in one transaction.
async fn advance(client: &mut Client, scripts: &[&str], stage: Stage) -> Result<(), DemoError> {
    let failed = "seeding";
    let transaction = client
        .transaction()
        .await
        .map_err(DemoError::database(failed))?;
    for script in scripts {
        transaction
            .batch_execute(script)
            .await
            .map_err(DemoError::database(failed))?;
    }
    let record = format!("COMMENT ON DATABASE {DATABASE} IS '{}'", stage.comment());
    transaction
        .batch_execute(&record)
        .await
        .map_err(DemoError::database(failed))?;
    transaction
        .commit()
        .await
        .map_err(DemoError::database(failed))
}
