//! The lock of a backfill: whoever carries it out holds it, and nobody else does while they do.
//!
//! The kernel takes it back however the program ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

use super::BackfillId;
use crate::backend::journal::Journal;

/// Whoever only looks at a lock is gone before all of these tries.
const TRIES: u32 = 5;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(20);

/// Held while a backfill is carried out.
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

/// What trying to take the lock has come to.
enum Tried {
    Locked(File),
    /// Another has locked the file, or removed it in between.
    Taken,
}

/// Takes the lock of a backfill; `None` where somebody else has it, and not only to look. Where no file can
/// be locked, which is said in the log, nothing keeps another program out: a journal that cannot be written
/// keeps nothing from being done.
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

/// Whether somebody is at work on a backfill. Looking takes the lock, for a moment and together with
/// whoever else looks. Where that cannot be told, they may be.
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
        // One that has no name any more keeps nobody out.
        Ok(()) if file.metadata()?.nlink() == 0 => Ok(Tried::Taken),
        Ok(()) => Ok(Tried::Locked(file)),
        Err(TryLockError::WouldBlock) => Ok(Tried::Taken),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn path(journal: &Journal, id: &BackfillId) -> Option<PathBuf> {
    journal.beside(&format!("backfill-{id}.lock"))
}
