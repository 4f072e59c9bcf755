//! Metadata of a file, kept in a separate file named after the inode.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{OWN_FOLDER, at, is_absent};
use crate::backend::objects::NewObject;
use crate::vocabulary::ObjectKey;

/// What is recorded about a file.
#[derive(Serialize, Deserialize)]
struct Sidecar {
    key: String,
    state: FileState,
    metadata: HashMap<String, String>,
    content_type: String,
    content_encoding: Option<String>,
}

/// What shows that a file is still the one that was described.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct FileState {
    bytes: u64,
    modified_seconds: i64,
    modified_nanoseconds: i64,
}

impl FileState {
    fn of(file: &fs::Metadata) -> Self {
        Self {
            bytes: file.len(),
            modified_seconds: file.mtime(),
            modified_nanoseconds: file.mtime_nsec(),
        }
    }
}

fn folder(root: &Path) -> PathBuf {
    root.join(OWN_FOLDER).join("metadata")
}

fn path(root: &Path, file: &fs::Metadata) -> PathBuf {
    folder(root).join(format!("{}.json", file.ino()))
}

/// Whether what would be recorded about a file has changed between two looks at it.
pub(super) fn tells_apart(before: &fs::Metadata, after: &fs::Metadata) -> bool {
    FileState::of(before) != FileState::of(after)
}

/// Records what `object` carries besides its body, for the complete `file`. The record is on disk
/// when this returns.
pub(super) fn write(root: &Path, object: &NewObject, file: &fs::Metadata) -> io::Result<()> {
    let sidecar = Sidecar {
        key: object.key.as_str().to_owned(),
        state: FileState::of(file),
        metadata: object.metadata.to_map(),
        content_type: object.content_type.to_owned(),
        content_encoding: object.content_encoding.map(str::to_owned),
    };
    let folder = folder(root);
    fs::create_dir_all(&folder)?;
    // A reader must not find half of it: the inode may have belonged to a removed object whose
    // description is still there, so that is replaced in one step.
    let draft = folder.join(format!("{}.draft", Uuid::new_v4()));
    let written = (|| {
        let mut file = File::create_new(&draft)?;
        file.write_all(&serde_json::to_vec(&sidecar)?)?;
        file.sync_all()
    })();
    written
        .and_then(|()| fs::rename(&draft, path(root, file)))
        .inspect_err(|_| {
            let _ = fs::remove_file(&draft);
        })?;
    File::open(&folder)?.sync_all()
}

/// Returns the metadata of `file`; `None` if none was recorded for this very file under this key.
pub(super) fn read(
    root: &Path,
    key: &ObjectKey,
    file: &fs::Metadata,
) -> io::Result<Option<HashMap<String, String>>> {
    let path = path(root, file);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(at(&path, &error)),
    };
    let sidecar: Sidecar = serde_json::from_slice(&text)
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
    let is_this = sidecar.key == key.as_str() && sidecar.state == FileState::of(file);
    Ok(is_this.then_some(sidecar.metadata))
}

/// Removes what was recorded for `file`, which must still have a name: until it has none, nobody
/// else can get its inode.
pub(super) fn remove(root: &Path, file: &fs::Metadata) -> io::Result<()> {
    match fs::remove_file(path(root, file)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
