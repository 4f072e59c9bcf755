//! Which backfills were begun from this machine, and which of them were interrupted.
//!
//! A backfill is noted in the journal's file, with all that is needed to go on with it, before its
//! first object is written, and noted again once it has come to its end. In between, whoever carries
//! it out holds a lock, which the kernel takes back however the program ends. *Interrupted* is one
//! that was begun, whose end was not noted, whose lock nobody holds, and of which rows are left to be
//! written. The last is counted, as for any plan: a program that died between its last object and its
//! last note has come to its end all the same. One that was cancelled or failed before its first object
//! is forgotten.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Row, params};
use tokio::time::sleep;

use super::{Backfill, BackfillId, BackfillPlan};
use crate::backend::sqlite::Durable;
use crate::backend::watermark::Watermark;
use crate::backend::{Backend, Error, Result, TableName};

/// Backfills of one table that are looked at, the newest ones.
const LOOKED_AT: i64 = 20;

/// Whoever only looks at a lock is gone before all of these tries.
const LOCK_TRIES: u32 = 5;
/// Between two of them.
const LOOK: Duration = Duration::from_millis(20);

/// Held by whoever carries a backfill out; nobody else does while it is.
#[derive(Debug)]
pub(super) struct Hold {
    /// `None` where no file could be had to be locked.
    locked: Option<(File, PathBuf)>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.locked {
            // A file that stays is in nobody's way.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Backend {
    /// The backfills of `table` that were begun from this machine and interrupted, newest first, each
    /// with what is left of it. None of them has come to its end, and nobody is at work on one.
    ///
    /// # Errors
    /// [`Error::Journal`], and those of [`Backend::plan_backfill`].
    pub async fn interrupted_backfills(&self, table: &TableName) -> Result<Vec<BackfillPlan>> {
        let mut interrupted = Vec::new();
        for backfill in self.begun_backfills(table).await? {
            if backfill.resume.as_ref().is_some_and(|id| self.is_held(id)) {
                continue;
            }
            match self.plan_backfill(&backfill).await {
                Ok(plan) if plan.chunks.is_empty() => self.note_end(&plan).await,
                Ok(plan) => interrupted.push(plan),
                // A range that was below the watermark when it was begun, and is not any more.
                Err(Error::Invalid(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(interrupted)
    }

    /// The backfill `id` of `table` as it was begun from this machine, whether it has come to its end or
    /// not.
    ///
    /// # Errors
    /// [`Error::Journal`].
    pub async fn begun_backfill(
        &self,
        table: &TableName,
        id: &BackfillId,
    ) -> Result<Option<Backfill>> {
        let (profile, wanted) = (self.profile().name.clone(), id.to_string());
        let noted = self
            .inner
            .journal
            .in_file(Durable::AtOnce, move |connection| {
                let mut statement = connection.prepare(
                    "SELECT id, table_schema, table_name, range_from, range_to, chunk FROM backfill
                 WHERE profile = ?1 AND id = ?2",
                )?;
                let rows = statement.query_map(params![profile, wanted], read)?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            });
        let noted = noted.await?.unwrap_or_default().into_iter().flatten();
        Ok(noted.into_iter().find(|backfill| backfill.table == *table))
    }

    /// The backfills of `table` whose end was not noted, newest first.
    async fn begun_backfills(&self, table: &TableName) -> Result<Vec<Backfill>> {
        let (profile, table) = (self.profile().name.clone(), table.clone());
        let noted = self
            .inner
            .journal
            .in_file(Durable::AtOnce, move |connection| {
                let mut statement = connection.prepare(
                    "SELECT id, table_schema, table_name, range_from, range_to, chunk FROM backfill
                 WHERE profile = ?1 AND table_schema = ?2 AND table_name = ?3 AND ended IS NULL
                 ORDER BY id DESC LIMIT ?4",
                )?;
                let of = params![profile, table.schema(), table.name(), LOOKED_AT];
                let rows = statement.query_map(of, read)?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            });
        let noted = noted.await?.unwrap_or_default();
        Ok(noted.into_iter().flatten().collect())
    }

    /// Notes that what `plan` says is about to be written. A journal that cannot be written keeps nothing
    /// from being done.
    ///
    /// # Errors
    /// [`Error::Invalid`] where somebody is at work on it: it would be written twice.
    pub(super) async fn begin(&self, plan: &BackfillPlan) -> Result<Hold> {
        let hold = self.hold(&plan.id).await.ok_or_else(|| {
            Error::Invalid(format!(
                "backfill {} of {} is being carried out by another program on this machine; wait for its end",
                plan.id, plan.backfill.table
            ))
        })?;
        let (profile, id) = (self.profile().name.clone(), plan.id.to_string());
        let backfill = plan.backfill.clone();
        let noted = self
            .inner
            .journal
            .in_file(Durable::AtOnce, move |connection| {
                begin(connection, &profile, &id, &backfill)
            });
        warn(noted.await);
        Ok(hold)
    }

    /// Notes that nothing of `plan` is left to be written.
    pub(super) async fn note_end(&self, plan: &BackfillPlan) {
        let (profile, id) = (self.profile().name.clone(), plan.id.to_string());
        let backfill = plan.backfill.clone();
        let noted = self
            .inner
            .journal
            .in_file(Durable::AtOnce, move |connection| {
                end(connection, &profile, &id, &backfill)
            });
        warn(noted.await);
    }

    /// Forgets a backfill that has ended before its first object: there is nothing to go on from, and
    /// whoever wants the range begins anew. It is kept where an object of it may be there after all.
    pub(super) async fn forget_unwritten(&self, plan: &BackfillPlan) {
        let written = self.written_by(&plan.backfill.table, &plan.id).await;
        if !written.is_ok_and(|written| written.is_empty()) {
            return;
        }
        let (profile, id) = (self.profile().name.clone(), plan.id.to_string());
        let forgotten = self
            .inner
            .journal
            .in_file(Durable::AtOnce, move |connection| {
                let of = params![profile, id];
                connection.execute("DELETE FROM backfill WHERE profile = ?1 AND id = ?2", of)
            });
        warn(forgotten.await.map(|forgotten| forgotten.map(|_| ())));
    }

    /// Whether somebody is at work on a backfill. Looking takes the lock, for a moment and together with
    /// whoever else looks.
    fn is_held(&self, id: &BackfillId) -> bool {
        let path = self.inner.journal.beside(&lock_name(id));
        let file = path.and_then(|path| File::open(path).ok());
        file.is_some_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Takes the lock of a backfill; `None` where somebody else has it, and not only to look.
    async fn hold(&self, id: &BackfillId) -> Option<Hold> {
        let Some(path) = self.inner.journal.beside(&lock_name(id)) else {
            return Some(Hold { locked: None });
        };
        for _ in 1..LOCK_TRIES {
            if let Some(hold) = lock(&path) {
                return Some(hold);
            }
            sleep(LOOK).await;
        }
        lock(&path)
    }
}

/// Locks the file at `path`; `None` where another has locked it, or removed it in between.
fn lock(path: &Path) -> Option<Hold> {
    let mut options = OpenOptions::new();
    let opened = options.create(true).truncate(false).write(true).open(path);
    match opened.map(|file| (file.try_lock(), file)) {
        // One that has no name any more keeps nobody out.
        Ok((Ok(()), file)) if file.metadata().is_ok_and(|found| found.nlink() == 0) => None,
        Ok((Ok(()), file)) => Some(Hold {
            locked: Some((file, path.to_owned())),
        }),
        Ok((Err(TryLockError::WouldBlock), _)) => None,
        // Where the journal cannot be kept, neither can this.
        Ok((Err(TryLockError::Error(error)), _)) | Err(error) => {
            let path = path.display();
            tracing::warn!(%error, %path, "a backfill is not locked against others");
            Some(Hold { locked: None })
        }
    }
}

fn lock_name(id: &BackfillId) -> String {
    format!("backfill-{id}.lock")
}

fn warn(noted: Result<Option<()>>) {
    if let Err(error) = noted {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "a backfill is missing from the journal, and will not be found if it is interrupted"
        );
    }
}

/// One that was begun before may be gone on with over a longer range.
fn begin(
    connection: &Connection,
    profile: &str,
    id: &str,
    backfill: &Backfill,
) -> rusqlite::Result<()> {
    let chunk = i64::try_from(backfill.chunk.as_micros()).unwrap_or(i64::MAX);
    connection.execute(
        "INSERT INTO backfill (profile, id, table_schema, table_name, range_from, range_to, chunk)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (profile, id) DO UPDATE SET
             range_from = min(range_from, excluded.range_from),
             range_to = max(range_to, excluded.range_to),
             chunk = excluded.chunk,
             ended = NULL",
        params![
            profile,
            id,
            backfill.table.schema(),
            backfill.table.name(),
            backfill.from.micros(),
            backfill.to.micros(),
            chunk
        ],
    )?;
    Ok(())
}

/// It has come to its end if the whole of its range has.
fn end(
    connection: &Connection,
    profile: &str,
    id: &str,
    backfill: &Backfill,
) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE backfill SET ended = ?3
         WHERE profile = ?1 AND id = ?2 AND range_from >= ?4 AND range_to <= ?5",
        params![
            profile,
            id,
            Watermark::now().micros(),
            backfill.from.micros(),
            backfill.to.micros()
        ],
    )?;
    Ok(())
}

/// A note as an order to go on; `None` for one that no version of highwater writes.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Backfill>> {
    let id: String = row.get(0)?;
    let table = TableName::new(row.get::<_, String>(1)?, row.get::<_, String>(2)?);
    let bounds = (
        Watermark::from_micros(row.get(3)?),
        Watermark::from_micros(row.get(4)?),
    );
    let chunk: i64 = row.get(5)?;
    let (Ok(id), (Some(from), Some(to))) = (id.parse(), bounds) else {
        return Ok(None);
    };
    Ok(Some(Backfill {
        table,
        from,
        to,
        chunk: Duration::from_micros(chunk.unsigned_abs()),
        resume: Some(id),
    }))
}
