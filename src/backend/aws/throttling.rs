//! Throttling that the SDK does not recognise.

use aws_sdk_s3::config::interceptors::InterceptorContext;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction};

/// The status with which a server says that there are too many requests (RFC 6585, 4). S3 itself answers 503,
/// so the SDK does not treat this status as throttling.
const TOO_MANY: u16 = 429;

/// Makes the SDK retry a request that was answered with this status.
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
