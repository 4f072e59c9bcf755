//! A file on its way to its final name.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::publish::publish;
use super::writeback::Writeback;
use super::{Root, at, is_absent, leftover};
use crate::backend::error::Result;
use crate::backend::objects::{Commit, Metadata, NewObject, Upload};
use crate::vocabulary::ObjectKey;

/// What is gathered before it is handed to the operating system, in bytes.
const CHUNK: usize = 256 * 1024;

/// A file under its first name, locked, with its key beside it. Dropping it removes that name, and
/// with it the file, unless it has been given another.
#[derive(Debug)]
pub(super) struct Staged {
    file: File,
    path: PathBuf,
}

impl Staged {
    pub const fn new(file: File, path: PathBuf) -> Self {
        Self { file, path }
    }

    pub const fn file(&self) -> &File {
        &self.file
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let key = fs::remove_file(leftover::key_file(&self.path));
        let key = key.or_else(|error| is_absent(&error).then_some(()).ok_or(error));
        if let Err(error) = fs::remove_file(&self.path).and(key) {
            tracing::warn!(path = %self.path.display(), %error, "file left behind");
        }
    }
}

/// Makes an empty file to write the object `key` into; first, if `sweep` says so, removes what dead
/// processes left.
pub(super) fn stage(root: &Path, key: &ObjectKey, sweep: bool) -> io::Result<Staged> {
    let folder = leftover::folder(root);
    fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    if sweep {
        leftover::remove_abandoned(root)?;
    }
    let path = folder.join(Uuid::new_v4().to_string());
    let file = File::create_new(&path).map_err(|error| at(&path, &error))?;
    let staged = Staged { file, path };
    match staged.file.try_lock() {
        // Without locks nothing is taken for abandoned too early: see `leftover`.
        Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => {
            return Err(error);
        }
        _ => {}
    }
    leftover::write_key(&staged.path, key)?;
    Ok(staged)
}

/// An object that does not exist yet.
pub(super) struct LocalUpload {
    root: Arc<Root>,
    object: NewObject,
    /// Its final name.
    path: PathBuf,
    staged: Arc<Staged>,
    gathered: BytesMut,
    /// The write on its way: the next chunk is made while the last one is written.
    writing: Option<JoinHandle<io::Result<()>>>,
    /// Size of the write on its way, in bytes.
    on_its_way: usize,
    writeback: Writeback,
    broken: bool,
}

impl LocalUpload {
    pub fn new(root: Arc<Root>, object: NewObject, path: PathBuf, staged: Staged) -> Self {
        Self {
            root,
            object,
            path,
            staged: Arc::new(staged),
            gathered: BytesMut::new(),
            writing: None,
            on_its_way: 0,
            writeback: Writeback::default(),
            broken: false,
        }
    }

    fn doing(&self) -> String {
        format!("writing object {}", self.object.key)
    }

    /// Waits for the write on its way.
    async fn settle(&mut self) -> Result<()> {
        let written = ended(&mut self.writing).await;
        self.judge(written)
    }

    fn judge(&mut self, done: io::Result<()>) -> Result<()> {
        self.broken |= done.is_err();
        done.map_err(|error| self.root.failed(self.doing(), error))
    }

    async fn start_writing(&mut self, body: Bytes) -> Result<()> {
        self.settle().await?;
        let written = std::mem::replace(&mut self.on_its_way, body.len());
        let begun = self.writeback.wrote(written, &self.staged).await;
        self.judge(begun)?;
        let staged = Arc::clone(&self.staged);
        self.writing = Some(tokio::task::spawn_blocking(move || {
            (&staged.file).write_all(&body)
        }));
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        let gathered = self.gathered.split().freeze();
        if gathered.is_empty() {
            return Ok(());
        }
        self.start_writing(gathered).await
    }
}

#[async_trait]
impl Upload for LocalUpload {
    async fn write(&mut self, body: Bytes) -> Result<()> {
        if body.len() >= CHUNK {
            self.flush().await?;
            return self.start_writing(body).await;
        }
        self.gathered.extend_from_slice(&body);
        if self.gathered.len() >= CHUNK {
            self.flush().await?;
        }
        Ok(())
    }

    fn describe(&mut self, metadata: Metadata) -> bool {
        self.object.metadata = metadata;
        true
    }

    async fn commit(mut self: Box<Self>) -> Result<Commit> {
        self.flush().await?;
        self.settle().await?;
        let synced = self.writeback.settle().await;
        self.judge(synced)?;
        let doing = self.doing();
        if self.broken {
            let error = io::Error::other("an earlier write of this file failed");
            return Err(self.root.failed(doing, error));
        }
        let staged = Arc::clone(&self.staged);
        let syncing = tokio::task::spawn_blocking(move || staged.file.sync_all());
        let runtime = Handle::current();
        let root = Arc::clone(&self.root);
        root.run(doing, move |root| {
            let synced = || runtime.block_on(ended(&mut Some(syncing)));
            publish(&root.path, &self.object, &self.staged, &self.path, synced)
        })
        .await
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        // The name is removed with the last owner of the file, and a write on its way is one.
        let _ = self.settle().await;
        let _ = self.writeback.settle().await;
        Ok(())
    }
}

/// Waits for what is on its way, if anything is.
pub(super) async fn ended(task: &mut Option<JoinHandle<io::Result<()>>>) -> io::Result<()> {
    let Some(running) = task else {
        return Ok(());
    };
    let done = running.await;
    *task = None;
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
}
