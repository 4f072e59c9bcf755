//! Reading a part of a body.

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use bytes::Bytes;

use super::bucket::{Bucket, READ};
use crate::backend::aws::status;
use crate::backend::error::Result;
use crate::vocabulary::ObjectKey;

/// How often a range is requested if its body breaks off on the way. The SDK only repeats a request as long
/// as no answer has begun.
const ATTEMPTS: u32 = 3;

/// The message about a store that does not support ranges. Continuing with what it sends would never end.
const WHOLE: &str = "the store sends the whole body when asked for a part of it (Range)";

/// Reads up to `length` bytes of the body of `key` from `offset`; `None` if there is no such object. `length`
/// must not be 0.
pub(super) async fn read(
    bucket: &Bucket,
    key: &ObjectKey,
    offset: u64,
    length: u64,
) -> Result<Option<Bytes>> {
    let last = offset.saturating_add(length - 1);
    let doing = format!("reading object {key}");
    let call = bucket.call(&doing, READ);
    let mut attempt = 1;
    loop {
        let answer = bucket
            .client
            .get_object()
            .bucket(&bucket.name)
            .key(key.as_str())
            .range(format!("bytes={offset}-{last}"))
            .send()
            .await;
        let object = match answer {
            Ok(object) => object,
            // The range begins at or after the end of the body (RFC 9110, 15.5.17).
            Err(error) if status(&error) == 416 => return Ok(Some(Bytes::new())),
            Err(error) => {
                return match error.as_service_error() {
                    Some(cause) if cause.is_no_such_key() => Ok(None),
                    _ => Err(call.failed(&error)),
                };
            }
        };
        if !is_part(&object, offset, length) {
            return Err(call.other(WHOLE.to_owned()));
        }
        match object.body.collect().await {
            Ok(body) => return Ok(Some(body.into_bytes())),
            Err(error) if attempt == ATTEMPTS => {
                return Err(call.unavailable(format!("the body broke off: {error}")));
            }
            Err(error) => tracing::info!(%key, offset, %error, "a body broke off; asking again"),
        }
        attempt += 1;
    }
}

/// Whether the answer is the range that was requested. A body that lies entirely within the range may come as
/// if no range had been requested.
fn is_part(object: &GetObjectOutput, offset: u64, length: u64) -> bool {
    let bytes = object
        .content_length()
        .and_then(|all| u64::try_from(all).ok());
    object.content_range().is_some() || offset == 0 && bytes.is_some_and(|bytes| bytes <= length)
}
