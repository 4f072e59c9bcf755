//! A database in memory, with the guarantees of PostgreSQL that the protocol relies on: a transaction stamps its
//! rows with its start or later; they are visible once it has committed; a snapshot sees what had been committed
//! when it was opened; and open transactions can be listed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use highwater::backend::{
    error::{Result, Service},
    jsonl::{CatalogType, Column},
    source::{CopyStream, Cut, Horizon, RowCopy, SnapshotOf, Source, TableSnapshot},
};
use highwater::vocabulary::Watermark;
use tokio_postgres::types::Type;

use super::turns::{Call, Gate};
use super::world::State;

/// One row: its key, and the time of its last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableRow {
    pub at: Watermark,
    pub id: i64,
}

/// The state of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Open,
    Prepared,
    /// Its place in the order of all commits.
    Committed(usize),
    RolledBack,
}

#[derive(Debug)]
struct Transaction {
    start: Watermark,
    rows: Vec<TableRow>,
    outcome: Outcome,
}

/// The number of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionId(usize);

/// One table, stored as the transactions that wrote it.
#[derive(Debug, Default)]
pub struct Database {
    transactions: Vec<Transaction>,
    commits: usize,
    rows: i64,
}

impl Database {
    pub fn begin(&mut self, now: Watermark) -> TransactionId {
        self.transactions.push(Transaction {
            start: now,
            rows: Vec::new(),
            outcome: Outcome::Open,
        });
        TransactionId(self.transactions.len() - 1)
    }

    /// Inserts a row stamped `at`, or by default with the start of its transaction (`now()`). `at` is for later
    /// stamps (`clock_timestamp()`).
    pub fn insert(&mut self, into: TransactionId, at: Option<Watermark>) -> TableRow {
        self.rows += 1;
        let transaction = &mut self.transactions[into.0];
        let row = TableRow {
            at: at.unwrap_or(transaction.start),
            id: self.rows,
        };
        transaction.rows.push(row);
        row
    }

    pub fn prepare(&mut self, transaction: TransactionId) {
        self.transactions[transaction.0].outcome = Outcome::Prepared;
    }

    pub fn commit(&mut self, transaction: TransactionId) {
        self.transactions[transaction.0].outcome = Outcome::Committed(self.commits);
        self.commits += 1;
    }

    pub fn roll_back(&mut self, transaction: TransactionId) {
        self.transactions[transaction.0].outcome = Outcome::RolledBack;
    }

    /// All rows that a snapshot would see if it were opened now, by timestamp.
    pub fn committed(&self) -> Vec<TableRow> {
        let committed = self
            .transactions
            .iter()
            .filter(|transaction| matches!(transaction.outcome, Outcome::Committed(_)));
        let mut rows: Vec<TableRow> = committed
            .flat_map(|transaction| transaction.rows.iter().copied())
            .collect();
        rows.sort_unstable();
        rows
    }

    fn oldest_open(&self) -> Option<Watermark> {
        let open = self
            .transactions
            .iter()
            .filter(|transaction| transaction.outcome == Outcome::Open);
        open.map(|transaction| transaction.start).min()
    }

    fn has_prepared(&self) -> bool {
        self.transactions
            .iter()
            .any(|transaction| transaction.outcome == Outcome::Prepared)
    }
}

/// The database as seen by one actor.
#[derive(Debug)]
pub struct MemorySource(pub Gate);

#[async_trait]
impl Source for MemorySource {
    fn place(&self) -> &'static str {
        "memory"
    }

    /// Reads the clock, then the open transactions, then the prepared ones, as with PostgreSQL; time passes and
    /// transactions begin and end in between.
    async fn horizon(&self, settle: Duration, _ignore: &[String]) -> Result<Horizon> {
        let ask = |call| move || (Service::Source, call);
        let (service, call) = ask(Call::Clock)();
        let clock = self.0.call(service, call, |state| state.now()).await?;
        let (service, call) = ask(Call::OpenTransactions)();
        let oldest = |state: &mut State| state.source.oldest_open();
        let oldest = self.0.call(service, call, oldest).await?;
        let (service, call) = ask(Call::PreparedTransactions)();
        let prepared = |state: &mut State| state.source.has_prepared();
        let prepared = self.0.call(service, call, prepared).await?;
        let bound = oldest.map_or(clock, |oldest| oldest.min(clock));
        let settle = i64::try_from(settle.as_micros()).expect("a short time");
        let at = Watermark::from_micros(bound.micros() - settle).filter(|_| !prepared);
        self.0.world.with(|state| {
            state.note(|| format!("horizon {at:?}, clock {clock}, oldest open {oldest:?}"));
        });
        Ok(Horizon {
            at,
            clock,
            holder: None,
            findings: Vec::new(),
        })
    }

    async fn snapshot(&self, _: SnapshotOf<'_>) -> Result<Box<dyn TableSnapshot>> {
        let see = |state: &mut State| state.source.committed();
        let rows = self
            .0
            .call(Service::Source, Call::OpenSnapshot, see)
            .await?;
        Ok(Box::new(MemorySnapshot {
            gate: self.0.clone(),
            rows: rows.into(),
        }))
    }
}

