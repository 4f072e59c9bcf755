//! Multipart uploads that were begun but not finished.

use aws_sdk_s3::config::Builder as ConfigBuilder;
use aws_sdk_s3::error::ProvideErrorMetadata;

use super::bucket::Bucket;
use super::modified;
use crate::backend::error::Result;
use crate::backend::objects::OpenUpload;
use crate::vocabulary::ObjectKey;

/// The upload no longer exists: completed, aborted, or removed by a lifecycle rule.
pub(super) const NO_SUCH_UPLOAD: &str = "NoSuchUpload";

/// The message about a listing that has no end.
const UNENDING: &str = "a page is not marked as the last, and does not say where the next begins";

/// Lists all open uploads of keys that start with `prefix`.
pub(super) async fn list(bucket: &Bucket, prefix: &str) -> Result<Vec<OpenUpload>> {
    let doing = format!("listing uploads under {prefix:?}");
    let call = bucket.call(&doing, "s3:ListBucketMultipartUploads");
    let mut uploads = Vec::new();
    // Where the last page ended: its key and upload id.
    let mut last: (Option<String>, Option<String>) = (None, None);
    loop {
        let page = bucket
            .client
            .list_multipart_uploads()
            .bucket(&bucket.name)
            .prefix(prefix)
            .set_key_marker(last.0.clone())
            .set_upload_id_marker(last.1.clone())
            .send()
            .await
            .map_err(|error| call.failed(&error))?;
        for upload in page.uploads() {
            let (Some(id), Some(key)) = (upload.upload_id(), upload.key()) else {
                return Err(call.other("an entry has no key or no id".to_owned()));
            };
            uploads.push(OpenUpload {
                id: id.to_owned(),
                key: ObjectKey::new(key),
                begun: modified(upload.initiated()),
            });
        }
        if page.is_truncated() != Some(true) {
            return Ok(uploads);
        }
        let next = (page.next_key_marker, page.next_upload_id_marker);
        if next.0.is_none() || next == last {
            return Err(call.other(UNENDING.to_owned()));
        }
        last = next;
    }
}

/// Removes what has been sent of an upload. If the upload is gone already, that is fine.
pub(super) async fn abort(bucket: &Bucket, key: &ObjectKey, id: &str) -> Result<()> {
    let timeouts = bucket.limits.for_multipart(0);
    let aborted = bucket
        .client
        .abort_multipart_upload()
        .bucket(&bucket.name)
        .key(key.as_str())
        .upload_id(id)
        .customize()
        .config_override(ConfigBuilder::default().timeout_config(timeouts))
        .send()
        .await;
    match aborted {
        Err(error) if error.code() != Some(NO_SUCH_UPLOAD) => {
            let doing = format!("aborting the upload of object {key}");
            let call = bucket.call(&doing, "s3:AbortMultipartUpload");
            Err(call.failed(&error))
        }
        _ => Ok(()),
    }
}
