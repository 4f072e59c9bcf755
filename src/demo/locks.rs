//! Files that are there to be locked. The kernel gives a lock back when its last holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::error::DemoError;
use super::layout::Layout;

/// The server's lock, if no server lives.
pub(super) fn lock_server(layout: &Layout) -> Result<Option<File>, DemoError> {
    let path = layout.server_lock();
    let file = open_lock(&path)?;
    Ok(try_lock(&file, &path)?.then_some(file))
}

/// Whether no server lives.
pub(super) fn server_ended(layout: &Layout) -> Result<bool, DemoError> {
    Ok(lock_server(layout)?.is_some())
}

/// Opens a file that is there to be locked.
pub(super) fn open_lock(path: &Path) -> Result<File, DemoError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(DemoError::io("opening", path))
}

/// Whether the file could be locked for this program alone.
pub(super) fn try_lock(file: &File, path: &Path) -> Result<bool, DemoError> {
    locked(file.try_lock(), path)
}

/// Whether the file could be locked together with others that share it.
pub(super) fn try_lock_shared(file: &File, path: &Path) -> Result<bool, DemoError> {
    locked(file.try_lock_shared(), path)
}

fn locked(result: Result<(), TryLockError>, path: &Path) -> Result<bool, DemoError> {
    match result {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(DemoError::io("locking", path)(error)),
    }
}
