//! TLS handshakes that failed: what was wrong with which certificate.

use std::error::Error as _;

use rustls::{AlertDescription, CertificateError};

use super::endpoint::{Endpoint, Host};
use super::failure::{find, refused};
use super::target::Target;
use super::tls;
use super::tls_error::TlsError;
use crate::backend::Error;

pub(super) fn tls_refusal(place: &str, error: TlsError) -> Error {
    refused(place, "connecting with TLS", error.remedy(), error)
}

// tokio-postgres keeps the kind of its errors private, so this one can only be told by its text. The test suite
// provokes it for real.
pub(super) fn is_of_handshake(error: &tokio_postgres::Error) -> bool {
    error.to_string() == "error performing TLS handshake"
}

/// Returns the TLS error behind a failed handshake, or the error itself if the network was the cause.
pub(super) fn handshake_error(
    target: &Target,
    endpoint: &Endpoint,
    error: tokio_postgres::Error,
) -> Result<TlsError, tokio_postgres::Error> {
    if error
        .source()
        .is_some_and(|cause| cause.to_string() == "server does not support TLS")
    {
        let mode = tls::mode_name(target.tls.mode(&endpoint.host));
        return Ok(TlsError::PlainServer { mode });
    }
    match find::<rustls::Error>(&error).cloned() {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            Ok(certificate_failure(target, endpoint, reason))
        }
        Some(alert) if is_about_client(&alert) => Ok(TlsError::ClientCertificate(alert)),
        None if find::<std::io::Error>(&error).is_some() => Err(error),
        _ => Ok(TlsError::Handshake(
            error
                .into_source()
                .unwrap_or_else(|| "no reason given".into()),
        )),
    }
}

fn certificate_failure(target: &Target, endpoint: &Endpoint, reason: CertificateError) -> TlsError {
    let host = || match &endpoint.host {
        Host::Name(name) | Host::Address { name, .. } => name.clone(),
        Host::Socket(folder) => folder.display().to_string(),
    };
    match reason {
        CertificateError::NotValidForNameContext { presented, .. } => TlsError::WrongHost {
            host: host(),
            presented: if presented.is_empty() {
                "no host at all (it has no subjectAltName)".to_owned()
            } else {
                names(&presented)
            },
        },
        CertificateError::NotValidForName => TlsError::WrongHost {
            host: host(),
            presented: "another name".to_owned(),
        },
        // If an authority has the same name but a different key, the signature does not fit. A self-signed
        // certificate that may sign others is its own, unknown authority.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            unknown_authority(target)
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            unknown_authority(target)
        }
        reason => TlsError::Certificate(rustls::Error::InvalidCertificate(reason)),
    }
}

/// The names of a certificate as one would write them. rustls reports them as `DnsName("db.example.com")` and
/// `IpAddress(10.0.0.1)`.
fn names(presented: &[String]) -> String {
    let plain = presented.iter().map(|name| {
        let inside = name
            .split_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')'));
        inside.unwrap_or(name).trim_matches('"')
    });
    plain.collect::<Vec<_>>().join(", ")
}

fn unknown_authority(target: &Target) -> TlsError {
    TlsError::UnknownAuthority {
        roots: target.tls.roots_name(),
    }
}

/// Whether the server complains about the client's certificate.
pub(super) const fn is_about_client(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::AlertReceived(
            AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::DecryptError
                | AlertDescription::CertificateRequired
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_a_certificate_are_shown_as_written() {
        let presented = ["DnsName(\"db.test\")", "IpAddress(10.0.0.1)", "plain"];
        assert_eq!(
            names(&presented.map(str::to_owned)),
            "db.test, 10.0.0.1, plain"
        );
    }
}
