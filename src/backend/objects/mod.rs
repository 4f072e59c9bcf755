//! Where the objects are written.
//!
//! [`ObjectStore`] is what the commit protocol needs of a store: that exactly one writer creates a key,
//! together with its metadata. [`s3`] is Amazon S3 or anything that speaks its protocol with conditional
//! writes, [`local`] the same in a folder.

pub mod local;
mod metadata;
pub mod s3;

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::backend::error::Result;
use crate::vocabulary::ObjectKey;

pub use metadata::{Kind, Metadata};

/// What a store reports about an object without sending its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    pub key: ObjectKey,
    /// Size of the stored body in bytes.
    pub bytes: u64,
    pub modified: DateTime<Utc>,
    /// highwater's metadata; `None` for an object that another program wrote.
    pub metadata: Option<Metadata>,
}

/// One entry of a listing. A listing carries no metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    pub key: ObjectKey,
    /// Size of the stored body in bytes.
    pub bytes: u64,
    pub modified: DateTime<Utc>,
}

/// An upload that was begun, but neither completed nor aborted: if its writer died, S3 keeps its parts,
/// and charges for them, until somebody aborts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// The store's id of the upload, which means nothing to people.
    pub id: String,
    /// The key that the object was to have.
    pub key: ObjectKey,
    pub begun: DateTime<Utc>,
}

/// What a new object carries besides its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObject {
    pub key: ObjectKey,
    pub metadata: Metadata,
    pub content_type: &'static str,
    pub content_encoding: Option<&'static str>,
}

/// What became of an attempt to create an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commit {
    /// The object exists now, written by this upload.
    Created,
    /// The key exists already (412). The object may come from this very upload, whose first answer was
    /// lost: its metadata shows.
    Exists,
    /// Another conditional write of the same key is under way (409), in the words of the store. The upload
    /// is gone and has to be repeated in full.
    Conflict(String),
}

/// Whether something was left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stays(pub bool);

/// A store of objects that are created once and never overwritten.
///
/// Every method fails with [`Unavailable`](crate::backend::Error::Unavailable) if the store cannot be
/// reached or does not answer in time, with [`Denied`](crate::backend::Error::Denied) if it refuses
/// (without `s3:ListBucket`, S3 also answers so for a key that is absent), and with
/// [`Failed`](crate::backend::Error::Failed) if it answers with any other error.
#[async_trait]
pub trait ObjectStore: Send + Sync + fmt::Debug {
    /// Where the store is, for messages: `s3://bucket` or a path.
    fn place(&self) -> &str;

    /// Returns what is known of `key`; `None` if there is no such object.
    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>>;

    /// Starts writing a new object. Nothing of it is visible before [`Upload::commit`].
    async fn create(&self, object: NewObject) -> Result<Box<dyn Upload>>;

    /// Begins to write `object`, as far as is needed to see whether the store allows it, and takes that
    /// back. No object is created.
    async fn try_write(&self, object: NewObject) -> Result<()> {
        self.create(object).await?.abort().await
    }

    /// Checks that an object is created only once, with a small object at the key of `object`. Returns
    /// whether that object stays behind because it may not be deleted. The program's own store needs no
    /// such check.
    async fn try_twice(&self, _object: NewObject) -> Result<Stays> {
        Ok(Stays(false))
    }

    /// Returns the first `limit` objects whose keys start with `prefix` and sort after `after`, in the
    /// order of their keys.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<ObjectSummary>>;

    /// Returns the unfinished uploads of keys that start with `prefix`, in no particular order. Some
    /// stores include uploads that are still being written, others do not: only their age tells them from
    /// abandoned ones.
    async fn uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>>;

    /// Removes what the store keeps of an upload. It is not an error if the upload is gone already.
    async fn abort_upload(&self, upload: &OpenUpload) -> Result<()>;

    /// Returns up to `length` bytes of a body from `offset`; fewer at its end, `None` if there is no such
    /// object.
    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>>;
}

/// The body of an object being written. Dropping it without a commit leaves nothing visible, but only
/// [`Upload::abort`] also frees what the store keeps of it.
#[async_trait]
pub trait Upload: Send {
    /// Takes the next part of the body, of any size. Returns when there is room for more: memory
    /// stays bounded by the buffers of the store.
    async fn write(&mut self, body: Bytes) -> Result<()>;

    /// Replaces the metadata; `false` if it has already been sent, which is never the case while the body
    /// has no more than 6 MiB.
    #[must_use]
    fn describe(&mut self, metadata: Metadata) -> bool;

    /// Makes the object exist with everything written so far, if its key does not exist yet.
    ///
    /// # Errors
    /// Also [`Unsynced`](crate::backend::Error::Unsynced) if it exists now, but may be lost in a crash of the
    /// machine. After any other error, it may exist as well: the answer may have been lost.
    async fn commit(self: Box<Self>) -> Result<Commit>;

    /// Gives up the upload, and removes what has been sent.
    async fn abort(self: Box<Self>) -> Result<()>;
}
