//! What an error of the AWS SDK means to an operator.
//!
//! | what the SDK reports | error |
//! |---|---|
//! | no connection, no answer in time, 5xx, throttling that outlasted the retries | `Unavailable` |
//! | no credentials, or ones that are wrong or expired | `Denied`, needing AWS credentials |
//! | a signature from a different time | `Refused`: the clock of this machine is wrong |
//! | 403, or a code that means it | `Denied`, needing the permission of the call |
//! | anything else | `Failed` |

mod codes;
mod refusal;
mod words;

use std::error::Error as StdError;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::backend::error::{Error, Service};

use codes::{
    ARCHIVED, BAD_CREDENTIALS, DECRYPT, GRANT_DECRYPT, LATER, NO_BUCKET, NO_REGION, NOT_ALLOWED,
    NOT_DECRYPTED, SET_CLOCK, SET_REGION, TRY_LATER, UNCHECKED, WRONG_TIME, WRONG_TIME_SAID,
    of_certificate,
};
use refusal::Refusal;
use words::{answer_text, credentials_text, http_text, plain};

pub use aws_sdk_s3::config::http::HttpResponse;

/// What is needed if the credentials themselves are at fault, not what they allow.
pub const CREDENTIALS: &str = "valid AWS credentials";

/// The partition of most regions.
pub const PARTITION: &str = "aws";

/// Why a request to AWS failed, as one sentence.
#[derive(Debug)]
pub struct AwsCause {
    text: String,
    /// What would put this particular cause right, if that is known.
    pub remedy: Option<String>,
    /// What the missing permission has to be for, if it is not what the call is about: the ARN of a KMS key.
    pub resource: Option<String>,
    /// The partition of the region, which the names of resources begin with after `arn:`.
    pub partition: &'static str,
}

impl AwsCause {
    const fn new(text: String) -> Self {
        Self {
            text,
            remedy: None,
            resource: None,
            partition: PARTITION,
        }
    }

    /// A refusal, for tests of how it is reported.
    #[cfg(test)]
    pub fn refusal(text: &str, resource: Option<&str>, partition: &'static str) -> Self {
        Self {
            resource: resource.map(str::to_owned),
            partition,
            ..Self::new(text.to_owned())
        }
    }

    fn remedied_by(text: String, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..Self::new(text)
        }
    }
}

impl fmt::Display for AwsCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for AwsCause {}

/// A request in progress, for the text of its error.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub service: Service,
    pub place: &'a str,
    /// The configured endpoint; `None` means Amazon's own.
    pub endpoint: Option<&'a str>,
    /// A profile of the shared files that was asked for and does not exist.
    pub missing_profile: Option<&'a str>,
    /// The partition of the region, for the names of resources.
    pub partition: &'static str,
    /// What is being done, with its name.
    pub doing: &'a str,
    /// What IAM has to allow for it.
    pub permission: &'a str,
}

