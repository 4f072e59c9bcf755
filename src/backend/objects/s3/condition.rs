//! The condition under which an object is created: that its key does not exist.

use std::error::Error as StdError;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::bucket::Bucket;
use crate::backend::aws::{HttpResponse, refuses_checksums, status};
use crate::backend::error::Result;
use crate::backend::objects::Commit;
use crate::vocabulary::ObjectKey;

/// Only if there is no object with this key (S3 user guide, "Conditional writes").
pub(super) const IF_ABSENT: &str = "*";
/// The precondition failed: the key exists. Recognised by status and by code, because S3 may have sent 200
/// before it finds out how the completion of a multipart upload ends, and then reports the failure in the
/// body (S3 API reference, `CompleteMultipartUpload`).
const PRECONDITION_FAILED: (u16, &[&str]) = (412, &["PreconditionFailed"]);
/// The server does not support what was asked for: the condition, or the whole request.
const NOT_IMPLEMENTED: u16 = 501;
/// The advice if a store does not honour the condition.
pub(super) const UNCONDITIONAL: &str = "use another object store: this one does not honour conditional writes (If-None-Match), without which two runs at once lose rows";
/// Another request for the key is under way; recognised in the same way.
const CONFLICT: (u16, &[&str]) = (409, &["ConditionalRequestConflict", "OperationAborted"]);
/// A code with the same status that has nothing to do with another writer: trying again changes nothing (S3
/// API reference, "Error responses").
const INVALID_BUCKET: &str = "InvalidBucketState";

/// Interprets the `error` with which a conditional write of `key` was answered.
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
