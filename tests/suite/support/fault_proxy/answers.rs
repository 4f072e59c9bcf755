//! The answers that the proxy makes up, without asking the store.

use bytes::Bytes;
use hyper::StatusCode;

use super::operation::Operation;
use super::script::Refusal;
use super::wire::Answer;

impl Refusal {
    const fn status(self, operation: Operation) -> StatusCode {
        match self {
            Self::Conflict => StatusCode::CONFLICT,
            Self::SlowDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Throttled => StatusCode::BAD_REQUEST,
            Self::Denied if operation.is_of_ssm() => StatusCode::BAD_REQUEST,
            Self::Denied | Self::KeyDenied => StatusCode::FORBIDDEN,
        }
    }

    const fn code(self, operation: Operation) -> &'static str {
        match self {
            Self::Conflict => "ConditionalRequestConflict",
            Self::SlowDown if operation.is_of_ssm() => "ServiceUnavailable",
            Self::SlowDown => "SlowDown",
            Self::Internal if operation.is_of_ssm() => "InternalServerError",
            Self::Internal => "InternalError",
            Self::Throttled => "ThrottlingException",
            Self::Denied if operation.is_of_ssm() => "AccessDeniedException",
            Self::Denied | Self::KeyDenied => "AccessDenied",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::KeyDenied => {
                "User: arn:aws:iam::1:user/ada is not authorized to perform: kms:Decrypt on resource: \
                 arn:aws:kms:eu-west-2:1:key/k because no identity-based policy allows it"
            }
            _ => "injected",
        }
    }

    /// The answer to a request of `operation`.
    pub fn answer(self, operation: Operation) -> Answer {
        error(
            operation,
            self.status(operation),
            self.code(operation),
            self.message(),
        )
    }
}

/// An error in the form of the service that `operation` belongs to.
pub fn error(operation: Operation, status: StatusCode, code: &str, message: &str) -> Answer {
    let (kind, body) = if operation.is_of_ssm() {
        let body = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
        ("application/x-amz-json-1.1", body)
    } else {
        let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        ("application/xml", body)
    };
    // The answer to a HEAD has no body.
    let body = match operation {
        Operation::HeadObject => Bytes::new(),
        _ => Bytes::from(body),
    };
    Answer::new(status, kind, body)
}
