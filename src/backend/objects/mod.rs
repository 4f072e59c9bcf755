//! Where the objects are written.
//!
//! [`ObjectStore`] is what the commit protocol needs of a store: that a key is created by exactly
//! one writer, together with its metadata. [`s3`] is Amazon S3 or anything that speaks its
//! protocol with conditional writes, [`local`] the same over a folder.

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

/// What a store tells of an object without sending its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    pub key: ObjectKey,
    /// Size of the stored body in bytes.
    pub bytes: u64,
    pub modified: DateTime<Utc>,
    /// highwater's metadata; `None` for an object that another program wrote.
    pub metadata: Option<Metadata>,
}

/// One line of a listing. A listing carries no metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    pub key: ObjectKey,
    /// Size of the stored body in bytes.
    pub bytes: u64,
    pub modified: DateTime<Utc>,
}

/// An upload that was begun, and neither completed nor given up: S3 keeps the parts of one whose
/// writer died until somebody aborts it, and charges for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// The store's name for it, which says nothing to people.
    pub id: String,
    /// Key that the object was to have.
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
    /// The key exists already (412). It may be this very upload, whose first answer was lost: the
    /// metadata tells.
    Exists,
    /// Another conditional write of the same key is under way (409), in the words of the store; the
    /// upload is gone and has to be done again whole.
    Conflict(String),
}

/// Whether something was left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stays(pub bool);

/// A store of objects that are created once and never overwritten.
///
/// Every method fails with [`Unavailable`](crate::backend::Error::Unavailable) where the store
/// cannot be reached or does not answer in time, with
/// [`Denied`](crate::backend::Error::Denied) where it refuses (S3 answers so for a key that is
/// absent, too, where `s3:ListBucket` is missing), and with
/// [`Failed`](crate::backend::Error::Failed) where it answers with any other error.
#[async_trait]
pub trait ObjectStore: Send + Sync + fmt::Debug {
    /// Where the store is, for messages: `s3://bucket` or a path.
    fn place(&self) -> &str;

    /// What is known of `key`; `None` if there is no such object.
    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>>;

    /// Starts to write a new object. Nothing can be seen of it before [`Upload::commit`].
    async fn create(&self, object: NewObject) -> Result<Box<dyn Upload>>;

    /// Begins to write `object` as far as the store can tell whether it would be allowed, and takes it
    /// back. No object is made.
    async fn try_write(&self, object: NewObject) -> Result<()> {
        self.create(object).await?.abort().await
    }

    /// Tries whether an object is created only once, with a small one at the key of `object`. Says whether
    /// that one stays, because it may not be deleted. The program's own store keeps its promises without.
    async fn try_twice(&self, _object: NewObject) -> Result<Stays> {
        Ok(Stays(false))
    }

    /// The first `limit` objects whose keys start with `prefix` and sort after `after`, in the
    /// order of their keys.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<ObjectSummary>>;

    /// The uploads of keys that start with `prefix` that are not finished, in no order. Of those that
    /// somebody just writes, some stores tell, and some do not: only the age does.
    async fn uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>>;

    /// Removes what is kept of an upload. One that is not there any more is no error.
    async fn abort_upload(&self, upload: &OpenUpload) -> Result<()>;

    /// Up to `length` bytes of a body from `offset`; fewer at its end, `None` if there is no such
    /// object.
    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>>;
}

/// The body of an object on its way. Dropping it without a commit leaves nothing that can be seen,
/// but only [`Upload::abort`] also frees what the store keeps of it.
#[async_trait]
pub trait Upload: Send {
    /// Takes the next part of the body, of any size. Returns when there is room for more: memory
    /// stays bounded by the buffers of the store.
    async fn write(&mut self, body: Bytes) -> Result<()>;

    /// Replaces the metadata; `false` where it was sent already, which is never so while the body has no
    /// more than 6 MiB.
    #[must_use]
    fn describe(&mut self, metadata: Metadata) -> bool;

    /// Makes the object exist with everything written so far, if its key does not exist yet.
    async fn commit(self: Box<Self>) -> Result<Commit>;

    /// Gives up; what has been sent is removed.
    async fn abort(self: Box<Self>) -> Result<()>;
}
