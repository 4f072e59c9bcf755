//! The bucket that the store and its uploads share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpRequest;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use url::{Host, Url};

use crate::backend::aws::{Aws, Call, HttpResponse, Limits, status};
use crate::backend::error::{Error, Result, Service};
use crate::vocabulary::ObjectKey;

/// Reading needs both: without `s3:ListBucket`, S3 answers 403 for a key that does not exist (S3 API
/// reference, `HeadObject`).
pub(super) const READ: &str = "s3:GetObject and s3:ListBucket";

/// A bucket and the client that reaches it.
#[derive(Debug)]
pub(super) struct Bucket {
    pub client: Client,
    pub name: String,
    pub place: String,
    pub limits: Limits,
    /// The headers that its policy requires with each object.
    pub headers: Arc<BTreeMap<String, String>>,
    /// Whether every body is sent with a checksum.
    pub sends_checksums: bool,
    /// Whether the signature of a request covers its body, too.
    signs_bodies: AtomicBool,
    endpoint: Option<String>,
    missing_profile: Option<String>,
    partition: &'static str,
    confirmed: AtomicBool,
}

impl Bucket {
    /// The bucket of this name, as reached through `aws`. Nothing is sent.
    pub fn new(aws: &Aws, name: &str) -> Self {
        let (client, endpoint) = aws.s3();
        Self {
            client,
            name: name.to_owned(),
            place: format!("s3://{name}"),
            limits: aws.limits(),
            headers: Arc::default(),
            sends_checksums: aws.sends_checksums(),
            signs_bodies: AtomicBool::new(
                !(aws.sends_checksums() && endpoint.as_deref().is_none_or(protects_bodies)),
            ),
            endpoint,
            missing_profile: aws.missing_profile(),
            partition: aws.partition(),
            confirmed: AtomicBool::new(false),
        }
    }

    /// Describes a request: what is being done, and what IAM has to allow for it.
    pub fn call<'a>(&'a self, doing: &'a str, permission: &'a str) -> Call<'a> {
        tracing::trace!(place = self.place, doing, "S3");
        Call {
            service: Service::Objects,
            place: &self.place,
            endpoint: self.endpoint.as_deref(),
            missing_profile: self.missing_profile.as_deref(),
            partition: self.partition,
            doing,
            permission,
        }
    }

    /// Returns a closure that adds the headers required by the policy to a request that creates an object,
    /// before it is signed.
    pub fn says_headers(&self) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
        let headers = Arc::clone(&self.headers);
        move |request| {
            for (name, value) in headers.iter() {
                let said = request
                    .headers_mut()
                    .try_insert(name.clone(), value.clone());
                if let Err(error) = said {
                    tracing::warn!(name, %error, "a header cannot be sent");
                }
            }
        }
    }

    /// Sends a body with `sending`, which is told whether the signature has to cover it.
    ///
    /// The policy of a bucket may refuse unsigned bodies (S3 API reference, "Bucket policy examples using
    /// Signature Version 4 condition keys", `s3:x-amz-content-sha256`), and so do some servers. A body that
    /// may have been refused for that reason is sent once more, signed; if it was the reason, all later
    /// bodies are signed, too.
    pub async fn send_body<T, E, F>(
        &self,
        sending: impl Fn(bool) -> F + Send + Sync,
    ) -> std::result::Result<T, SdkError<E, HttpResponse>>
    where
        T: Send,
        E: ProvideErrorMetadata + Send,
        F: Future<Output = std::result::Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        let signed = self.signs_bodies.load(Ordering::Relaxed);
        match sending(signed).await {
            Err(error) if !signed && may_want_signature(&error) => {
                let sent = sending(true).await;
                if sent
                    .as_ref()
                    .err()
                    .is_none_or(|error| !may_want_signature(error))
                {
                    self.signs_bodies.store(true, Ordering::Relaxed);
                }
                sent
            }
            sent => sent,
        }
    }

    /// Makes sure, once, that the bucket exists, after a HEAD of `key` was answered with 404.
    ///
    /// The answer to a HEAD has no body, so 404 looks the same for a key that does not exist, for a bucket
    /// that does not, and from any web server that the endpoint points to by mistake. A listing tells them
    /// apart, and needs no permission that reading does not need anyway. It lists only this one key, because
    /// a policy may allow listing only the folders of the profile.
    pub async fn confirm(&self, key: &ObjectKey) -> Result<()> {
        if self.confirmed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let doing = format!("looking for bucket {}", self.name);
        self.client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(key.as_str())
            .max_keys(1)
            .send()
            .await
            .map_err(|error| self.call(&doing, "s3:ListBucket").failed(&error))?;
        self.confirmed.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Interprets an `error` other than 404 in answer to a HEAD of `key`.
    ///
    /// That answer has no body, and so no error code: an expired token is a bare 400, and a clock that is
    /// wrong is a bare 403, just like a missing permission. A listing of this one key is refused for the same
    /// reason, and names it. If the listing is not refused, the 403 stands: there is no telling whether the
    /// key exists.
    pub async fn unanswered(
        &self,
        key: &ObjectKey,
        error: &SdkError<HeadObjectError, HttpResponse>,
    ) -> Error {
        let doing = format!("looking for object {key}");
        let call = self.call(&doing, READ);
        if !matches!(status(error), 400 | 403) || error.code().is_some() {
            return call.failed(error);
        }
        let listed = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .prefix(key.as_str())
            .max_keys(1)
            .send()
            .await;
        match listed {
            Err(reason) if reason.code().is_some() => of_reading(call.failed(&reason)),
            _ => call.failed(error),
        }
    }
}

/// Corrects the permission in the error of a listing that is not allowed, which names only its own. The HEAD
/// may lack the other one as well.
fn of_reading(error: Error) -> Error {
    match error {
        Error::Denied {
            service,
            place,
            doing,
            permission,
            cause,
        } if READ.contains(&permission) => Error::Denied {
            service,
            place,
            doing,
            permission: READ.to_owned(),
            cause,
        },
        other => other,
    }
}

/// Whether a body may have been refused because its signature does not cover it. S3 does not say so: it
/// answers that access is denied.
fn may_want_signature<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    let code = error.code().unwrap_or_default();
    status(error) == 403 && code == "AccessDenied"
        || matches!(code, "InvalidDigest" | "XAmzContentSHA256Mismatch")
}

/// Whether nobody can change a body on its way to this endpoint, because it is encrypted or does not leave
/// the machine. If a checksum goes with it, which reveals accidental damage, S3 accepts it unsigned (S3 API
/// reference, "Authenticating Requests", `UNSIGNED-PAYLOAD`), and there is no need for the SHA-256 of every
/// body, which is a fifth of the cost of an upload.
fn protects_bodies(endpoint: &str) -> bool {
    let Ok(url) = Url::parse(endpoint) else {
        return false;
    };
    let stays = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    stays || url.scheme() == "https"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_signed_where_somebody_could_change_it_on_its_way() {
        for safe in [
            "https://s3.example.com",
            "http://127.0.0.1:4566",
            "http://localhost:9000",
            "http://[::1]:9000",
        ] {
            assert!(protects_bodies(safe), "{safe}");
        }
        for open in ["http://minio:9000", "http://10.0.0.7:9000", "minio"] {
            assert!(!protects_bodies(open), "{open}");
        }
    }
}
