//! A body that is too large for one request.

use std::sync::Arc;

use aws_sdk_s3::config::Builder as ConfigBuilder;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use bytes::{Bytes, BytesMut};
use tokio::task::JoinSet;

use super::bucket::Bucket;
use super::condition::{IF_ABSENT, not_created};
use super::memory::{PART, Slot, Slots};
use super::open_upload::{self, NO_SUCH_UPLOAD};
use crate::backend::aws::status;
use crate::backend::error::{Error, Result};
use crate::backend::objects::{Commit, NewObject};

/// The message if an upload disappears before it is completed.
const VANISHED: &str = "the upload is gone, and there is no object";
/// Maximum number of parts in an upload (S3 user guide, "Multipart upload limits").
const MOST_PARTS: i32 = 10_000;

/// A multipart upload that has begun, but is neither completed nor aborted.
pub(super) struct Multipart {
    bucket: Arc<Bucket>,
    object: Arc<NewObject>,
    id: String,
    filling: Filling,
    sending: JoinSet<Result<CompletedPart>>,
    sent: Vec<CompletedPart>,
    /// How many parts have been handed to `sending`.
    parts: i32,
}

/// The part being filled; without a slot, there is none yet.
#[derive(Default)]
struct Filling {
    bytes: BytesMut,
    /// Parts that were split off one allocation share its slots: the memory is only freed with the
    /// last of them.
    held: Arc<Vec<Slot>>,
}

impl Multipart {
    /// Requests an upload from S3, with everything that the object carries besides its body.
    ///
    /// The request says which checksum the parts will have. Otherwise the upload gets CRC-64/NVME
    /// over the whole object, and its completion, which lists the checksums of the parts, is
    /// refused as `InvalidPart` (S3 user guide, "Checking object integrity", multipart uploads).
    pub async fn begin(bucket: Arc<Bucket>, object: Arc<NewObject>) -> Result<Self> {
        let doing = format!("writing object {}", object.key);
        let call = bucket.call(&doing, "s3:PutObject");
        let timeouts = bucket.limits.for_multipart(0);
        let begun = bucket
            .client
            .create_multipart_upload()
            .bucket(&bucket.name)
            .key(object.key.as_str())
            .set_metadata(Some(object.metadata.to_map()))
            .content_type(object.content_type)
            .set_content_encoding(object.content_encoding.map(str::to_owned))
            .set_checksum_algorithm(checksum(&bucket))
            .customize()
            .mutate_request(bucket.says_headers())
            .config_override(ConfigBuilder::default().timeout_config(timeouts))
            .send()
            .await
            .map_err(|error| call.failed(&error))?;
        let id = begun
            .upload_id()
            .ok_or_else(|| call.other("the multipart upload has no id".to_owned()))?
            .to_owned();
        Ok(Self {
            bucket,
            object,
            id,
            filling: Filling::default(),
            sending: JoinSet::new(),
            sent: Vec::new(),
            parts: 0,
        })
    }

    /// Continues from what was gathered before the upload began: whole parts are sent, and the
    /// rest is the beginning of the next one.
    pub fn take_over(&mut self, mut bytes: BytesMut, held: Vec<Slot>) -> Result<()> {
        let held = Arc::new(held);
        while bytes.len() >= PART {
            self.send(bytes.split_to(PART).freeze(), Arc::clone(&held))?;
        }
        if !bytes.is_empty() {
            self.filling = Filling { bytes, held };
        }
        Ok(())
    }

    /// Returns the buffer to write into, and how many bytes it takes, at least one. Waits until
    /// there is memory for it.
    pub async fn room(&mut self, slots: &Slots) -> Result<(&mut BytesMut, usize)> {
        if self.filling.bytes.len() >= PART {
            self.send_filling()?;
        }
        if self.filling.held.is_empty() {
            let slot = slots.take().await;
            self.take_sent()?;
            self.filling = Filling {
                bytes: slot.buffer(),
                held: Arc::new(vec![slot]),
            };
        }
        let room = PART - self.filling.bytes.len();
        Ok((&mut self.filling.bytes, room))
    }

    /// Makes the object exist, if its key does not. If the key exists, or an error occurs, the
    /// upload is aborted.
    pub async fn commit(&mut self) -> Result<Commit> {
        let outcome = self.complete().await;
        if !matches!(outcome, Ok(Commit::Created))
            && let Err(error) = self.abort().await
        {
            tracing::warn!(key = %self.object.key, upload = self.id, %error, "upload left behind");
        }
        outcome
    }

    /// Removes what has been sent.
    pub async fn abort(&mut self) -> Result<()> {
        self.sending.shutdown().await;
        open_upload::abort(&self.bucket, &self.object.key, &self.id).await
    }

