//! PostgreSQL as a [`Source`].

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::try_join;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;

use super::catalog::{self, SourceTable};
use super::connect::transaction::{self, Isolation};
use super::connect::{Connection, SourcePool};
use super::copy::{CopyStream, RowCopy};
use super::horizon::{self, Horizon};
use super::row_time::RowTime;
use super::server::{SERVER, Server, SeveralServers};
use super::snapshot::Cut;
use super::{SnapshotOf, Source, TableSize, TableSnapshot};
use crate::backend::error::{Error, Result, Service};
use crate::backend::jsonl::{Column, SESSION_SETTINGS};
use crate::vocabulary::{TableName, Watermark};

/// How often to try to get a horizon and a snapshot from one server, as a pooler may use a different one for each.
const TRIES: u32 = 5;

/// How long the end of a transaction that writes nothing may take. Everything has been read by then, and nobody is to
/// wait without end for a server that has fallen silent.
const ENDING: Duration = Duration::from_secs(2);

/// Returns the statements that begin a snapshot of all rows of `table`, with values printed as the encoding rules
/// require.
///
/// The table is locked, with its partitions and child tables, before there is a snapshot, which is taken by the
/// first query (PostgreSQL documentation, 13.4.2 and "LOCK"). Otherwise a count or a copy would wait for whoever
/// alters or rewrites the table, and then read the new table with the old snapshot: without the rows that were
/// rewritten, and with the types that its columns used to have.
fn begin(table: &TableName) -> String {
    let settings = SESSION_SETTINGS.map(|(name, value)| format!("; SET LOCAL {name} = '{value}'"));
    format!(
        "{}{}; LOCK TABLE {} IN ACCESS SHARE MODE; {}",
        transaction::begin(Isolation::RepeatableRead),
        settings.concat(),
        table.quoted(),
        transaction::UNLIMITED,
    )
}

/// Whether a table named in a statement does not exist.
fn is_undefined(error: &tokio_postgres::Error) -> bool {
    let gone = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME];
    error.code().is_some_and(|code| gone.contains(code))
}

impl fmt::Debug for SourcePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourcePool")
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Source for SourcePool {
    fn place(&self) -> &str {
        Self::place(self)
    }

    fn awaited(&self) -> Option<String> {
        Self::awaited(self)
    }

    async fn horizon(&self, settle: Duration, ignore: &[String]) -> Result<Horizon> {
        let connection = self.get().await?;
        let (horizon, _) = compute_horizon(&connection, settle, ignore).await?;
        Ok(horizon)
    }

    async fn snapshot(&self, of: SnapshotOf<'_>) -> Result<Box<dyn TableSnapshot>> {
        let connection = self.get().await?;
        Ok(open(connection, of).await?)
    }

    async fn snapshot_below_horizon(
        &self,
        of: SnapshotOf<'_>,
        settle: Duration,
        ignore: &[String],
    ) -> Result<(Horizon, Box<dyn TableSnapshot>)> {
        for _ in 0..TRIES {
            // In one session: a different one may be with a different server, which lags behind this one.
            let connection = self.get().await?;
            let (mut horizon, server) = compute_horizon(&connection, settle, ignore).await?;
            let snapshot = open(connection, of).await?;
            if snapshot.server != server {
                snapshot.close().await;
                continue;
            }
            if let Some(time) = &snapshot.time {
                horizon.at = horizon.at.map(|at| time.bound(at));
            }
            return Ok((horizon, snapshot));
        }
        Err(Error::Failed {
            service: Service::Source,
            place: self.place().to_owned(),
            doing: format!("opening a snapshot for {} below the horizon", of.table),
            cause: SeveralServers.into(),
        })
    }

    async fn connection(&self) -> Result<Connection> {
        self.get().await
    }
}

async fn compute_horizon(
    connection: &Connection,
    settle: Duration,
    ignore: &[String],
) -> Result<(Horizon, Server)> {
    let horizon = horizon::horizon(connection, settle, ignore).await;
    horizon.map_err(|error| connection.failure("computing the horizon", error))
}

/// Opens a snapshot, which takes over the connection.
async fn open(connection: Connection, of: SnapshotOf<'_>) -> Result<Box<Transaction>> {
    connection.occupy();
    let (table, begin) = (of.table, begin(of.table));
    // Sent together: the later queries are answered within the transaction that the first one begins.
    let opened = try_join!(
        connection.batch_execute(&begin),
        connection.query_typed_one(SERVER, &[]),
        catalog::table(&connection, table),
    );
    let opened = opened.and_then(|((), server, found)| Ok((Server::of(&server)?, found)));
    let found = match opened {
        Ok((server, found)) => found.map(|table| (server, table)),
        Err(error) if is_undefined(&error) => None,
        Err(error) => {
            let doing = format!("opening a snapshot for {table}");
            return Err(connection.failure(doing, error));
        }
    };
    let (server, table) = found.ok_or_else(|| Error::UnknownTable {
        table: table.clone(),
        why: None,
    })?;
    let time = match of.columns {
        [] => None,
        columns => Some(RowTime::of(&table, columns, of.timezone)?),
    };
    Ok(Box::new(Transaction {
        connection,
        server,
        table,
        time,
    }))
}

