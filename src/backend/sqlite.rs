//! `SQLite` files that several programs, and several threads of each, use at once.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

/// How long another writer is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// How soon is tried again what does not wait by itself.
const AGAIN: Duration = Duration::from_millis(5);

/// Opens the file, made where it is not there yet, with `schema`, whose statements make what is
/// missing.
///
/// # Errors
/// What `SQLite` says; also that it is busy, after five seconds.
pub(super) fn open(path: &Path, schema: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let deadline = Instant::now() + BUSY;
    // Two that change a new file to a write-ahead log at the same time would wait for each other: SQLite
    // tells one of them at once that it is busy (its documentation, sqlite3_busy_handler).
    while let Err(error) = connection.pragma_update(None, "journal_mode", "wal") {
        let busy = error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
        if !busy || Instant::now() > deadline {
            return Err(error);
        }
        thread::sleep(AGAIN);
    }
    connection.execute_batch(schema)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

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
