//! Trying what the commit protocol needs of a store: that a key is created only once.
//!
//! There is no way to ask for it. A server that does not know `If-None-Match` ignores it and writes over
//! what is there, and then two runs at once lose rows. So a small object of no importance is created
//! until the store says that it exists: with one request, then as a multipart upload. It stays, because
//! deleting it would take a permission that nothing else needs.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::bucket::Bucket;
use super::memory::Memory;
use super::multipart::Multipart;
use super::upload::{S3Upload, UNCONDITIONAL};
use crate::backend::error::{Error, Result};
use crate::backend::objects::{Commit, NewObject, ObjectKey, Upload as _};

/// What the object holds.
const BODY: &[u8] = b"highwater check made this to see whether it could be made twice.\n";
/// How often it is created with one request: twice, and once more for each time that somebody else is
/// just doing it.
const ATTEMPTS: usize = 4;

/// Creates `object` until it exists, by both of the ways there are.
pub(super) async fn create(bucket: &Arc<Bucket>, memory: &Memory, object: NewObject) -> Result<()> {
    let key = object.key.clone();
    create_whole(bucket, memory, &object).await?;
    let mut parts = Multipart::begin(Arc::clone(bucket), Arc::new(object)).await?;
    parts.take_over(BytesMut::from(BODY), Vec::new())?;
    match parts.complete().await {
        Ok(Commit::Created) => Err(overwritten(bucket, &key)),
        // To abort is a permission, too.
        Ok(Commit::Exists | Commit::Conflict) => parts.abort().await,
        Err(error) => {
            let _ = parts.abort().await;
            Err(error)
        }
    }
}

async fn create_whole(bucket: &Arc<Bucket>, memory: &Memory, object: &NewObject) -> Result<()> {
    let mut created = false;
    for _ in 0..ATTEMPTS {
        let upload = S3Upload::new(Arc::clone(bucket), memory, object.clone());
        let mut upload = Box::new(upload);
        upload.write(Bytes::from_static(BODY)).await?;
        match upload.commit().await? {
            Commit::Exists => return Ok(()),
            Commit::Created if created => return Err(overwritten(bucket, &object.key)),
            Commit::Created => created = true,
            Commit::Conflict => {}
        }
    }
    let doing = format!("writing object {}", object.key);
    let call = bucket.call(&doing, "s3:PutObject");
    Err(call.unavailable("other writes of the same key went on and on".to_owned()))
}

fn overwritten(bucket: &Bucket, key: &ObjectKey) -> Error {
    let doing = format!("writing object {key}");
    let said = "the store wrote over an object that it was asked to create only if there is none \
                (If-None-Match: *)";
    bucket
        .call(&doing, "s3:PutObject")
        .remedied(said.to_owned(), UNCONDITIONAL)
}
