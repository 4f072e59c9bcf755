//! Uploads whose writers are gone.
//!
//! A process that dies leaves its file in `.highwater/uploads`, and next to it `UUID.key` with the
//! key that the object was to have. A live writer keeps its file locked.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::staged::{Staged, folder, key_file};
use super::{at, is_absent, modified, sidecar};
use crate::backend::objects::OpenUpload;
use crate::vocabulary::ObjectKey;

/// Age from which a file without a lock counts as left behind by a dead process. A live process takes
/// the lock at once.
const ABANDONED: Duration = Duration::from_hours(1);

/// Removes what dead processes have left behind.
pub(super) fn remove_abandoned(root: &Path) -> io::Result<()> {
    for path in files(root)? {
        // Another process may be removing leftovers, too.
        let Ok(file) = File::open(&path) else {
            continue;
        };
        let found = file.metadata()?;
        if !is_old(&found) {
            continue;
        }
        if is_key(&path) {
            if !path.with_extension("").exists() {
                remove(&path)?;
            }
        } else if file.try_lock().is_ok() {
            discard(root, file, path)?;
        }
    }
    Ok(())
}

/// Returns the uploads of keys that start with `prefix` whose writers are gone, oldest first.
pub(super) fn list(root: &Path, prefix: &str) -> io::Result<Vec<OpenUpload>> {
    let mut uploads = Vec::new();
    for path in files(root)?.into_iter().filter(|path| !is_key(path)) {
        let Some(id) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        // Finished since the folder was read, or begun by a version that did not record the key.
        let (Ok(file), Ok(key)) = (File::open(&path), fs::read_to_string(key_file(&path))) else {
            continue;
        };
        let found = file.metadata()?;
        // A file with a second name was committed.
        if key.starts_with(prefix) && found.nlink() == 1 && file.try_lock().is_ok() {
            uploads.push(OpenUpload {
                id: id.to_owned(),
                key: ObjectKey::new(key),
                begun: modified(&found),
            });
        }
    }
    uploads.sort_by_key(|upload| upload.begun);
    Ok(uploads)
}

/// Removes an upload whose writer is gone. If the upload is gone already, that is fine.
pub(super) fn abort(root: &Path, upload: &OpenUpload) -> io::Result<()> {
    let path = folder(root).join(&upload.id);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if is_absent(&error) => return Ok(()),
        Err(error) => return Err(at(&path, &error)),
    };
    match file.try_lock() {
        Ok(()) => discard(root, file, path),
        Err(error) => Err(at(&path, &io::Error::from(error))),
    }
}

fn discard(root: &Path, file: File, path: PathBuf) -> io::Result<()> {
    let found = file.metadata()?;
    // A file with a second name was committed, and its metadata counts.
    if found.nlink() == 1 {
        sidecar::remove(root, &found)?;
    }
    drop(Staged::new(file, path));
    Ok(())
}

fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = folder(root);
    match fs::read_dir(&folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        Err(error) => Err(at(&folder, &error)),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if !is_absent(&error) => Err(at(path, &error)),
        _ => Ok(()),
    }
}

fn is_key(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "key")
}

fn is_old(file: &fs::Metadata) -> bool {
    let at = file.modified().ok();
    let age = at.and_then(|at| SystemTime::now().duration_since(at).ok());
    age.is_some_and(|age| age > ABANDONED)
}
