//! Throttling that the SDK does not know.

use aws_sdk_s3::config::interceptors::InterceptorContext;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction};

/// Status of a server that gets too many requests (RFC 6585, 4). S3 itself answers 503; the SDK takes no other
/// server's word for it.
const TOO_MANY: u16 = 429;

/// Has the SDK send a request again that was answered so.
#[derive(Debug)]
pub(super) struct TooMany;

impl ClassifyRetry for TooMany {
    fn classify_retry(&self, request: &InterceptorContext) -> RetryAction {
        let status = request.response().map(|answer| answer.status().as_u16());
        if status == Some(TOO_MANY) {
            RetryAction::throttling_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "too many requests"
    }
}
