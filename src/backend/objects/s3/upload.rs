//! One body on its way to S3.
//!
//! Up to [`WHOLE`] bytes are gathered and sent with one `PutObject`. A larger body becomes a
//! multipart upload, whose parts are sent while the next one is being filled; it exists only with
//! `CompleteMultipartUpload`. Both carry `If-None-Match: *`.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::config::Builder as ConfigBuilder;
use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};
use tokio::task::JoinHandle;

use super::bucket::Bucket;
use super::condition::{IF_ABSENT, not_created};
use super::memory::{Memory, PART, Slot, Slots, WHOLE};
use super::multipart::Multipart;
use crate::backend::error::Result;
use crate::backend::objects::{Commit, Metadata, NewObject, Upload};

/// An object that does not exist yet.
pub(super) struct S3Upload {
    bucket: Arc<Bucket>,
    object: Arc<NewObject>,
    slots: Slots,
    /// The request that begins the multipart upload, kept so that the upload's id is not lost if a
    /// write is dropped while it waits.
    beginning: Option<JoinHandle<Result<Multipart>>>,
    body: Body,
}

enum Body {
    /// Everything so far, and the slots it fills.
    Whole {
        bytes: BytesMut,
        held: Vec<Slot>,
    },
    Parts(Multipart),
}

impl S3Upload {
    /// `object`, still without a body. Nothing is sent.
    pub fn new(bucket: Arc<Bucket>, memory: &Memory, object: NewObject) -> Self {
        Self {
            bucket,
            object: Arc::new(object),
            slots: memory.for_upload(),
            beginning: None,
            body: Body::Whole {
                bytes: BytesMut::new(),
                held: Vec::new(),
            },
        }
    }

    /// Returns the buffer to write into, and how many bytes it takes, at least one.
    async fn room(&mut self) -> Result<(&mut BytesMut, usize)> {
        while let Body::Whole { bytes, held } = &mut self.body {
            let limit = WHOLE.min(held.len() * PART);
            if bytes.len() < limit {
                break;
            }
            match (bytes.len() < WHOLE)
                .then(|| self.slots.try_take())
                .flatten()
            {
                Some(slot) => {
                    held.push(slot);
                    // Reserved all at once, so that growing never copies. Pages are only allocated
                    // when they are written to.
                    if bytes.capacity() == 0 {
                        bytes.reserve(WHOLE.next_multiple_of(PART));
                    }
                }
                None => self.begin().await?,
            }
        }
        match &mut self.body {
            Body::Whole { bytes, held } => {
                let room = WHOLE.min(held.len() * PART) - bytes.len();
                Ok((bytes, room))
            }
            Body::Parts(parts) => parts.room(&self.slots).await,
        }
    }

    /// Turns what has been gathered into the first parts of a multipart upload.
    async fn begin(&mut self) -> Result<()> {
        let beginning = self.beginning.get_or_insert_with(|| {
            let (bucket, object) = (Arc::clone(&self.bucket), Arc::clone(&self.object));
            tokio::spawn(Multipart::begin(bucket, object))
        });
        let begun = beginning.await;
        self.beginning = None;
        let parts = begun.map_err(|error| {
            let doing = format!("writing object {}", self.object.key);
            self.bucket.call(&doing, "").other(error.to_string())
        })??;
        let gathered = std::mem::replace(&mut self.body, Body::Parts(parts));
        match (gathered, &mut self.body) {
            (Body::Whole { bytes, held }, Body::Parts(parts)) => parts.take_over(bytes, held),
            _ => Ok(()),
        }
    }

    /// Sends a whole body with one request.
    async fn put(&self, body: Bytes) -> Result<Commit> {
        let timeouts = self.bucket.limits.for_body(body.len() as u64);
        let sent = self.bucket.send_body(|signed| {
            let request = self
                .bucket
                .client
                .put_object()
                .bucket(&self.bucket.name)
                .key(self.object.key.as_str())
                .set_metadata(Some(self.object.metadata.to_map()))
                .content_type(self.object.content_type)
                .set_content_encoding(self.object.content_encoding.map(str::to_owned))
                .if_none_match(IF_ABSENT)
                .body(ByteStream::from(body.clone()))
                .customize()
                .mutate_request(self.bucket.says_headers())
                .config_override(ConfigBuilder::default().timeout_config(timeouts.clone()));
            if signed {
                request.send()
            } else {
                request.disable_payload_signing().send()
            }
        });
        match sent.await {
            Ok(_) => Ok(Commit::Created),
            Err(error) => not_created(&self.bucket, &self.object.key, &error),
        }
    }
}

#[async_trait]
impl Upload for S3Upload {
    async fn write(&mut self, mut body: Bytes) -> Result<()> {
        while !body.is_empty() {
            let (buffer, room) = self.room().await?;
            let taken = body.split_to(room.min(body.len()));
            buffer.extend_from_slice(&taken);
        }
        Ok(())
    }

    fn describe(&mut self, metadata: Metadata) -> bool {
        // A request in flight shares the object.
        let object = Arc::get_mut(&mut self.object);
        object.is_some_and(|object| {
            object.metadata = metadata;
            true
        })
    }

    async fn commit(mut self: Box<Self>) -> Result<Commit> {
        match &mut self.body {
            Body::Whole { bytes, .. } => {
                let body = std::mem::take(bytes).freeze();
                self.put(body).await
            }
            Body::Parts(parts) => parts.commit().await,
        }
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        if let Some(beginning) = self.beginning.take()
            && let Ok(Ok(parts)) = beginning.await
        {
            self.body = Body::Parts(parts);
        }
        match &mut self.body {
            Body::Whole { .. } => Ok(()),
            Body::Parts(parts) => parts.abort().await,
        }
    }
}
