//! Tables that writers constantly work on, and the truth about them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use highwater::vocabulary::TableName;
use tokio::task::JoinSet;
use tokio_postgres::Client;

use super::books::{Balance, Truth, audit};
use super::{Database, Stage, eventually, panicked, table};

/// Two tables to which rows are only added, one of them with timestamps in milliseconds, so that
/// they are often equal, and a table whose rows change, with a trigger that keeps every version
/// that a row ever had.
const SCHEMA: &str = "
CREATE TABLE ledger (id bigserial PRIMARY KEY, note text, last_updated timestamptz NOT NULL DEFAULT now());
CREATE TABLE event (id bigserial PRIMARY KEY, kind int, last_updated timestamp(3) NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'));
CREATE TABLE account (id int PRIMARY KEY, version int NOT NULL, balance numeric NOT NULL, last_updated timestamptz NOT NULL);
CREATE SCHEMA truth;
CREATE TABLE truth.account (LIKE account);
CREATE FUNCTION truth.remember() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO truth.account VALUES (NEW.*); RETURN NULL; END $$;
CREATE TRIGGER remember AFTER INSERT OR UPDATE ON account FOR EACH ROW EXECUTE FUNCTION truth.remember();
INSERT INTO account SELECT i, 1, 100, now() FROM generate_series(1, 60) i;
INSERT INTO ledger (note, last_updated)
  SELECT 'old', '2024-05-01Z'::timestamptz + i * interval '1 h' FROM generate_series(0, 199) i;";

/// The table that has old rows which no writer changes, the bounds of these rows, and their number.
pub const OLD: (&str, &str, &str, usize) = (
    "ledger",
    "2024-05-01T00:00:00Z",
    "2024-05-09T08:00:00Z",
    200,
);

/// Accounts up to this one are changed in short transactions, the others in transactions that stay
/// open.
const QUICK: i32 = 50;
const ACCOUNTS: i32 = 60;

/// Writers at work until they are stopped.
pub struct Traffic {
    database: String,
    stopping: Arc<AtomicBool>,
    writers: JoinSet<Work>,
}

/// How busy the writers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Hundreds of rows a second.
    Busy,
    /// Some tens of rows a second.
    Calm,
}

/// What the writers did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    pub transactions: usize,
    /// The transactions that stayed open for a while before they wrote.
    pub held_open: usize,
    pub rolled_back: usize,
}

impl Traffic {
    /// The names of the tables.
    pub fn tables() -> [TableName; 3] {
        ["ledger", "event", "account"].map(table)
    }

    /// Creates the tables in `database` and starts the writers.
    pub async fn start(database: &Database, seed: u64, pace: Pace) -> Self {
        let client = database.client().await;
        client.batch_execute(SCHEMA).await.expect("the tables");
        let stopping = Arc::new(AtomicBool::new(false));
        let mut writers = JoinSet::new();
        let mut seeds = Rng::with_seed(seed);
        for hand in [Hand::Adds, Hand::Changes, Hand::HoldsOpen] {
            let writer = Writer {
                client: database.client().await,
                stopping: Arc::clone(&stopping),
                random: Rng::with_seed(seeds.u64(..)),
                pace,
                work: Work::default(),
            };
            writers.spawn(writer.run(hand));
        }
        Self {
            database: database.url(),
            stopping,
            writers,
        }
    }

    /// Adds `rows` rows to the tables to which rows are only added, each with its own timestamp.
    pub async fn add(database: &Database, rows: usize) {
        let statement = format!(
            "INSERT INTO ledger (note, last_updated)
             SELECT 'added', clock_timestamp() FROM generate_series(1, {rows});
             INSERT INTO event (kind, last_updated)
             SELECT i, clock_timestamp() AT TIME ZONE 'UTC' FROM generate_series(1, {rows}) i"
        );
        let client = database.client().await;
        client.batch_execute(&statement).await.expect("rows");
    }

    /// Lets the writers finish what they are doing.
    pub async fn stop(mut self) -> Work {
        self.stopping.store(true, Ordering::Relaxed);
        let mut all = Work::default();
        while let Some(work) = self.writers.join_next().await {
            let work = work.unwrap_or_else(|panic| {
                panic!("a writer over {}: {}", self.database, panicked(panic))
            });
            all.transactions += work.transactions;
            all.held_open += work.held_open;
            all.rolled_back += work.rolled_back;
        }
        all
    }

