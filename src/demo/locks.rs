//! Lock files. The kernel releases a lock when its last holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::error::DemoError;
use super::layout::Layout;

/// The server's lock, or `None` if a server is running and holds it.
pub(super) fn lock_server(layout: &Layout) -> Result<Option<File>, DemoError> {
    let path = layout.server_lock();
    let file = open_lock(&path)?;
    Ok(try_lock(&file, &path)?.then_some(file))
}

/// Whether no server is running.
pub(super) fn server_ended(layout: &Layout) -> Result<bool, DemoError> {
    Ok(lock_server(layout)?.is_some())
}

/// Opens a lock file.
pub(super) fn open_lock(path: &Path) -> Result<File, DemoError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(DemoError::io("opening", path))
}

/// Whether the file could be locked exclusively.
pub(super) fn try_lock(file: &File, path: &Path) -> Result<bool, DemoError> {
    locked(file.try_lock(), path)
}

/// Whether the file could be locked together with other programs.
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
