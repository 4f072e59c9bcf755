//! Checking the server's certificate.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::tls_error::TlsError;

/// What is checked about the server's certificate.
pub enum Trust {
    /// Only that the server has the key of its certificate.
    Anybody,
    /// That one of these authorities signed the certificate.
    Authorities(Vec<CertificateDer<'static>>),
    /// That one of these authorities signed the certificate, and that it contains the name of the
    /// host.
    AuthoritiesAndName(Vec<CertificateDer<'static>>),
}

/// Returns the operating system's authorities.
pub fn system_roots() -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let loaded = rustls_native_certs::load_native_certs();
    if loaded.certs.is_empty() {
        let errors: Vec<_> = loaded.errors.iter().map(ToString::to_string).collect();
        return Err(TlsError::NoSystemRoots(errors.join("; ")));
    }
    Ok(loaded.certs)
}

/// Returns the verifier for `trust`.
pub fn verifier(
    trust: Trust,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let (anchors, name) = match trust {
        Trust::Anybody => {
            return Ok(Arc::new(Verifier {
                chain: None,
                anchors: Vec::new(),
                name: false,
                provider,
            }));
        }
        Trust::Authorities(anchors) => (anchors, false),
        Trust::AuthoritiesAndName(anchors) => (anchors, true),
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(anchors.iter().cloned());
    let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| TlsError::Handshake(error.into()))?;
    Ok(Arc::new(Verifier {
        chain: Some(chain),
        anchors,
        name,
        provider,
    }))
}

/// Adapts the usual checks to libpq's modes.
#[derive(Debug)]
struct Verifier {
    /// Checks signatures, validity and name; `None` if anybody is trusted.
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// The trust anchors as given.
    anchors: Vec<CertificateDer<'static>>,
    /// Whether the name of the host is checked.
    name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        // PostgreSQL's documentation (19.9.5) has small sites hand out the server's self-signed
        // certificate as root.crt. It is trusted as it is; webpki would refuse an authority in the
        // place of a server.
        if self
            .anchors
            .iter()
            .any(|anchor| anchor.as_ref() == certificate.as_ref())
        {
            if self.name {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, host)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match chain.verify_server_cert(certificate, intermediates, host, ocsp, now) {
            // The name is checked last: everything else is in order.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