    /// As [`Self::commit`], but without aborting.
    pub async fn complete(&mut self) -> Result<Commit> {
        self.send_filling()?;
        while let Some(sent) = self.sending.join_next().await {
            let part = self.finished(sent)?;
            self.sent.push(part);
        }
        if usize::try_from(self.parts) != Ok(self.sent.len()) {
            // S3 would join the others without an error.
            return Err(self.failed(format!(
                "{} of {} parts arrived",
                self.sent.len(),
                self.parts
            )));
        }
        self.sent.sort_by_key(CompletedPart::part_number);
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(std::mem::take(&mut self.sent)))
            .build();
        let timeouts = self.bucket.limits.for_multipart(self.parts.unsigned_abs());
        let completed = self
            .bucket
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket.name)
            .key(self.object.key.as_str())
            .upload_id(&self.id)
            .multipart_upload(parts)
            .if_none_match(IF_ABSENT)
            .customize()
            .config_override(ConfigBuilder::default().timeout_config(timeouts))
            .send()
            .await;
        match completed {
            Ok(_) => Ok(Commit::Created),
            Err(error) if error.code() == Some(NO_SUCH_UPLOAD) => self.vanished().await,
            Err(error) => not_created(&self.bucket, &self.object.key, &error),
        }
    }

    /// Decides what it means that the upload is gone: it was completed by this very request, whose
    /// first answer was lost, or somebody removed it. Whether the key exists tells which.
    async fn vanished(&self) -> Result<Commit> {
        let head = self
            .bucket
            .client
            .head_object()
            .bucket(&self.bucket.name)
            .key(self.object.key.as_str())
            .send()
            .await;
        match head {
            Ok(_) => Ok(Commit::Exists),
            Err(error) if status(&error) == 404 => Ok(Commit::Conflict(VANISHED.to_owned())),
            Err(error) => Err(self.bucket.unanswered(&self.object.key, &error).await),
        }
    }

    fn send_filling(&mut self) -> Result<()> {
        let part = std::mem::take(&mut self.filling);
        if part.bytes.is_empty() {
            return Ok(());
        }
        self.send(part.bytes.freeze(), part.held)
    }

    fn send(&mut self, body: Bytes, held: Arc<Vec<Slot>>) -> Result<()> {
        if self.parts == MOST_PARTS {
            return Err(self.failed(format!(
                "S3 takes at most {MOST_PARTS} parts, so an object can have at most {} GiB; lower objects.max_rows_per_object",
                (PART * MOST_PARTS.unsigned_abs() as usize) >> 30
            )));
        }
        self.parts += 1;
        let (bucket, object) = (Arc::clone(&self.bucket), Arc::clone(&self.object));
        let (id, number) = (self.id.clone(), self.parts);
        self.sending.spawn(async move {
            let sent = send_part(&bucket, &object, id, number, body.clone()).await;
            give_back(held, body);
            sent
        });
        Ok(())
    }

    /// Collects the parts that have been sent, without waiting for others.
    fn take_sent(&mut self) -> Result<()> {
        while let Some(sent) = self.sending.try_join_next() {
            let part = self.finished(sent)?;
            self.sent.push(part);
        }
        Ok(())
    }

    fn finished(
        &self,
        sent: Result<Result<CompletedPart>, tokio::task::JoinError>,
    ) -> Result<CompletedPart> {
        sent.map_err(|error| self.failed(error.to_string()))?
    }

    fn failed(&self, cause: String) -> Error {
        let doing = format!("writing object {}", self.object.key);
        self.bucket.call(&doing, "s3:PutObject").other(cause)
    }
}

/// The checksum of each part: the one that the SDK uses by default whenever it sends one.
fn checksum(bucket: &Bucket) -> Option<ChecksumAlgorithm> {
    bucket.sends_checksums.then_some(ChecksumAlgorithm::Crc32)
}

/// Gives back the slots of a part, together with its buffer if no other part shares it.
fn give_back(held: Arc<Vec<Slot>>, part: Bytes) {
    if let Some(slots) = Arc::into_inner(held)
        && let Ok([slot]) = <[Slot; 1]>::try_from(slots)
    {
        slot.give_back(part);
    }
}

async fn send_part(
    bucket: &Bucket,
    object: &NewObject,
    id: String,
    number: i32,
    body: Bytes,
) -> Result<CompletedPart> {
    let timeouts = bucket.limits.for_body(body.len() as u64);
    let doing = format!("writing object {}, part {number}", object.key);
    let sent = bucket.send_body(|signed| {
        let request = bucket
            .client
            .upload_part()
            .bucket(&bucket.name)
            .key(object.key.as_str())
            .upload_id(&id)
            .part_number(number)
            .body(ByteStream::from(body.clone()))
            .customize()
            .config_override(ConfigBuilder::default().timeout_config(timeouts.clone()));
        if signed {
            request.send()
        } else {
            request.disable_payload_signing().send()
        }
    });
    let answer = sent
        .await
        .map_err(|error| bucket.call(&doing, "s3:PutObject").failed(&error))?;
    Ok(CompletedPart::builder()
        .part_number(number)
        .set_e_tag(answer.e_tag)
        // Some servers return a checksum unasked, although the upload was begun without one.
        .set_checksum_crc32(answer.checksum_crc32.filter(|_| bucket.sends_checksums))
        .build())
}
