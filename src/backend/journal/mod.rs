//! Every change made from this machine, in a SQLite file in the state folder.
//!
//! The journal is for people: no decision depends on it. If a change cannot be recorded, the log has a
//! warning; that is no reason to undo or refuse the change. A crash of the machine may lose the entries of
//! the last runs, but never that of an edit or a repair. The same file records which backfills were begun
//! (`backfill::begun`), so that an interrupted one can be found; how much of it is left is counted, not taken
//! from here.

mod found;
mod search;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use found::Found;
use rusqlite::{Connection, params};
pub use search::{JournalSearch, SearchWord};
use serde::Serialize;

use super::error::{Cause, Error, Result, chain};
use super::os_user::os_user;
use super::sqlite::{self, Durable};
use crate::vocabulary::{TableName, Watermark};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS change (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    profile TEXT NOT NULL,
    table_schema TEXT NOT NULL,
    table_name TEXT NOT NULL,
    action TEXT NOT NULL,
    what TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS change_at ON change (at);
CREATE TABLE IF NOT EXISTS backfill (
    profile TEXT NOT NULL,
    id TEXT NOT NULL,
    table_schema TEXT NOT NULL,
    table_name TEXT NOT NULL,
    range_from INTEGER NOT NULL,
    range_to INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    ended INTEGER,
    PRIMARY KEY (profile, id)
) STRICT;";

/// One change; the shape of `highwater journal --output json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalEntry {
    pub at: Watermark,
    pub who: String,
    pub profile: String,
    pub table: TableName,
    /// `ingest`, `backfill`, `recover`, `edit` or `repair`; `forget` for a backfill that will not be
    /// continued, `owner` for a statement that the demo's owner ran.
    pub action: String,
    /// The parameter or key that was written, the backfill that was forgotten, or the statement that was run.
    pub what: String,
    pub before: Option<String>,
    /// Empty for a statement.
    pub after: String,
    pub reason: String,
}

/// A change to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub table: TableName,
    pub action: Act,
    pub what: String,
    pub before: Option<String>,
    pub after: String,
    pub reason: String,
}

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Ingest,
    Backfill,
    Edit,
    Repair,
    /// A run finished what an earlier one had left undone.
    Recover,
    /// An interrupted backfill will not be continued.
    Forget,
    /// The owner of the database ran a statement.
    Owner,
}

impl Act {
    /// The word used in the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Backfill => "backfill",
            Self::Edit => "edit",
            Self::Repair => "repair",
            Self::Recover => "recover",
            Self::Forget => "forget",
            Self::Owner => "owner",
        }
    }

    /// Whether an entry must be on disk at once. What a run has written is also recorded by its objects,
    /// and there may be hundreds of these: a sync for each would slow down every small table. What a person
    /// has changed is on disk when it is done.
    const fn durable(self) -> Durable {
        match self {
            Self::Ingest | Self::Backfill => Durable::Later,
            Self::Edit | Self::Repair | Self::Recover | Self::Forget | Self::Owner => {
                Durable::AtOnce
            }
        }
    }
}

/// The journal's file. Several programs may use it at once.
#[derive(Debug, Clone)]
pub struct Journal {
    /// `None` if nothing is kept.
    file: Option<Arc<sqlite::File>>,
    /// Whether the log already says that changes are missing: a run of a thousand tables makes thousands.
    complained: Arc<AtomicBool>,
}

