//! The condition under which an object is created: that there is none of its key.

use std::error::Error as StdError;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::bucket::Bucket;
use crate::backend::aws::{HttpResponse, refuses_checksums, status};
use crate::backend::error::Result;
use crate::backend::objects::Commit;
use crate::vocabulary::ObjectKey;

/// Only if there is no object of this key (S3 user guide, "Conditional writes").
pub(super) const IF_ABSENT: &str = "*";
/// The precondition failed: the key exists. By status, and by code: S3 may have sent 200 before it finds out
/// how the completion of a multipart upload ends, and then says in the body that it failed (S3 API reference,
/// `CompleteMultipartUpload`).
const PRECONDITION_FAILED: (u16, &[&str]) = (412, &["PreconditionFailed"]);
/// The server does not know what was asked for: the condition, or all of it.
const NOT_IMPLEMENTED: u16 = 501;
/// What to do about a store that does not keep the condition.
pub(super) const UNCONDITIONAL: &str = "use another object store: this one does not honour conditional writes (If-None-Match), without which two runs at once lose rows";
/// Another request for the key is under way; likewise.
const CONFLICT: (u16, &[&str]) = (409, &["ConditionalRequestConflict", "OperationAborted"]);
/// A code of the same status that is of no other writer: trying again changes nothing (S3 API reference,
/// "Error responses").
const INVALID_BUCKET: &str = "InvalidBucketState";

/// What it means that a conditional write of `key` was answered with `error`.
pub(super) fn not_created<E>(
    bucket: &Bucket,
    key: &ObjectKey,
    error: &SdkError<E, HttpResponse>,
) -> Result<Commit>
where
    E: StdError + ProvideErrorMetadata + 'static,
{
    let doing = format!("writing object {key}");
    let call = bucket.call(&doing, "s3:PutObject");
    let says = |(number, codes): (u16, &[&str])| {
        status(error) == number || error.code().is_some_and(|code| codes.contains(&code))
    };
    if says(PRECONDITION_FAILED) {
        return Ok(Commit::Exists);
    }
    if says(CONFLICT) && error.code() != Some(INVALID_BUCKET) {
        return Ok(Commit::Conflict(call.answer(error)));
    }
    if status(error) == NOT_IMPLEMENTED && !refuses_checksums(error) {
        return Err(call.remedied(call.answer(error), UNCONDITIONAL));
    }
    Err(call.failed(error))
}
