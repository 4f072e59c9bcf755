//! How the SDK and the services word an error.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;

use super::{HttpResponse, bucket_region, status};
use crate::backend::error::chain;

/// Wrappers in the SDK's chain of causes that tell an operator nothing.
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

/// The chain of causes on one line, without links that only say that there is another cause.
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

/// Words in the error for a profile that gets its credentials from `aws login`, and in the answer to a
/// request for the credentials of a role.
const ONLY_BY_CLI: [&str; 2] = ["credentials-login", "sts:AssumeRole"];
/// What to do about it: the SDK supports neither sessions of `aws login` nor MFA codes.
const BY_CLI: &str = "use the credentials of the AWS CLI, which knows aws login sessions and asks for MFA codes: eval \"$(aws configure export-credentials --profile NAME --format env)\", with AWS_PROFILE unset and aws.profile left out; or have sts:AssumeRole allowed";

/// Why there are no credentials, and what helps if the cause is a special one.
///
/// If the SDK's chain ends with an error, it comes from the place that should have had credentials. The
/// instance metadata of a machine that is not an instance should not have had any: its error is mentioned,
/// but not as the main thing.
pub(super) fn credentials_text(error: &CredentialsError) -> (String, Option<&'static str>) {
    const NONE: &str = "no AWS credentials were found: set aws.profile in the profile, or AWS_PROFILE, or \
                        AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with: aws sso login";
    if let CredentialsError::CredentialsNotLoaded(_) = error {
        return (NONE.to_owned(), None);
    }
    let said = plain(error);
    if said.contains("IMDS") {
        return (format!("{NONE} (the last source tried said: {said})"), None);
    }
    let known = ONLY_BY_CLI.iter().any(|word| said.contains(word));
    let text = format!("AWS credentials could not be obtained: {said}");
    (text, known.then_some(BY_CLI))
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

/// What a status means if the response has no body, as for a HEAD.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_should_be_there_are_not_said_to_be_nowhere() {
        let (text, remedy) = credentials_text(&CredentialsError::not_loaded_no_source());
        assert!(text.starts_with("no AWS credentials were found"), "{text}");
        assert_eq!(remedy, None);
        for (said, is_special) in [
            ("the SSO token has expired", false),
            (
                "User: arn:aws:iam::1:user/ada is not authorized to perform: sts:AssumeRole",
                true,
            ),
            ("the `credentials-login` feature must be enabled", true),
        ] {
            let (text, remedy) = credentials_text(&CredentialsError::provider_error(said));
            assert!(
                text.starts_with("AWS credentials could not be obtained"),
                "{text}"
            );
            assert!(text.contains(said), "{text}");
            assert_eq!(remedy.is_some(), is_special, "{said}");
        }
    }
}
