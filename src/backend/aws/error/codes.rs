//! The codes and wordings by which certain errors of AWS are recognised, and what to do about them.

/// What to do if no region is set.
pub(super) const NO_REGION: &str = "no AWS region is set: set aws.region in the profile, or AWS_REGION, or a \
                         region in the shared AWS configuration file";
pub(super) const SET_REGION: &str = "set aws.region of the profile, or AWS_REGION";

/// Codes with which AWS refuses the credentials themselves (S3 API reference, "Error responses";
/// Systems Manager API reference, "Common errors").
pub(super) const BAD_CREDENTIALS: &[&str] = &[
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
];

/// Codes with which AWS refuses a request that was signed at a time too far from its own.
pub(super) const WRONG_TIME: &[&str] = &["RequestExpired", "RequestTimeTooSkewed"];
/// How the message begins if the code is that of any bad signature.
pub(super) const WRONG_TIME_SAID: &[&str] = &["Signature expired", "Signature not yet current"];

/// What to do about them.
pub(super) const SET_CLOCK: &str = "set the clock of this machine, which is too far from that of AWS; timedatectl says whether it is synchronised";

/// Codes with which AWS refuses what was asked, whatever the HTTP status.
pub(super) const NOT_ALLOWED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "NotAuthorized",
    "OptInRequired",
    "UnauthorizedOperation",
];

/// The code of S3 for an object that is archived (`GLACIER`, `DEEP_ARCHIVE`), with status 403.
pub(super) const ARCHIVED: &str = "InvalidObjectState";
/// The code of S3 for a bucket that does not exist.
pub(super) const NO_BUCKET: &str = "NoSuchBucket";

/// Codes of a service that cannot do it now, whatever the HTTP status: S3 may answer 200 and then fail, and
/// SSM reports its limits as 400.
pub(super) const TRY_LATER: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TooManyUpdates",
];

/// What to do if the server does not know the header with the checksum of a body.
pub(super) const UNCHECKED: &str = "set AWS_REQUEST_CHECKSUM_CALCULATION=when_required, or request_checksum_calculation in the shared AWS configuration file: this store does not accept checksums";

/// How a refusal by KMS begins that names neither the action nor the key.
pub(super) const NOT_DECRYPTED: &str = "The ciphertext refers to a customer master key";
pub(super) const DECRYPT: &str = "kms:Decrypt";
/// What to do about it.
pub(super) const GRANT_DECRYPT: &str = "grant kms:Decrypt on the KMS key that it is encrypted with; if the key belongs to another account, in the policy of the key as well";

/// What to do about [`TRY_LATER`].
pub(super) const LATER: &str =
    "run it again later: the service answers, but is throttling or having trouble itself";

/// How a certificate is refused that none of the trusted ones has signed, even if one of them has the name of
/// its issuer.
const NOT_TRUSTED: [&str; 2] = [
    "invalid peer certificate: UnknownIssuer",
    "invalid peer certificate: BadSignature",
];
/// What to do about it.
const TRUST_ISSUER: &str = "make the system trust the issuer of the server's certificate, or of the proxy's that intercepts the connection (if it trusts nobody, install its package ca-certificates), or name a file with the issuer's certificate in AWS_CA_BUNDLE, or as ca_bundle in the shared AWS configuration file";
/// How any refusal of a certificate begins.
const NO_GOOD: &str = "invalid peer certificate: ";
/// What to do about the other reasons.
const CORRECT_CERTIFICATE: &str = "have the server's certificate renewed or corrected; the cause says what is wrong with it: it has to hold the name in endpoint_url, be valid by the clock of this machine, and not be an authority's (CA:FALSE)";

/// What to do if a server's certificate is refused with these words.
pub(super) fn of_certificate(text: &str) -> Option<&'static str> {
    if NOT_TRUSTED.iter().any(|said| text.contains(said)) {
        Some(TRUST_ISSUER)
    } else {
        text.contains(NO_GOOD).then_some(CORRECT_CERTIFICATE)
    }
}