impl Call<'_> {
    /// What `error` means for this call.
    pub fn failed<E>(self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: StdError + ProvideErrorMetadata + 'static,
    {
        if let Some(credentials) = find::<CredentialsError>(error) {
            return self.denied(CREDENTIALS, self.without_credentials(credentials));
        }
        if lacks_region(error) {
            let cause = AwsCause::remedied_by(NO_REGION.to_owned(), SET_REGION);
            return self.failing(cause);
        }
        match error {
            SdkError::ServiceError(_) => self.answered(error),
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => {
                let text = plain(error);
                let remedy = of_certificate(&text).map(str::to_owned);
                self.out_of_reach(AwsCause {
                    remedy,
                    ..AwsCause::new(self.at_endpoint(&text))
                })
            }
            SdkError::ResponseError(_) if is_fault(status(error)) => {
                self.unavailable(self.at_endpoint(&http_text(status(error))))
            }
            SdkError::ResponseError(_) if find::<std::io::Error>(error).is_some() => {
                self.unavailable(self.at_endpoint(&plain(error)))
            }
            SdkError::ResponseError(_) => self.other(self.at_endpoint(&format!(
                "the answer ({}) is not from AWS, so this is the wrong endpoint: {}",
                http_text(status(error)),
                plain(error)
            ))),
            _ => self.other(plain(error)),
        }
    }

    /// The service answered, with an error of its own.
    fn answered<E>(self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: StdError + ProvideErrorMetadata + 'static,
    {
        let text = self.answer(error);
        let status = status(error);
        let one_of = |codes: &[&str]| error.code().is_some_and(|code| codes.contains(&code));
        let message = error.message().unwrap_or_default();
        if one_of(WRONG_TIME) || WRONG_TIME_SAID.iter().any(|said| message.starts_with(said)) {
            self.untimely(text)
        } else if one_of(BAD_CREDENTIALS) {
            self.denied(CREDENTIALS, AwsCause::new(text))
        } else if error.code() == Some(ARCHIVED) {
            let remedy = "restore it from its archive, with aws s3api restore-object for example";
            self.failing(AwsCause::remedied_by(text, remedy.to_owned()))
        } else if one_of(NOT_ALLOWED) || matches!(status, 401 | 403) {
            self.not_allowed(message, text)
        } else if one_of(TRY_LATER) || status == 429 || is_fault(status) {
            self.throttled(text)
        } else if refuses_checksums(error) {
            self.failing(AwsCause::remedied_by(text, UNCHECKED))
        } else if let Some(region) = bucket_region(error) {
            let remedy = format!(
                "set objects.region of the profile to \"{region}\", or aws.region if its parameters are there, too"
            );
            self.failing(AwsCause::remedied_by(text, remedy))
        } else if error.code() == Some(NO_BUCKET) {
            let bucket = self.place.trim_start_matches("s3://");
            let remedy =
                format!("correct objects.bucket of the profile, or create bucket {bucket}");
            self.failing(AwsCause::remedied_by(text, remedy))
        } else {
            self.other(text)
        }
    }

    /// The service refused the request, with this message and more.
    ///
    /// Usually the message says what is missing. That may be an action of another service, the use of the key
    /// that an object or a parameter is encrypted with: it is then needed for the resource that the message
    /// names. An action that the call itself needs is needed for everything that the profile covers, not just
    /// for what happened to be refused first.
    fn not_allowed(self, message: &str, text: String) -> Error {
        if message.starts_with(NOT_DECRYPTED) {
            return self.denied(DECRYPT, AwsCause::remedied_by(text, GRANT_DECRYPT));
        }
        let cause = AwsCause::new(text);
        let Some(refusal) = Refusal::read(message) else {
            return self.denied(self.permission, cause);
        };
        let mut own = self.permission.split(" and ");
        let resource = (!own.any(|action| action == refusal.action)).then_some(refusal.resource);
        let resource = resource.flatten().map(str::to_owned);
        let remedy = refusal.remedy();
        let cause = AwsCause {
            remedy,
            resource,
            ..cause
        };
        self.denied(refusal.action, cause)
    }

    /// The service's answer in one line.
    pub fn answer<E>(self, error: &SdkError<E, HttpResponse>) -> String
    where
        E: StdError + ProvideErrorMetadata + 'static,
    {
        self.at_endpoint(&answer_text(error))
    }

    /// The service could not be reached, or could not do it now.
    pub fn unavailable(self, cause: String) -> Error {
        self.out_of_reach(AwsCause::new(cause))
    }

    /// The service answers, but cannot do it now.
    pub fn throttled(self, cause: String) -> Error {
        self.out_of_reach(AwsCause::remedied_by(cause, LATER.to_owned()))
    }

    /// The service's answer is neither a refusal nor a passing fault, and it is known what puts it right.
    pub fn remedied(self, cause: String, remedy: impl Into<String>) -> Error {
        self.failing(AwsCause::remedied_by(cause, remedy))
    }

    fn out_of_reach(self, cause: AwsCause) -> Error {
        Error::Unavailable {
            service: self.service,
            place: self.place.to_owned(),
            doing: self.doing.to_owned(),
            cause: Box::new(cause),
        }
    }

    /// The service's answer is neither a refusal nor a passing fault.
    pub fn other(self, cause: String) -> Error {
        self.failing(AwsCause::new(cause))
    }

    fn failing(self, cause: AwsCause) -> Error {
        Error::Failed {
            service: self.service,
            place: self.place.to_owned(),
            doing: self.doing.to_owned(),
            cause: Box::new(cause),
        }
    }

    /// Why there are no credentials.
    fn without_credentials(self, error: &CredentialsError) -> AwsCause {
        let Some(name) = self.missing_profile else {
            let (text, remedy) = credentials_text(error);
            return AwsCause {
                remedy: remedy.map(str::to_owned),
                ..AwsCause::new(text)
            };
        };
        AwsCause::remedied_by(
            format!("there is no profile {name} in the shared AWS configuration files"),
            "correct aws.profile of the profile, or AWS_PROFILE",
        )
    }

    fn denied(self, permission: &str, cause: AwsCause) -> Error {
        Error::Denied {
            service: self.service,
            place: self.place.to_owned(),
            doing: self.doing.to_owned(),
            permission: permission.to_owned(),
            cause: Box::new(AwsCause {
                partition: self.partition,
                ..cause
            }),
        }
    }

    fn untimely(self, cause: String) -> Error {
        Error::Refused {
            service: self.service,
            place: self.place.to_owned(),
            doing: self.doing.to_owned(),
            remedy: SET_CLOCK.to_owned(),
            cause: Box::new(AwsCause::new(cause)),
        }
    }

    fn at_endpoint(self, text: &str) -> String {
        self.endpoint
            .map_or_else(|| text.to_owned(), |endpoint| format!("{endpoint}: {text}"))
    }
}

/// HTTP status of the response; 0 if there was none.
pub fn status<E>(error: &SdkError<E, HttpResponse>) -> u16 {
    error
        .raw_response()
        .map_or(0, |response| response.status().as_u16())
}

/// Whether a server does not know the checksum that is sent with a body. Some answer that they do not
/// implement it, others (Backblaze B2) that its header is an argument they do not support.
pub fn refuses_checksums<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let message = error.message().unwrap_or_default();
    let is_refused = match status(error) {
        501 => true,
        400 => message.contains("nsupported"),
        _ => false,
    };
    is_refused && message.contains("checksum")
}

/// A fault on the side of the service. 501 is not one: it says that the service cannot do it at all.
const fn is_fault(status: u16) -> bool {
    status >= 500 && status != 501
}

/// The first cause of type `T`.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Whether the request was never sent for lack of a region. The SDK has no type for this: S3 reports it when
/// it looks up its endpoint, SSM when it signs.
fn lacks_region<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: StdError + 'static,
{
    let text = plain(error).to_lowercase();
    error.raw_response().is_none()
        && [
            "missing region",
            "missing signing region",
            "region must be set",
        ]
        .iter()
        .any(|said| text.contains(said))
}

/// The region in which S3 says the bucket is, if it was looked for in the wrong one.
fn bucket_region<E>(error: &SdkError<E, HttpResponse>) -> Option<&str> {
    matches!(status(error), 301 | 307 | 400)
        .then(|| error.raw_response()?.headers().get("x-amz-bucket-region"))
        .flatten()
}
