//! PostgreSQL as a [`Source`].

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono_tz::Tz;

use super::catalog::{self, SourceTable};
use super::connect::{Connection, SourcePool};
use super::copy::{CopyStream, RowCopy};
use super::horizon::{self, Horizon};
use super::row_time::RowTime;
use super::snapshot::Cut;
use super::{Source, TableSnapshot};
use crate::backend::error::{Error, Result};
use crate::backend::jsonl::{Column, SESSION_SETTINGS};
use crate::backend::table::TableName;
use crate::backend::watermark::Watermark;

/// Begins a snapshot whose values are printed as the encoding rules want them.
fn begin() -> String {
    let settings = SESSION_SETTINGS.map(|(name, value)| format!("; SET LOCAL {name} = '{value}'"));
    format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY{}",
        settings.concat()
    )
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

    async fn horizon(&self, settle: Duration, ignore: &[String]) -> Result<Horizon> {
        let connection = self.get().await?;
        let horizon = horizon::horizon(&connection, settle, ignore).await;
        horizon.map_err(|error| connection.failure("computing the horizon", error))
    }

    async fn snapshot(
        &self,
        table: &TableName,
        columns: &[String],
        timezone: Tz,
    ) -> Result<Box<dyn TableSnapshot>> {
        let mut connection = self.get().await?;
        connection.occupy();
        let begun = connection.batch_execute(&begin()).await;
        let found = match begun {
            Ok(()) => catalog::table(&connection, table).await,
            Err(error) => Err(error),
        };
        let found = found.map_err(|error| {
            connection.failure(format!("opening a snapshot for {table}"), error)
        })?;
        let table = found.ok_or_else(|| Error::UnknownTable {
            table: table.clone(),
            nearest: None,
        })?;
        Ok(Box::new(Transaction {
            time: RowTime::of(&table, columns, timezone)?,
            connection,
            table,
        }))
    }

    async fn connection(&self) -> Result<Connection> {
        self.get().await
    }
}

/// A transaction that sees one moment of the database (`REPEATABLE READ READ ONLY`).
struct Transaction {
    connection: Connection,
    table: SourceTable,
    time: RowTime,
}

impl Transaction {
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

    async fn count(&self, after: Option<Watermark>, before: Watermark) -> Result<Option<Cut>> {
        let statement = format!(
            "SELECT count(*), {} FROM {} WHERE {}",
            RowTime::micros(&format!("max({})", self.time.expression())),
            self.table.name.quoted(),
            self.time.between(after, before)
        );
        let failed = |error| self.failure("counting rows", error);
        let row = self
            .connection
            .query_one(&statement, &[])
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
        let statement = format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {} OFFSET {skip} LIMIT 1",
            RowTime::micros(self.time.expression()),
            self.table.name.quoted(),
            self.time.between(after, before),
            self.time.expression()
        );
        let failed = |error| self.failure("cutting a batch", error);
        let row = self
            .connection
            .query_opt(&statement, &[])
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
        let columns = self.table.encoded_columns();
        let list: Vec<String> = columns.iter().map(Column::select_expression).collect();
        let limit = limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
        let statement = format!(
            "COPY (SELECT {} FROM {} WHERE {}{limit}) TO STDOUT (FORMAT binary)",
            list.join(", "),
            self.table.name.quoted(),
            self.time.between(after, before)
        );
        let stream = self.connection.copy_out(&statement).await;
        let stream = stream.map_err(|error| self.failure("collecting rows", error))?;
        let doing = format!("collecting rows of {}", self.table.name);
        Ok(RowCopy {
            columns,
            stream: CopyStream::of_postgres(stream, self.connection.place(), doing),
        })
    }

    async fn close(mut self: Box<Self>) {
        if self.connection.batch_execute("COMMIT").await.is_ok() {
            self.connection.release();
        }
    }
}
