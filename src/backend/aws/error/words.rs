//! The words in which the SDK and the services put an error.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;

use super::{HttpResponse, bucket_region, status};
use crate::backend::error::chain;

/// Wrappers in the SDK's chain of causes that say nothing to an operator.
const NOISE: &[&str] = &[
    "client error (Connect)",
    "an error occurred while loading credentials",
    "dispatch failure",
    "failed to construct request",
    "io error",
    "other",
    "request has timed out",
    "response error",
    "service error",
    "timeout",
    "unhandled error",
];

/// The chain of causes on one line, without what only says that there is another cause.
pub(super) fn plain(error: &(dyn StdError + 'static)) -> String {
    let lines: Vec<String> = chain(error)
        .into_iter()
        .filter(|line| !NOISE.contains(&line.as_str()))
        .collect();
    if lines.is_empty() {
        error.to_string()
    } else {
        lines.join(": ")
    }
}

/// Where the chain of the SDK ends with an error, it is that of the last place it asked, mostly the
/// instance metadata of a machine that is no instance: said, but not as the main thing.
pub(super) fn credentials_text(error: &CredentialsError) -> String {
    let last = match error {
        CredentialsError::CredentialsNotLoaded(_) => String::new(),
        _ => format!(" (the last place asked said: {})", plain(error)),
    };
    format!(
        "no AWS credentials were found: set aws.profile in the profile, or AWS_PROFILE, or \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with: aws sso login{last}"
    )
}

pub(super) fn http_text(status: u16) -> String {
    format!("HTTP {status}")
}

/// What the service said: its message, code, HTTP status and the id that AWS support asks for.
pub(super) fn answer_text<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: StdError + ProvideErrorMetadata + 'static,
{
    let status = status(error);
    let message = error.message().unwrap_or_else(|| unexplained(status));
    let mut details: Vec<String> = error.code().map(str::to_owned).into_iter().collect();
    details.push(http_text(status));
    details.extend(error.request_id().map(|id| format!("request {id}")));
    let hint = bucket_region(error)
        .map(|region| format!("; the bucket is in region {region}"))
        .unwrap_or_default();
    format!("{message} ({}){hint}", details.join(", "))
}

/// What a status means where the answer has no body, as that to a HEAD.
const fn unexplained(status: u16) -> &'static str {
    match status {
        301 | 307 | 400 => "the bucket is elsewhere, or the request is malformed",
        401 | 403 => "refused without a reason",
        404 => "not found",
        501 => "the server does not implement this",
        500.. => "the server failed",
        _ => "no reason given",
    }
}
