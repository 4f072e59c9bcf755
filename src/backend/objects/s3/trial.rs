//! Trying out what the commit protocol needs of a store: that a key is created only once.
//!
//! There is no way to ask a store for this. A server that does not know `If-None-Match` ignores it and
//! overwrites what is there, and then two concurrent runs lose rows. So a small object of no importance is
//! created until the store says that it exists: first with one request, then as a multipart upload. Then a check
//! is made that its metadata was kept. The object is deleted if that is allowed; nothing else needs that
//! permission.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::bucket::Bucket;
use super::condition::UNCONDITIONAL;
use super::memory::Memory;
use super::multipart::Multipart;
use super::upload::S3Upload;
use crate::backend::error::{Error, Result};
use crate::backend::objects::{Commit, NewObject, Stays, Upload as _};
use crate::vocabulary::ObjectKey;

/// The body of the object.
const BODY: &[u8] = b"highwater check made this to see whether it could be made twice.\n";
/// How often an object can be created, each way, in a store that keeps its promises: once, and once more if
/// another check has just deleted it.
const CREATED: usize = 2;
/// How many attempts are made, each way: enough to exceed that number even if two of them meet somebody else
/// who is writing the object.
const ATTEMPTS: usize = 5;

/// Creates `object` until it exists, in both possible ways, and deletes it.
pub(super) async fn create(
    bucket: &Arc<Bucket>,
    memory: &Memory,
    object: NewObject,
) -> Result<Stays> {
    let key = object.key.clone();
    let tried = create_both(bucket, memory, &object).await;
    let deleted = bucket
        .client
        .delete_object()
        .bucket(&bucket.name)
        .key(key.as_str())
        .send()
        .await;
    tried.map(|()| Stays(deleted.is_err()))
}

async fn create_both(bucket: &Arc<Bucket>, memory: &Memory, object: &NewObject) -> Result<()> {
    for way in [Way::Whole, Way::InParts] {
        until_it_exists(bucket, memory, object, way).await?;
    }
    keeps_metadata(bucket, object).await
}

/// Checks that the object still has the metadata it was created with, whoever created it. An object that has
/// lost it would be taken for another program's, and no crash could be recovered from.
async fn keeps_metadata(bucket: &Bucket, object: &NewObject) -> Result<()> {
    let head = bucket
        .client
        .head_object()
        .bucket(&bucket.name)
        .key(object.key.as_str())
        .send()
        .await;
    // Another check may have just deleted it, and whether it may be read is checked elsewhere.
    let Ok(head) = head else {
        return Ok(());
    };
    let is_kept = |name: &String| head.metadata().is_some_and(|kept| kept.contains_key(name));
    let said = object.metadata.to_map();
    let mut said = said.iter().filter(|(_, value)| !value.is_empty());
    if said.all(|(name, _)| is_kept(name)) {
        return Ok(());
    }
    let doing = format!("writing object {}", object.key);
    let lost = "the store does not keep the metadata of an object (x-amz-meta-…)";
    let call = bucket.call(&doing, "s3:PutObject");
    Err(call.remedied(lost.to_owned(), FORGETFUL))
}

/// The advice about a store that keeps no metadata.
const FORGETFUL: &str = "use another object store: the commit protocol reads from the metadata of an object where its rows end, and which run wrote it";

/// How an object is created.
#[derive(Clone, Copy)]
enum Way {
    Whole,
    InParts,
}

impl Way {
    async fn create(
        self,
        bucket: &Arc<Bucket>,
        memory: &Memory,
        object: &NewObject,
    ) -> Result<Commit> {
        let body = Bytes::from_static(BODY);
        if matches!(self, Self::Whole) {
            let mut upload = S3Upload::new(Arc::clone(bucket), memory, object.clone());
            upload.write(body).await?;
            return Box::new(upload).commit().await;
        }
        let mut parts = Multipart::begin(Arc::clone(bucket), Arc::new(object.clone())).await?;
        parts.take_over(BytesMut::from(body), Vec::new())?;
        let completed = parts.complete().await;
        if !matches!(completed, Ok(Commit::Created)) {
            // What has been sent is of no use, whether or not its clean-up succeeds.
            let _ = parts.abort().await;
        }
        completed
    }
}

async fn until_it_exists(
    bucket: &Arc<Bucket>,
    memory: &Memory,
    object: &NewObject,
    way: Way,
) -> Result<()> {
    let mut created = 0;
    for _ in 0..ATTEMPTS {
        match way.create(bucket, memory, object).await? {
            Commit::Exists => return Ok(()),
            Commit::Created => created += 1,
            Commit::Conflict(_) => {}
        }
        if created > CREATED {
            return Err(overwritten(bucket, &object.key));
        }
    }
    let doing = format!("writing object {}", object.key);
    let call = bucket.call(&doing, "s3:PutObject");
    Err(call.unavailable("other writes of the same key kept interfering".to_owned()))
}

fn overwritten(bucket: &Bucket, key: &ObjectKey) -> Error {
    let doing = format!("writing object {key}");
    let said = "the store overwrote an object that it was asked to create only if there is none (If-None-Match: *)";
    bucket
        .call(&doing, "s3:PutObject")
        .remedied(said.to_owned(), UNCONDITIONAL)
}
