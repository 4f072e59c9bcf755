//! Objects as files in a folder.
//!
//! The key is the path below the folder. A file that another program put there is an object
//! without metadata.
//!
//! # Creating an object
//! Everything on the way lives in `ROOT/.highwater`, on the same file system, and is not an object:
//!
//! 1. The body is written to `.highwater/uploads/UUID`, which its writer keeps locked, and synced.
//! 2. While that is being synced, its metadata is written to `.highwater/metadata/INODE.json`, named
//!    after the inode of that file, and synced as well, and so are the folders of its final name.
//! 3. `link(2)` gives the file its final name. That is the commit: the kernel lets exactly one
//!    writer create a name, and body and metadata are complete and on disk before it.
//! 4. The folder is synced, and the first name is removed.
//!
//! The metadata belongs to the inode and not to the key, so that of a writer who came second can
//! never be taken for the winner's. It also records the key, size and modification time for which it
//! was written. If these differ from the file's, the file is a different one (for example, the
//! object was removed and its inode reused, or the file was edited), and has no metadata. A file
//! that is copied elsewhere therefore leaves its metadata behind.
//!
//! A process that dies before step 3 leaves a file without a lock in `.highwater/uploads`. The first
//! upload of a later process removes files that have been there for more than an hour (`leftover`).

mod background;
mod leftover;
mod listing;
mod publish;
mod sidecar;
mod staged;
mod upload;
mod writeback;

use std::fs;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{Metadata, NewObject, ObjectHead, ObjectStore, ObjectSummary, OpenUpload, Upload};
use crate::backend::error::{Cause, Error, Result, Service};
use crate::vocabulary::ObjectKey;
use upload::LocalUpload;

/// The folder below the root for everything that is not an object.
const OWN_FOLDER: &str = ".highwater";

/// Objects in one folder.
#[derive(Debug)]
pub struct LocalObjects {
    root: Arc<Root>,
    swept: AtomicBool,
}

/// The root folder, shared with the uploads into it.
#[derive(Debug)]
struct Root {
    path: PathBuf,
    place: String,
}

impl LocalObjects {
    /// The objects below `path`. The folder is created by the first write; until then there are no
    /// objects.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            root: Arc::new(Root {
                path: path.to_owned(),
                place: path.display().to_string(),
            }),
            swept: AtomicBool::new(false),
        }
    }

    /// Runs `work`, which blocks, away from the threads that serve other tasks.
    async fn with<T: Send + 'static>(
        &self,
        doing: String,
        work: impl FnOnce(&Root) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let root = Arc::clone(&self.root);
        root.run(doing, work).await
    }
}

impl Root {
    async fn run<T: Send + 'static>(
        self: Arc<Self>,
        doing: String,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let root = Arc::clone(&self);
        tokio::task::spawn_blocking(move || work(&root))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| self.failed(doing, error))
    }

    /// Returns the path of `key`, if a folder can hold such a key and it is not highwater's own.
    fn path_of(&self, key: &ObjectKey) -> Result<PathBuf> {
        let unfit = |why| Error::UnfitKey {
            key: key.clone(),
            place: self.place.clone(),
            why,
        };
        let parts: Vec<&str> = key.as_str().split('/').collect();
        if parts.contains(&"") {
            return Err(unfit("a part of it is empty"));
        }
        if parts.iter().any(|part| matches!(*part, "." | "..")) {
            return Err(unfit("a part of it leads elsewhere"));
        }
        if key.as_str().contains('\0') {
            return Err(unfit("it holds a NUL"));
        }
        if parts.first() == Some(&OWN_FOLDER) {
            return Err(unfit("that folder is highwater's own"));
        }
        Ok(self.path.join(key.as_str()))
    }

    /// Returns the file of an object; `None` if there is none. It is an error if the root is not a
    /// folder.
    fn stat(&self, path: &Path) -> io::Result<Option<fs::Metadata>> {
        match fs::metadata(path) {
            Ok(found) => Ok(found.is_file().then_some(found)),
            Err(error) if is_absent(&error) => self.check().map(|()| None),
            Err(error) => Err(at(path, &error)),
        }
    }

    /// Fails if the root exists but is not a folder.
    fn check(&self) -> io::Result<()> {
        match fs::metadata(&self.path) {
            Ok(root) if !root.is_dir() => {
                Err(io::Error::other(format!("{} is not a folder", self.place)))
            }
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(at(&self.path, &error)),
        }
    }

    fn failed(&self, doing: String, error: io::Error) -> Error {
        let (service, place) = (Service::Objects, self.place.clone());
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Error::Denied {
                service,
                permission: format!("access to {}", self.place),
                place,
                doing,
                cause: Cause::from(error),
            },
            // Errors caused by the key, not by the folder.
            ErrorKind::InvalidFilename
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::CrossesDevices
            | ErrorKind::Unsupported => Error::Failed {
                service,
                place,
                doing,
                cause: Cause::from(error),
            },
            _ => Error::Unavailable {
                service,
                place,
                doing,
                cause: Cause::from(error),
            },
        }
    }
}

