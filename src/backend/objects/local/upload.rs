//! A file being written, up to its final name.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;

use super::Root;
use super::background::Background;
use super::publish::{keep, publish};
use super::staged::Staged;
use super::writeback::Writeback;
use crate::backend::error::{Error, Result};
use crate::backend::objects::{Commit, Metadata, NewObject, Upload};

/// Bytes gathered before they are handed to the operating system.
const CHUNK: usize = 256 * 1024;

/// An object that does not exist yet.
pub(super) struct LocalUpload {
    root: Arc<Root>,
    object: NewObject,
    /// Its final name.
    path: PathBuf,
    staged: Arc<Staged>,
    gathered: BytesMut,
    /// The write in progress: the next chunk is made while the last one is written.
    writing: Background,
    /// Size of the write in progress, in bytes.
    on_its_way: usize,
    writeback: Writeback,
    broken: bool,
}

impl LocalUpload {
    /// `object`, still without a body, to be moved from `staged` to `path`.
    pub fn new(root: Arc<Root>, object: NewObject, path: PathBuf, staged: Staged) -> Self {
        Self {
            root,
            object,
            path,
            staged: Arc::new(staged),
            gathered: BytesMut::new(),
            writing: Background::default(),
            on_its_way: 0,
            writeback: Writeback::default(),
            broken: false,
        }
    }

    fn doing(&self) -> String {
        format!("writing object {}", self.object.key)
    }

    /// Waits for the write in progress.
    async fn settle(&mut self) -> Result<()> {
        let written = self.writing.settle().await;
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
        self.writing = Background::begin(move || staged.file().write_all(&body));
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
        let mut syncing = Background::begin(move || staged.file().sync_all());
        let runtime = Handle::current();
        let (root, key) = (Arc::clone(&self.root), self.object.key.clone());
        let place = root.place.clone();
        let published = root.run(doing, move |root| {
            let synced = || runtime.block_on(syncing.settle());
            let commit = publish(&root.path, &self.object, &self.staged, &self.path, synced)?;
            let kept = match commit {
                Commit::Created => keep(&root.path, &self.path),
                Commit::Exists | Commit::Conflict(_) => Ok(()),
            };
            Ok((commit, kept))
        });
        let (commit, kept) = published.await?;
        kept.map_err(|error| Error::Unsynced {
            key,
            place,
            cause: error.into(),
        })?;
        Ok(commit)
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        // The name is removed by the last owner of the file, and a write in progress owns it,
        // too.
        let _ = self.settle().await;
        let _ = self.writeback.settle().await;
        Ok(())
    }
}