/// The rows visible at one moment, by timestamp.
struct MemorySnapshot {
    gate: Gate,
    rows: Arc<[TableRow]>,
}

impl MemorySnapshot {
    fn between(&self, after: Option<Watermark>, before: Watermark) -> &[TableRow] {
        let start = self
            .rows
            .partition_point(|row| after.is_some_and(|after| row.at <= after));
        let end = self.rows.partition_point(|row| row.at < before);
        self.rows.get(start..end).unwrap_or_default()
    }

    async fn step(&self, call: Call) -> Result<()> {
        self.gate.call(Service::Source, call, |_| ()).await
    }

    /// Copies at most `limit` of `rows`, in two chunks that are cut anywhere, even within a row.
    fn copied(&self, rows: &[TableRow], limit: Option<usize>) -> RowCopy {
        let rows = &rows[..limit.map_or(rows.len(), |limit| limit.min(rows.len()))];
        let bytes = binary_copy(rows);
        let half = bytes.len() / 2;
        let chunks = vec![bytes.slice(..half), bytes.slice(half..)];
        let gate = self.gate.clone();
        let stream = stream::unfold((gate, chunks.into_iter()), |(gate, mut chunks)| async {
            let chunk = chunks.next()?;
            let arrived = gate.call(Service::Source, Call::NextChunk, |_| ()).await;
            Some((arrived.map(|()| chunk), (gate, chunks)))
        });
        RowCopy {
            columns: columns(),
            stream: CopyStream::new(stream),
        }
    }
}

#[async_trait]
impl TableSnapshot for MemorySnapshot {
    fn place(&self) -> &'static str {
        "memory"
    }

    async fn count(&self, after: Option<Watermark>, before: Watermark) -> Result<Option<Cut>> {
        self.step(Call::CountRows).await?;
        let rows = self.between(after, before);
        Ok(rows.last().map(|newest| Cut {
            after,
            to: newest.at,
            rows: rows.len() as u64,
        }))
    }

    async fn nth(
        &self,
        after: Option<Watermark>,
        before: Watermark,
        skip: u64,
    ) -> Result<Option<Watermark>> {
        self.step(Call::NthRow).await?;
        let skip = usize::try_from(skip).expect("few rows");
        Ok(self.between(after, before).get(skip).map(|row| row.at))
    }

    async fn copy(
        &mut self,
        after: Option<Watermark>,
        before: Watermark,
        limit: Option<usize>,
    ) -> Result<RowCopy> {
        self.step(Call::CopyRows).await?;
        Ok(self.copied(self.between(after, before), limit))
    }

    async fn count_all(&self) -> Result<u64> {
        self.step(Call::CountRows).await?;
        Ok(self.rows.len() as u64)
    }

    async fn copy_all(&mut self, limit: Option<usize>) -> Result<RowCopy> {
        self.step(Call::CopyRows).await?;
        Ok(self.copied(&self.rows, limit))
    }

    async fn close(self: Box<Self>) {
        // Nobody is told whether it could be closed.
        let _ = self.step(Call::CloseSnapshot).await;
    }
}

/// `id bigint, last_updated timestamptz`.
fn columns() -> Vec<Column> {
    let column = |name: &str, base: &Type| {
        Column::new(name, base.name(), &CatalogType::built_in(base.oid()))
    };
    vec![
        column("id", &Type::INT8),
        column("last_updated", &Type::TIMESTAMPTZ),
    ]
}

/// The rows in the format of `COPY … (FORMAT binary)` (PostgreSQL documentation, COPY, "Binary Format").
fn binary_copy(rows: &[TableRow]) -> Bytes {
    let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for row in rows {
        bytes.extend(2_i16.to_be_bytes());
        for field in [row.id, row.at.to_postgres()] {
            bytes.extend(8_i32.to_be_bytes());
            bytes.extend(field.to_be_bytes());
        }
    }
    bytes.extend((-1_i16).to_be_bytes());
    bytes.into()
}
