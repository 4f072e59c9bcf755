//! `SQLite` files that several programs, and several threads of each, use at once.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::Cause;

/// How long to wait for another writer.
const BUSY: Duration = Duration::from_secs(5);

/// Pause before retrying a statement that does not wait by itself.
const AGAIN: Duration = Duration::from_millis(5);

/// A file, and the connection to it once it has been used: opening and closing a connection costs several
/// times what a transaction does.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    schema: &'static str,
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    connection: Connection,
    identity: Identity,
    durable: Durable,
}

/// When the writes of a transaction reach the disk. Once committed, they are visible to others and survive
/// the end of the process: this is about a crash of the machine.
///
/// A write-ahead log is replayed up to the first incomplete transaction (`SQLite` documentation, "Write-Ahead
/// Logging"): if a transaction is lost, everything written after it is lost too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durable {
    /// As soon as it is committed, along with everything before it.
    AtOnce,
    /// With the next transaction that is synced at once, or when the log is copied into the file.
    Later,
}

impl Durable {
    /// The pragma's value for a write-ahead log (`SQLite` documentation, PRAGMA synchronous).
    const fn pragma(self) -> &'static str {
        match self {
            Self::AtOnce => "full",
            Self::Later => "normal",
        }
    }
}

/// Device and inode number of a file: there may be a different file at the path by now.
type Identity = (u64, u64);

impl File {
    /// The file at `path`. The statements of `schema` create its tables if they are missing.
    pub(super) const fn new(path: PathBuf, schema: &'static str) -> Self {
        Self {
            path,
            schema,
            open: Mutex::new(None),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes: runs `work` on the connection to the file, creating the file and its folder if they are
    /// missing. `durable` says when the commits of `work` reach the disk.
    ///
    /// # Errors
    /// Errors of the file system or of `SQLite`, which may also be that the file is still busy after five
    /// seconds.
    pub(super) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        durable: Durable,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Cause> {
        self.away(move |file| {
            let mut open = file.lock();
            let there = file.identity()?;
            Ok(work(file.current(&mut open, there)?.syncing(durable)?)?)
        })
        .await
    }

    /// Reads, or changes what is already there: like [`Self::write`], but returns `None` if there is no file.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub(super) async fn existing<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Option<T>, Cause> {
        self.away(move |file| {
            let mut open = file.lock();
            let there = file.identity()?;
            if there.is_none() {
                return Ok(None);
            }
            let current = file.current(&mut open, there)?;
            Ok(Some(work(current.syncing(Durable::AtOnce)?)?))
        })
        .await
    }

    /// Runs `work` off the threads that serve other tasks.
    async fn away<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Cause> + Send + 'static,
    ) -> Result<T, Cause> {
        let file = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&file)).await;
        done.map_err(Cause::from).and_then(|done| done)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection to the file that is `there`, opened anew if the file was replaced or removed.
    fn current<'a>(
        &self,
        open: &'a mut Option<Open>,
        there: Option<Identity>,
    ) -> Result<&'a mut Open, Cause> {
        if there.is_none() || open.as_ref().map(|open| open.identity) != there {
            *open = None;
        }
        Ok(match open {
            Some(open) => open,
            None => open.insert(self.open()?),
        })
    }

    fn open(&self) -> Result<Open, Cause> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let connection = open(&self.path, self.schema)?;
        let removed = || std::io::Error::from(std::io::ErrorKind::NotFound);
        Ok(Open {
            connection,
            identity: self.identity()?.ok_or_else(removed)?,
            durable: Durable::AtOnce,
        })
    }

    /// Which file is at the path, if any.
    fn identity(&self) -> std::io::Result<Option<Identity>> {
        match std::fs::metadata(&self.path) {
            Ok(found) => Ok(Some((found.dev(), found.ino()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Open {
    /// The connection; its next transactions reach the disk as `durable` says.
    fn syncing(&mut self, durable: Durable) -> rusqlite::Result<&mut Connection> {
        if self.durable != durable {
            let connection = &self.connection;
            connection.pragma_update(None, "synchronous", durable.pragma())?;
            self.durable = durable;
        }
        Ok(&mut self.connection)
    }
}

/// Opens the file, creating it if it is missing, and runs the statements of `schema`, which create what is
/// missing in it.
fn open(path: &Path, schema: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let deadline = Instant::now() + BUSY;
    // Two connections that switch a new file to a write-ahead log at the same time would wait for each other,
    // so SQLite reports to one of them at once that the file is busy (its documentation,
    // sqlite3_busy_handler).
    while let Err(error) = connection.pragma_update(None, "journal_mode", "wal") {
        let busy = error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
        if !busy || Instant::now() > deadline {
            return Err(error);
        }
        thread::sleep(AGAIN);
    }
    connection.pragma_update(None, "synchronous", Durable::AtOnce.pragma())?;
    connection.execute_batch(schema)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_was_removed_is_made_anew_and_one_that_took_its_place_is_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("noted.db");
        let schema = "CREATE TABLE IF NOT EXISTS noted (id INTEGER)";
        let file = Arc::new(File::new(path.clone(), schema));
        let count = |connection: &mut Connection| {
            connection.execute("INSERT INTO noted VALUES (1)", [])?;
            connection.query_row("SELECT count(*) FROM noted", [], |row| row.get(0))
        };
        let look = async || file.existing::<i64>(count).await.expect("worked");
        let write = async || file.write::<i64>(Durable::AtOnce, count).await;
        assert_eq!(look().await, None, "there is none, and none is made");
        assert_eq!(write().await.expect("made"), 1);
        assert_eq!(look().await, Some(2));
        for suffix in ["", "-wal", "-shm"] {
            let name = format!("noted.db{suffix}");
            std::fs::remove_file(folder.path().join(name)).expect("removed");
        }
        assert_eq!(look().await, None);
        open(&path, schema).expect("another program makes it");
        assert_eq!(look().await, Some(1));
    }

    #[tokio::test]
    async fn only_what_may_wait_is_written_without_a_sync_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let schema = "CREATE TABLE IF NOT EXISTS noted (id INTEGER)";
        let file = Arc::new(File::new(folder.path().join("noted.db"), schema));
        let level = async |durable| {
            let ask = |connection: &mut Connection| {
                connection.pragma_query_value(None, "synchronous", |row| row.get(0))
            };
            file.write::<u8>(durable, ask).await.expect("worked")
        };
        // SQLite's documentation, PRAGMA synchronous: 2 is FULL, 1 is NORMAL.
        assert_eq!(level(Durable::AtOnce).await, 2);
        assert_eq!(level(Durable::Later).await, 1);
        assert_eq!(level(Durable::AtOnce).await, 2);
    }

    #[test]
    fn whoever_opens_a_new_file_at_the_same_time_gets_it() {
        for _ in 0..40 {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("new.db");
            let schema = "CREATE TABLE IF NOT EXISTS noted (id INTEGER)";
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        let connection = open(&file, schema).expect("opened");
                        let inserted = connection.execute("INSERT INTO noted VALUES (1)", []);
                        assert_eq!(inserted, Ok(1));
                    });
                }
            });
        }
    }
}