    /// Waits until the newest rows are older than `settle`.
    pub async fn settled(database: &Database, settle: &str) {
        let client = database.client().await;
        let statement = format!(
            "SELECT clock_timestamp() > interval '{settle}' + greatest(
               (SELECT max(last_updated) FROM ledger), (SELECT max(last_updated) FROM account),
               (SELECT max(last_updated) AT TIME ZONE 'UTC' FROM event))"
        );
        eventually("the last rows have settled", async || {
            let row = client.query_one(&statement, &[]).await.expect("an answer");
            row.get(0)
        })
        .await;
    }

    /// Compares the books of all tables with what the writers did.
    pub async fn audit(stage: &Stage, database: &Database) -> Balance {
        let client = database.client().await;
        let mut all = Balance::default();
        for name in Self::tables() {
            let truth = if name == table("account") {
                Truth::with_history(&client, &name, &table("truth.account")).await
            } else {
                Truth::of(&client, &name).await
            };
            all += audit(stage, &name, &truth).await;
        }
        all
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} transactions of writers, {} of them held open, {} rolled back",
            self.transactions, self.held_open, self.rolled_back
        )
    }
}

/// What a writer does.
#[derive(Debug, Clone, Copy)]
enum Hand {
    Adds,
    Changes,
    HoldsOpen,
}

struct Writer {
    client: Client,
    stopping: Arc<AtomicBool>,
    random: Rng,
    pace: Pace,
    work: Work,
}

impl Writer {
    async fn run(mut self, hand: Hand) -> Work {
        while !self.stopping.load(Ordering::Relaxed) {
            self.work.transactions += 1;
            match hand {
                Hand::Adds => self.add().await,
                Hand::Changes => self.change().await,
                Hand::HoldsOpen => self.hold_open().await,
            }
        }
        self.work
    }

    async fn add(&mut self) {
        let (ledger, event) = (self.random.u8(1..4), self.random.u8(1..6));
        self.execute(&format!(
            "BEGIN; INSERT INTO ledger (note) SELECT 'note ' || i FROM generate_series(1, {ledger}) i;
             INSERT INTO event (kind) SELECT i FROM generate_series(1, {event}) i; COMMIT"
        ))
        .await;
        self.breathe().await;
    }

    async fn change(&mut self) {
        let account = self.random.i32(1..=QUICK);
        self.execute(&format!(
            "UPDATE account SET version = version + 1, balance = balance + 0.01, last_updated = now()
             WHERE id = {account}"
        ))
        .await;
        self.breathe().await;
    }

    /// A transaction that gets its timestamp long before it writes, and stays open for even longer.
    async fn hold_open(&mut self) {
        self.work.held_open += 1;
        let account = self.random.i32(QUICK + 1..=ACCOUNTS);
        self.execute("BEGIN; SELECT now()").await;
        self.pause(100..900).await;
        self.execute(&format!(
            "INSERT INTO ledger (note) VALUES ('held'); INSERT INTO event (kind) VALUES (0);
             UPDATE account SET version = version + 1, last_updated = now() WHERE id = {account}"
        ))
        .await;
        self.pause(100..900).await;
        if self.random.u8(..) < 50 {
            self.work.rolled_back += 1;
            self.execute("ROLLBACK").await;
        } else {
            self.execute("COMMIT").await;
        }
        self.pause(300..1500).await;
    }

    async fn execute(&self, statements: &str) {
        self.client
            .batch_execute(statements)
            .await
            .unwrap_or_else(|error| panic!("{statements}: {error:?}"));
    }

    async fn breathe(&mut self) {
        match self.pace {
            Pace::Busy => self.pause(10..60).await,
            Pace::Calm => self.pause(100..300).await,
        }
    }

    async fn pause(&mut self, milliseconds: std::ops::Range<u64>) {
        tokio::time::sleep(Duration::from_millis(self.random.u64(milliseconds))).await;
    }
}
