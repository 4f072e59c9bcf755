//! A file under its first name, before it is visible as an object.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::{OWN_FOLDER, at, is_absent};
use crate::vocabulary::ObjectKey;

/// A locked file under its first name, with its key in a file next to it. Dropping it removes that
/// name, and with it the file, unless it has been given another name.
#[derive(Debug)]
pub(super) struct Staged {
    file: File,
    path: PathBuf,
}

impl Staged {
    /// The file at `path`, which has already been locked.
    pub const fn new(file: File, path: PathBuf) -> Self {
        Self { file, path }
    }

    /// The open file.
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// Its first name.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let key = fs::remove_file(key_file(&self.path));
        let key = key.or_else(|error| is_absent(&error).then_some(()).ok_or(error));
        if let Err(error) = fs::remove_file(&self.path).and(key) {
            tracing::warn!(path = %self.path.display(), %error, "file left behind");
        }
    }
}

/// Creates an empty file for the body of the object `key`.
pub(super) fn stage(root: &Path, key: &ObjectKey) -> io::Result<Staged> {
    let folder = folder(root);
    fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    let path = folder.join(Uuid::new_v4().to_string());
    let file = File::create_new(&path).map_err(|error| at(&path, &error))?;
    let staged = Staged { file, path };
    match staged.file.try_lock() {
        // Without locks, nothing is considered abandoned too early: see `leftover`.
        Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => {
            return Err(error);
        }
        _ => {}
    }
    write_key(&staged.path, key)?;
    Ok(staged)
}

/// The folder of uploads in progress.
pub(super) fn folder(root: &Path) -> PathBuf {
    root.join(OWN_FOLDER).join("uploads")
}

/// The file that holds the key of the upload at `path`.
pub(super) fn key_file(path: &Path) -> PathBuf {
    path.with_extension("key")
}

fn write_key(path: &Path, key: &ObjectKey) -> io::Result<()> {
    let file = key_file(path);
    fs::write(&file, key.as_str()).map_err(|error| at(&file, &error))
}