impl Journal {
    /// The journal in `path`, a file that is created by the first write.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            file: Some(Arc::new(sqlite::File::new(path.into(), SCHEMA))),
            complained: Arc::default(),
        }
    }

    /// A journal that keeps nothing and touches no file, for simulations.
    #[must_use]
    pub fn none() -> Self {
        Self {
            file: None,
            complained: Arc::default(),
        }
    }

    /// Records a change, and returns it as an entry.
    ///
    /// # Errors
    /// [`Error::Journal`] naming the file that cannot be written.
    pub async fn note(&self, profile: &str, change: Change) -> Result<JournalEntry> {
        let entry = JournalEntry {
            at: Watermark::now(),
            who: os_user(),
            profile: profile.to_owned(),
            table: change.table,
            action: change.action.as_str().to_owned(),
            what: change.what,
            before: change.before,
            after: change.after,
            reason: change.reason,
        };
        let noted = entry.clone();
        let durable = change.action.durable();
        self.write(durable, move |connection| insert(connection, &noted))
            .await?;
        Ok(entry)
    }

    /// Records a change. If the journal cannot be written, the work goes on regardless.
    pub async fn record(&self, profile: &str, change: Change) {
        match self.note(profile, change).await {
            Ok(entry) => {
                tracing::info!(
                    profile,
                    table = %entry.table,
                    what = entry.what,
                    before = entry.before.as_deref().unwrap_or("nothing"),
                    after = entry.after,
                    reason = entry.reason,
                    "{}",
                    entry.action
                );
            }
            Err(error) => {
                let error = chain(&error).join(": ");
                if self.complained.swap(true, Ordering::Relaxed) {
                    tracing::debug!(error, "another change is missing from the journal");
                } else {
                    tracing::warn!("changes are missing from the journal: {error}");
                }
            }
        }
    }

    /// Removes every change that was made in `profile`, and every backfill that was begun there.
    ///
    /// # Errors
    /// [`Error::Journal`] naming the file that cannot be written.
    pub async fn forget(&self, profile: &str) -> Result<()> {
        let profile = profile.to_owned();
        let forgotten = self.existing(move |connection| {
            connection.execute("DELETE FROM change WHERE profile = ?1", [&profile])?;
            connection.execute("DELETE FROM backfill WHERE profile = ?1", [&profile])
        });
        forgotten.await.map(drop)
    }

    /// Adds something to the file, creating it if it is missing; `durable` says when it is on disk. Does
    /// nothing if nothing is kept.
    ///
    /// # Errors
    /// [`Error::Journal`] naming the file that cannot be written.
    pub(super) async fn write(
        &self,
        durable: Durable,
        work: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let written = file.write(durable, |connection| work(connection)).await;
        written.map_err(|cause| failed(file, cause))
    }

    /// Reads, changes or removes what the file holds; `None` if there is no file.
    ///
    /// # Errors
    /// [`Error::Journal`] naming the file that cannot be used.
    pub(super) async fn existing<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(file) = &self.file else {
            return Ok(None);
        };
        let done = file.existing(|connection| work(connection)).await;
        done.map_err(|cause| failed(file, cause))
    }

    /// The path of a file of this name next to the journal's; `None` if nothing is kept.
    pub(super) fn beside(&self, name: &str) -> Option<PathBuf> {
        let file = self.file.as_ref()?;
        Some(file.path().with_file_name(name))
    }
}

fn failed(file: &sqlite::File, cause: Cause) -> Error {
    Error::Journal {
        path: file.path().to_owned(),
        cause,
    }
}

fn insert(connection: &Connection, entry: &JournalEntry) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO change (at, who, profile, table_schema, table_name, action, what, before, after, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    statement.execute(params![
        entry.at.micros(),
        entry.who,
        entry.profile,
        entry.table.schema(),
        entry.table.name(),
        entry.action,
        entry.what,
        entry.before,
        entry.after,
        entry.reason
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edit of the sequence id of `payment`.
    pub fn edit(after: &str) -> Change {
        Change {
            table: TableName::parse("payment"),
            action: Act::Edit,
            what: "/highwater/payment/sequence_id".to_owned(),
            before: None,
            after: after.to_owned(),
            reason: "a test".to_owned(),
        }
    }

    #[tokio::test]
    async fn changes_come_back_newest_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::new(folder.path().join("deep/journal.db"));
        for after in ["1", "2", "3"] {
            let noted = journal.note("dev", edit(after)).await;
            noted.expect("noted");
        }
        let none = JournalSearch::default();
        let entries = journal.newest(2, none, &|_| ()).await.expect("entries");
        assert_eq!(
            entries
                .iter()
                .map(|entry| entry.after.as_str())
                .collect::<Vec<_>>(),
            ["3", "2"]
        );
        assert_eq!(entries[0].table, TableName::parse("payment"));
    }

    #[tokio::test]
    async fn a_profile_is_forgotten_and_the_others_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::new(folder.path().join("journal.db"));
        for profile in ["demo", "dev"] {
            journal.note(profile, edit("1")).await.expect("noted");
        }
        journal.forget("demo").await.expect("forgotten");
        let none = JournalSearch::default();
        let entries = journal.newest(9, none, &|_| ()).await.expect("entries");
        let left: Vec<&str> = entries.iter().map(|entry| entry.profile.as_str()).collect();
        assert_eq!(left, ["dev"]);
    }

    #[tokio::test]
    async fn a_journal_that_cannot_be_written_names_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("written");
        let error = Journal::new(file.join("journal.db"))
            .newest(1, JournalSearch::default(), &|_| ())
            .await
            .expect_err("no folder");
        assert!(error.to_string().contains("journal.db"), "{error}");
    }
}
