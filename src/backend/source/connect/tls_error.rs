//! Why there is no TLS connection, and what to do about it.

use std::path::PathBuf;

use crate::backend::error::Cause;

/// Why there is no TLS connection. Each message says what is wrong in terms of the settings.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the server does not offer TLS, and sslmode {mode} demands it")]
    PlainServer { mode: &'static str },
    #[error("the server's certificate is for {presented}, not for {host}")]
    WrongHost { host: String, presented: String },
    #[error("the server's certificate is signed by an authority that is not among {roots}")]
    UnknownAuthority { roots: String },
    #[error("the server's certificate is not valid")]
    Certificate(#[source] rustls::Error),
    #[error("the server does not accept the client's certificate, or its absence")]
    ClientCertificate(#[source] rustls::Error),
    #[error("{option} {file} cannot be used: {why}")]
    File {
        option: &'static str,
        file: PathBuf,
        why: String,
    },
    #[error("the system has no trusted authorities: {0}")]
    NoSystemRoots(String),
    #[error("the TLS handshake failed")]
    Handshake(#[source] Cause),
}

impl TlsError {
    /// What the operator can do.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::PlainServer { .. } => {
                "turn TLS on at the server (ssl = on), or set source.sslmode to disable if the network in between may read and change everything"
            }
            Self::WrongHost { .. } => {
                "connect by a name that the certificate holds, or set source.sslmode to verify-ca if only the authority matters"
            }
            Self::UnknownAuthority { .. } => {
                "set source.sslrootcert to the file with the certificate of the server's authority"
            }
            Self::Certificate(_) => "renew or correct the server's certificate",
            Self::ClientCertificate(_) => {
                "set source.sslcert and source.sslkey to a certificate that the server's authority signed"
            }
            Self::File { .. } => "correct the setting, or the file and its permissions",
            Self::NoSystemRoots(_) => {
                "install the system's CA certificates, or set source.sslrootcert"
            }
            Self::Handshake(_) => {
                "read the cause; compare the server's ssl settings with source.sslmode"
            }
        }
    }
}
