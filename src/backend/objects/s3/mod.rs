//! Amazon S3, and anything that speaks its protocol with conditional writes.
//!
//! `If-None-Match: *` on `PutObject` and on `CompleteMultipartUpload` lets exactly one writer create a key
//! (S3 user guide, "Conditional requests"). `upload` sends bodies, within the memory that `memory` grants;
//! `condition` interprets the answer; `trial` finds out whether a store honours the condition.

mod bucket;
mod condition;
mod memory;
mod multipart;
mod open_upload;
mod range;
mod trial;
mod upload;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_smithy_types::DateTime as SdkDateTime;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::{
    Metadata, NewObject, ObjectHead, ObjectStore, ObjectSummary, OpenUpload, Stays, Upload,
};
use crate::backend::aws::{Aws, status};
use crate::backend::error::Result;
use crate::vocabulary::ObjectKey;
use bucket::Bucket;
use memory::Memory;
use multipart::Multipart;
use upload::S3Upload;

/// Maximum number of keys in one answer of `ListObjectsV2`.
const KEYS_PER_REQUEST: usize = 1000;

/// The message about a listing that has no end.
const UNENDING: &str =
    "a page has no keys, is not marked as the last, and does not say where the next begins";

/// Objects in one bucket.
#[derive(Debug)]
pub struct S3Store {
    bucket: Arc<Bucket>,
    memory: Memory,
}

impl S3Store {
    /// The bucket of this name, in the region and with the endpoint that `aws` is configured for. Nothing
    /// is sent yet.
    #[must_use]
    pub fn new(aws: &Aws, bucket: &str) -> Self {
        Self {
            bucket: Arc::new(Bucket::new(aws, bucket)),
            memory: Memory::default(),
        }
    }

    /// Adds these headers, by name, to each request that creates an object.
    #[must_use]
    pub fn with_headers(mut self, headers: &BTreeMap<String, String>) -> Self {
        // The bucket is not shared before the store is in use.
        if let Some(bucket) = Arc::get_mut(&mut self.bucket) {
            bucket.headers = Arc::new(headers.clone());
        }
        self
    }

    /// Fetches one page of a listing: what comes after a key, or after the end of an earlier page.
    async fn list_page(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        token: Option<&str>,
        limit: usize,
    ) -> Result<Page> {
        let doing = format!("listing objects under {prefix:?}");
        let call = self.bucket.call(&doing, "s3:ListBucket");
        let page = self
            .bucket
            .client
            .list_objects_v2()
            .bucket(&self.bucket.name)
            .prefix(prefix)
            .set_start_after(after.map(|key| key.as_str().to_owned()))
            .set_continuation_token(token.map(str::to_owned))
            .max_keys(i32::try_from(limit.min(KEYS_PER_REQUEST)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| call.failed(&error))?;
        let objects = page
            .contents()
            .iter()
            .map(|object| {
                Ok(ObjectSummary {
                    key: ObjectKey::new(
                        object
                            .key()
                            .ok_or_else(|| call.other("an entry has no key".to_owned()))?,
                    ),
                    bytes: size(object.size()),
                    modified: modified(object.last_modified()),
                })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Page {
            objects,
            more: page.is_truncated() == Some(true),
            token: page.next_continuation_token,
        })
    }

    /// Returns the token with which a listing continues after an empty page that is not the last one.
    /// Without one, the listing must not be considered complete: objects would be taken for absent.
    fn beyond_nothing(
        &self,
        prefix: &str,
        next: Option<String>,
        token: Option<&str>,
    ) -> Result<String> {
        next.filter(|next| !next.is_empty() && Some(next.as_str()) != token)
            .ok_or_else(|| {
                let doing = format!("listing objects under {prefix:?}");
                self.bucket
                    .call(&doing, "s3:ListBucket")
                    .other(UNENDING.to_owned())
            })
    }
}

/// One answer of `ListObjectsV2`.
struct Page {
    objects: Vec<ObjectSummary>,
    /// Whether more pages follow.
    more: bool,
    token: Option<String>,
}

#[async_trait]
impl ObjectStore for S3Store {
    fn place(&self) -> &str {
        &self.bucket.place
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectHead>> {
        let answer = self
            .bucket
            .client
            .head_object()
            .bucket(&self.bucket.name)
            .key(key.as_str())
            .send()
            .await;
        match answer {
            Ok(head) => Ok(Some(ObjectHead {
                key: key.clone(),
                bytes: size(head.content_length()),
                modified: modified(head.last_modified()),
                metadata: head.metadata().and_then(Metadata::from_map),
            })),
            Err(error) if status(&error) == 404 => {
                self.bucket.confirm(key).await?;
                Ok(None)
            }
            Err(error) => Err(self.bucket.unanswered(key, &error).await),
        }
    }

    async fn create(&self, object: NewObject) -> Result<Box<dyn Upload>> {
        let upload = S3Upload::new(Arc::clone(&self.bucket), &self.memory, object);
        Ok(Box::new(upload))
    }

    async fn try_write(&self, object: NewObject) -> Result<()> {
        let parts = Multipart::begin(Arc::clone(&self.bucket), Arc::new(object));
        parts.await?.abort().await
    }

    async fn try_twice(&self, object: NewObject) -> Result<Stays> {
        trial::create(&self.bucket, &self.memory, object).await
    }

    /// Pages follow each other by key, not by continuation token: both identify the same place, and a key
    /// remains valid if a page has to be requested again. Only for a page without keys, which may precede
    /// others (S3 API reference, `ListObjectsV2`), is there nothing but its token.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<ObjectSummary>> {
        let mut objects: Vec<ObjectSummary> = Vec::new();
        let mut token: Option<String> = None;
        while objects.len() < limit {
            let after = objects.last().map(|object| &object.key).or(after);
            let left = limit - objects.len();
            let page = self
                .list_page(prefix, after, token.as_deref(), left)
                .await?;
            if !page.more {
                objects.extend(page.objects);
                break;
            }
            token = if page.objects.is_empty() {
                Some(self.beyond_nothing(prefix, page.token, token.as_deref())?)
            } else {
                None
            };
            objects.extend(page.objects);
        }
        objects.truncate(limit);
        Ok(objects)
    }

    async fn uploads(&self, prefix: &str) -> Result<Vec<OpenUpload>> {
        open_upload::list(&self.bucket, prefix).await
    }

    async fn abort_upload(&self, upload: &OpenUpload) -> Result<()> {
        open_upload::abort(&self.bucket, &upload.key, &upload.id).await
    }

    async fn read(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Option<Bytes>> {
        if length == 0 {
            return Ok(self.head(key).await?.map(|_| Bytes::new()));
        }
        range::read(&self.bucket, key, offset, length).await
    }
}

fn size(bytes: Option<i64>) -> u64 {
    bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .unwrap_or_default()
}

/// S3 always says when an object was written; if a server does not, the epoch is used.
fn modified(at: Option<&SdkDateTime>) -> DateTime<Utc> {
    at.and_then(|at| DateTime::from_timestamp(at.secs(), at.subsec_nanos()))
        .unwrap_or(DateTime::UNIX_EPOCH)
}
