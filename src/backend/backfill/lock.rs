//! The lock of a backfill: held by the program that runs it, so that no other program runs it at the same
//! time.
//!
//! The kernel releases it however the program ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

use crate::backend::journal::Journal;
use crate::vocabulary::BackfillId;

/// How often to try to take the lock: a program that only looks at it is gone before the last try.
const TRIES: u32 = 5;
/// Pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// Held while a backfill is run.
#[derive(Debug)]
pub(super) struct Hold {
    /// `None` if no lock file could be opened and locked.
    locked: Option<(File, PathBuf)>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.locked {
            // A file that stays does no harm.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The result of trying to take the lock.
enum Tried {
    Locked(File),
    /// Another program has locked the file, or removed it since it was opened.
    Taken,
}

/// Takes the lock of a backfill; `None` if another program holds it, and not only to look. If no file can be
/// locked, the log has a warning and nothing keeps another program out: a journal that cannot be written does
/// not stop the work.
pub(super) async fn take(journal: &Journal, id: &BackfillId) -> Option<Hold> {
    let Some(path) = path(journal, id) else {
        return Some(Hold { locked: None });
    };
    for attempt in 1..=TRIES {
        match lock(&path) {
            Ok(Tried::Locked(file)) => {
                return Some(Hold {
                    locked: Some((file, path)),
                });
            }
            Ok(Tried::Taken) if attempt < TRIES => sleep(PAUSE).await,
            Ok(Tried::Taken) => break,
            Err(error) => {
                let path = path.display();
                tracing::warn!(%error, %path, "backfill {id} is not locked against other programs");
                return Some(Hold { locked: None });
            }
        }
    }
    None
}

/// Whether some program is running a backfill. Looking takes the lock for a moment, shared with others that
/// look. If it cannot be told, the answer is yes.
pub(super) fn is_held(journal: &Journal, id: &BackfillId) -> bool {
    let Some(path) = path(journal, id) else {
        return false;
    };
    match File::open(&path).map(|file| file.try_lock_shared()) {
        Ok(Ok(())) => false,
        Ok(Err(TryLockError::WouldBlock)) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Ok(Err(TryLockError::Error(error))) | Err(error) => {
            let path = path.display();
            tracing::warn!(%error, %path, "it is not known whether backfill {id} is being run");
            true
        }
    }
}

fn lock(path: &Path) -> io::Result<Tried> {
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    match file.try_lock() {
        // A file that has no name any more keeps nobody out.
        Ok(()) if file.metadata()?.nlink() == 0 => Ok(Tried::Taken),
        Ok(()) => Ok(Tried::Locked(file)),
        Err(TryLockError::WouldBlock) => Ok(Tried::Taken),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn path(journal: &Journal, id: &BackfillId) -> Option<PathBuf> {
    journal.beside(&format!("backfill-{id}.lock"))
}
