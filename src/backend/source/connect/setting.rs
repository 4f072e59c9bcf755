//! What is wrong with the settings of a connection.

use std::path::PathBuf;

use super::options::OptionsError;
use super::service::ServiceError;

/// A setting of `source.url`, of the profile or of a variable that cannot be used. None of the texts
/// contains a value that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    #[error("source.url: {0}")]
    Url(OptionsError),

    #[error(transparent)]
    Service(#[from] ServiceError),

    #[error("source.url names no user, and the system's user has no name")]
    NoUser,

    #[error("the connection option {option} (source.url or its variable) has to be {wanted}")]
    Unusable {
        option: &'static str,
        wanted: &'static str,
    },

    #[error(
        "{variable} is set, but highwater does not support what it demands of a connection: unset it"
    )]
    Promise { variable: &'static str },

    #[error("sslnegotiation direct needs sslmode require, verify-ca or verify-full")]
    TooWeakForDirect,

    // libpq refuses it too: anybody can have a certificate of a public authority.
    #[error("sslmode {mode} is too weak for sslrootcert = \"system\": use verify-full")]
    TooWeakForSystem { mode: &'static str },

    /// A client's certificate without its key, or the other way round.
    #[error(
        "{given} is {}, and there is no {missing}: a client's certificate and its key go together (source.{missing}, {missing} in source.url, or PG{})",
        .file.display(),
        .missing.to_uppercase()
    )]
    Alone {
        given: &'static str,
        file: PathBuf,
        missing: &'static str,
    },
}

impl SettingError {
    /// An option whose value is not one of those wanted.
    pub(super) const fn unusable(option: &'static str, wanted: &'static str) -> Self {
        Self::Unusable { option, wanted }
    }
}
