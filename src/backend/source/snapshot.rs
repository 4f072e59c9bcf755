//! One consistent view of one table: counting, cutting and collecting in the same snapshot.

use chrono_tz::Tz;

use super::catalog::{self, SourceTable};
use super::connect::{Connection, SourcePool};
use super::row_time::RowTime;
use crate::backend::error::{Error, Result};
use crate::backend::jsonl::SESSION_SETTINGS;
use crate::backend::table::TableName;
use crate::backend::watermark::Watermark;

/// The rows `after < ts <= to` of one table, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Exclusive; `None` where there is no lower bound.
    pub after: Option<Watermark>,
    /// Inclusive: the newest timestamp among the rows.
    pub to: Watermark,
    /// At least 1.
    pub rows: u64,
}

/// Begins a snapshot whose values are printed as the encoding rules want them.
fn begin() -> String {
    let settings = SESSION_SETTINGS.map(|(name, value)| format!("; SET LOCAL {name} = '{value}'"));
    format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY{}",
        settings.concat()
    )
}

/// A transaction that sees one moment of the database (`REPEATABLE READ READ ONLY`). Ends when it
/// is closed or dropped.
pub struct Snapshot {
    pub(super) connection: Connection,
    pub(super) table: SourceTable,
    pub(super) time: RowTime,
    pub(super) timezone: Tz,
}

impl Snapshot {
    /// Opens a snapshot for one table.
    ///
    /// # Errors
    /// [`Error::UnknownTable`], [`Error::UnknownColumn`], [`Error::NotATimestamp`],
    /// [`Error::Unavailable`].
    pub async fn open(
        pool: &SourcePool,
        name: &TableName,
        columns: &[String],
        timezone: Tz,
    ) -> Result<Self> {
        let mut connection = pool.get().await?;
        connection.occupy();
        let begun = connection.batch_execute(&begin()).await;
        let found = match begun {
            Ok(()) => catalog::table(&connection, name).await,
            Err(error) => Err(error),
        };
        let table = found
            .map_err(|error| connection.failure(format!("opening a snapshot for {name}"), error))?;
        let table = table.ok_or_else(|| Error::UnknownTable {
            table: name.clone(),
            nearest: None,
        })?;
        Ok(Self {
            time: RowTime::of(&table, columns, timezone)?,
            connection,
            table,
            timezone,
        })
    }

    /// The next batch of the rows `after < ts < before`: all of them, or as many as fit `limit`.
    /// The cut is made at a timestamp, never between rows of the same one; a group of equal
    /// timestamps larger than `limit` is a batch of its own. `None` if there are no rows.
    ///
    /// # Errors
    /// What PostgreSQL or the connection says.
    pub async fn cut(
        &self,
        after: Option<Watermark>,
        before: Watermark,
        limit: u64,
    ) -> Result<Option<Cut>> {
        let whole = self.count(after, before).await?;
        if whole.is_none_or(|cut| cut.rows <= limit) {
            return Ok(whole);
        }
        // The first row that does not fit: everything earlier than it does, if anything is earlier.
        let Some(overflow) = self.nth(after, before, limit).await? else {
            return Ok(whole);
        };
        match self.count(after, overflow).await? {
            Some(cut) => Ok(Some(cut)),
            None => self.count(after, overflow.successor()).await,
        }
    }

    async fn count(&self, after: Option<Watermark>, before: Watermark) -> Result<Option<Cut>> {
        let statement = format!(
            "SELECT count(*), {} FROM {} WHERE {}",
            RowTime::micros(&format!("max({})", self.time.expression())),
            self.table.name.quoted(),
            self.time.between(after, before)
        );
        let row = self
            .connection
            .query_one(&statement, &[])
            .await
            .map_err(|error| self.failure("counting rows", error))?;
        let rows: i64 = row
            .try_get(0)
            .map_err(|error| self.failure("counting rows", error))?;
        let newest: Option<i64> = row
            .try_get(1)
            .map_err(|error| self.failure("counting rows", error))?;
        Ok(newest.and_then(Watermark::from_micros).map(|to| Cut {
            after,
            to,
            rows: rows.unsigned_abs(),
        }))
    }

    /// The timestamp of the row that `skip` others precede.
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

    /// Ends the snapshot and gives its session back. One that is dropped instead ends with its
    /// session.
    pub async fn close(mut self) {
        if self.connection.batch_execute("COMMIT").await.is_ok() {
            self.connection.release();
        }
    }

    pub(super) fn failure(&self, doing: &str, error: tokio_postgres::Error) -> Error {
        self.connection
            .failure(format!("{doing} of {}", self.table.name), error)
    }
}