#[async_trait]
impl ObjectStore for LocalObjects {
    fn place(&self) -> &str {
        &self.root.place
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>> {
        let path = self.root.path_of(key)?;
        let key = key.clone();
        self.with(format!("looking for object {key}"), move |root| {
            let Some(file) = root.stat(&path)? else {
                return Ok(None);
            };
            let metadata = sidecar::read(&root.path, &key, &file)?;
            Ok(Some(ObjectHead {
                bytes: file.len(),
                modified: modified(&file),
                metadata: metadata.as_ref().and_then(Metadata::from_map),
                key,
            }))
        })
        .await
    }

    async fn create(&self, object: NewObject) -> Result<Box<dyn Upload>> {
        let path = self.root.path_of(&object.key)?;
        let sweep = !self.swept.swap(true, Ordering::Relaxed);
        let doing = format!("writing object {}", object.key);
        let key = object.key.clone();
        let staged = self
            .with(doing, move |root| {
                root.check()?;
                if sweep {
                    leftover::remove_abandoned(&root.path)?;
                }
                staged::stage(&root.path, &key)
            })
            .await?;
        let upload = LocalUpload::new(Arc::clone(&self.root), object, path, staged);
        Ok(Box::new(upload))
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<ObjectSummary>> {
        let (prefix, after) = (prefix.to_owned(), after.cloned());
        let doing = format!("listing objects under {prefix:?}");
        self.with(doing, move |root| {
            root.check()?;
            let after = after.as_ref().map(ObjectKey::as_str);
            listing::list(&root.path, &prefix, after, limit)
        })
        .await
    }

    async fn uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>> {
        let prefix = prefix.to_owned();
        let doing = format!("listing uploads under {prefix:?}");
        self.with(doing, move |root| {
            root.check()?;
            leftover::list(&root.path, &prefix)
        })
        .await
    }

    async fn abort_upload(&self, upload: &OpenUpload) -> Result<()> {
        let upload = upload.clone();
        let doing = format!("aborting the upload of object {}", upload.key);
        self.with(doing, move |root| leftover::abort(&root.path, &upload))
            .await
    }

    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>> {
        let path = self.root.path_of(key)?;
        self.with(format!("reading object {key}"), move |root| {
            let Some(found) = root.stat(&path)? else {
                return Ok(None);
            };
            let length = length.min(found.len().saturating_sub(offset));
            match read_range(&path, offset, length) {
                Ok(body) => Ok(Some(body)),
                // Removed since it was looked up.
                Err(error) if is_absent(&error) => Ok(None),
                Err(error) => Err(at(&path, &error)),
            }
        })
        .await
    }
}

fn read_range(path: &Path, offset: u64, length: u64) -> io::Result<Bytes> {
    let mut file = fs::File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut body = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(length).read_to_end(&mut body)?;
    Ok(Bytes::from(body))
}

/// Whether there is no such file: it or a folder in its path is missing, or a part of its path is a
/// file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn modified(file: &fs::Metadata) -> DateTime<Utc> {
    file.modified().unwrap_or(SystemTime::UNIX_EPOCH).into()
}

/// `error` with the path, which the operating system leaves out.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