/// A transaction that sees one moment of the database (`REPEATABLE READ READ ONLY`).
struct Transaction {
    connection: Connection,
    server: Server,
    table: SourceTable,
    /// `None` if the rows are not told apart by their timestamps.
    time: Option<RowTime>,
}

impl Transaction {
    /// # Errors
    /// [`Error::Bug`] if the rows are not told apart.
    fn time(&self) -> Result<&RowTime> {
        self.time.as_ref().ok_or_else(|| {
            Error::Bug(format!(
                "{} is read whole, and its timestamps are asked for",
                self.table.name
            ))
        })
    }

    async fn copy_where(&self, condition: &str, limit: Option<usize>) -> Result<RowCopy> {
        let columns = self.table.encoded_columns();
        let list: Vec<String> = columns.iter().map(Column::select_expression).collect();
        let limit = limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
        let statement = format!(
            "COPY (SELECT {} FROM {} WHERE {condition}{limit}) TO STDOUT (FORMAT binary)",
            list.join(", "),
            self.table.name.quoted(),
        );
        let stream = self.connection.copy_out(&statement).await;
        let stream = stream.map_err(|error| self.failure("collecting rows", error))?;
        let doing = format!("collecting rows of {}", self.table.name);
        Ok(RowCopy {
            columns,
            stream: CopyStream::of_postgres(stream, self.connection.place(), doing),
        })
    }

    fn failure(&self, doing: &str, error: tokio_postgres::Error) -> Error {
        self.connection
            .failure(format!("{doing} of {}", self.table.name), error)
    }
}

#[async_trait]
impl TableSnapshot for Transaction {
    fn place(&self) -> &str {
        self.connection.place()
    }

    fn size(&self) -> Option<TableSize> {
        let rows = self.table.estimated_rows.filter(|rows| *rows > 0)?;
        let names = self.table.columns.iter().map(|column| column.name.len());
        // A name is in quotation marks, between a comma and a colon.
        let names: usize = names.map(|length| length + 4).sum();
        Some(TableSize {
            rows,
            line: self.table.bytes / rows + names as u64,
        })
    }

    async fn count(&self, after: Option<Watermark>, before: Watermark) -> Result<Option<Cut>> {
        let time = self.time()?;
        let statement = format!(
            "SELECT count(*), {} FROM {} WHERE {}",
            RowTime::micros(&format!("max({})", time.expression())),
            self.table.name.quoted(),
            time.between(after, before)
        );
        let failed = |error| self.failure("counting rows", error);
        let row = self
            .connection
            .query_typed_one(&statement, &[])
            .await
            .map_err(failed)?;
        let rows: i64 = row.try_get(0).map_err(failed)?;
        let newest: Option<i64> = row.try_get(1).map_err(failed)?;
        Ok(newest.and_then(Watermark::from_micros).map(|to| Cut {
            after,
            to,
            rows: rows.unsigned_abs(),
        }))
    }

    async fn nth(
        &self,
        after: Option<Watermark>,
        before: Watermark,
        skip: u64,
    ) -> Result<Option<Watermark>> {
        let time = self.time()?;
        let statement = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {} OFFSET {skip} LIMIT 1",
            RowTime::micros(time.expression()),
            self.table.name.quoted(),
            time.between(after, before),
            time.expression()
        );
        let failed = |error| self.failure("cutting a batch", error);
        let row = self
            .connection
            .query_typed_opt(&statement, &[])
            .await
            .map_err(failed)?;
        let micros = row
            .map(|row| row.try_get::<_, i64>(0))
            .transpose()
            .map_err(failed)?;
        Ok(micros.and_then(Watermark::from_micros))
    }

    async fn copy(
        &mut self,
        after: Option<Watermark>,
        before: Watermark,
        limit: Option<usize>,
    ) -> Result<RowCopy> {
        let condition = self.time()?.between(after, before);
        self.copy_where(&condition, limit).await
    }

    async fn count_all(&self) -> Result<u64> {
        let statement = format!("SELECT count(*) FROM {}", self.table.name.quoted());
        let failed = |error| self.failure("counting rows", error);
        let row = self
            .connection
            .query_typed_one(&statement, &[])
            .await
            .map_err(failed)?;
        let rows: i64 = row.try_get(0).map_err(failed)?;
        Ok(rows.unsigned_abs())
    }

    async fn copy_all(&mut self, limit: Option<usize>) -> Result<RowCopy> {
        self.copy_where("true", limit).await
    }

    async fn close(self: Box<Self>) {
        let ending = self.connection.batch_execute("COMMIT");
        // Otherwise the session is closed when it is dropped.
        if matches!(timeout(ENDING, ending).await, Ok(Ok(()))) {
            self.connection.release();
        }
    }
}
