//! Seeding: a month of trading that is there to be ingested, then ninety minutes that are not.
//!
//! How far the seeding has come is the comment of the database, set in the same transaction as the
//! rows. A program that dies half-way leaves a stage from which the next one goes on.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};

use super::connection::{self, DATABASE};
use super::error::DemoError;

/// The one table that nobody has ingested yet when the demo is first shown.
pub const NEVER_INGESTED: &str = "design";

const SCHEMA: &str = include_str!("../../assets/demo/schema.sql");
const TRADE: &str = include_str!("../../assets/demo/trade.sql");
const HISTORY: &str = include_str!("../../assets/demo/history.sql");
const KEYS: &str = include_str!("../../assets/demo/keys.sql");
const RECENT: &str = include_str!("../../assets/demo/recent.sql");

/// The advisory lock of whoever seeds: any number that nothing else in the database uses.
const SEEDING: i64 = 0x6877_5f73_6565_6400;

/// How long another program may seed, ingestion included.
const PATIENCE: Duration = Duration::from_mins(2);

/// How often a program that waits for another's seeding looks again.
const TICK: Duration = Duration::from_millis(20);

/// What is left to do before the demo can be shown.
#[derive(Debug)]
#[must_use = "a fresh demo wants its older rows ingested, then Seeding::finish"]
pub enum Preparation {
    /// Nothing.
    Ready,
    /// The older rows are there and want to be ingested before the newer ones come.
    Fresh(Seeding),
}

/// A seeding half-way: the rows up to two hours ago are there. Other programs that prepare the same
/// demo wait until this is finished, or dropped: then they go on from here.
#[derive(Debug)]
pub struct Seeding {
    client: Client,
}

impl Seeding {
    /// Adds the rows of the last ninety minutes, and lets others go on.
    ///
    /// # Errors
    /// [`DemoError::Database`]; nothing was added then.
    pub async fn finish(mut self) -> Result<(), DemoError> {
        advance(&mut self.client, &[TRADE, RECENT], Stage::Complete).await
    }
}

/// How far the seeding has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Empty,
    History,
    Complete,
}

impl Stage {
    const fn comment(self) -> &'static str {
        match self {
            Self::Empty => "",
            Self::History => "highwater demo: history",
            Self::Complete => "highwater demo: complete",
        }
    }
}

/// Brings the database to the first stage that is somebody else's to act on.
pub(super) async fn prepare(config: &Config, root: &Path) -> Result<Preparation, DemoError> {
    let mut client = connect_or_create(config).await?;
    let deadline = Instant::now() + PATIENCE;
    while stage(&client).await? != Stage::Complete {
        if try_advisory_lock(&client).await? {
            // Looked at again: whoever had the lock may have come further.
            match stage(&client).await? {
                Stage::Complete => break,
                Stage::History => {}
                Stage::Empty => {
                    advance(&mut client, &[SCHEMA, TRADE, HISTORY, KEYS], Stage::History).await?;
                }
            }
            return Ok(Preparation::Fresh(Seeding { client }));
        }
        if Instant::now() > deadline {
            return Err(DemoError::Busy {
                root: root.to_owned(),
                after: PATIENCE,
            });
        }
        tokio::time::sleep(TICK).await;
    }
    Ok(Preparation::Ready)
}

/// Connects to the company's database, which is made if it is not there.
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
    let comment: String = row.get(0);
    Ok([Stage::History, Stage::Complete]
        .into_iter()
        .find(|stage| stage.comment() == comment)
        .unwrap_or(Stage::Empty))
}

/// Not waited for within the server: that would be an open transaction, and hold the horizon back.
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
