//! Credentials that AWS no longer accepts are looked for again.
//!
//! Those of a `credential_process` may come without the time at which they end, and any may be revoked before that.
//! They would be used until the next look for credentials, a quarter of an hour later at worst; an upload of an hour
//! would fail in the middle although there are new ones.

use aws_sdk_s3::config::interceptors::InterceptorContext;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction};
use aws_smithy_types::retry::ErrorKind;

use super::credentials::Renewed;

/// Codes with which a service says that a session is over.
const OVER: &[&str] = &["ExpiredToken", "TokenRefreshRequired"];

/// Makes the SDK retry a request whose credentials were rejected, once there may be others.
#[derive(Debug)]
pub(super) struct Rejected(pub Renewed);

impl ClassifyRetry for Rejected {
    fn classify_retry(&self, request: &InterceptorContext) -> RetryAction {
        let answer = request.response();
        let is_over = answer.is_some_and(|answer| {
            let status = answer.status().as_u16();
            matches!(status, 400 | 403)
                && answer
                    .body()
                    .bytes()
                    .is_some_and(|body| says_over(status, body))
        });
        if is_over && self.0.reject() {
            RetryAction::retryable_error(ErrorKind::TransientError)
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "rejected credentials"
    }
}

/// Whether this body says so. The answer to a HEAD has none: S3 says it with a bare 400.
fn says_over(status: u16, body: &[u8]) -> bool {
    if body.is_empty() {
        return status == 400;
    }
    let body = String::from_utf8_lossy(body);
    OVER.iter().any(|code| body.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_is_over_is_told_from_any_other_refusal() {
        for (status, body, is_over) in [
            (
                400,
                r#"{"__type":"ExpiredTokenException","message":"expired"}"#,
                true,
            ),
            (400, "<Error><Code>ExpiredToken</Code></Error>", true),
            (400, "", true),
            (403, "", false),
            (403, "<Error><Code>AccessDenied</Code></Error>", false),
            (400, r#"{"__type":"ThrottlingException"}"#, false),
        ] {
            assert_eq!(
                says_over(status, body.as_bytes()),
                is_over,
                "{status} {body}"
            );
        }
    }
}
