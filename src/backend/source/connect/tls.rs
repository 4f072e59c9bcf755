//! TLS to the server, as requested by `sslmode` (PostgreSQL documentation, 34.19).
//!
//! The default differs from libpq's, which is `prefer`: it protects against nobody who can answer in the
//! server's place. Here it is `verify-full` for every host other than this machine. The trust anchors are
//! `sslrootcert`, otherwise `~/.postgresql/root.crt`, otherwise those of the system (`sslrootcert=system`
//! requests these explicitly).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_postgres::config::{SslMode as Wire, SslNegotiation};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::endpoint::Host;
use super::environment::Environment;
use super::setting::SettingError;
use super::tls_error::TlsError;
use super::trust::{self, Trust};
use crate::config::SslMode;

/// Returns the mode with this name, in libpq's spelling.
#[must_use]
pub fn mode_named(name: &str) -> Option<SslMode> {
    Some(match name {
        "disable" => SslMode::Disable,
        "allow" => SslMode::Allow,
        "prefer" => SslMode::Prefer,
        "require" => SslMode::Require,
        "verify-ca" => SslMode::VerifyCa,
        "verify-full" => SslMode::VerifyFull,
        _ => return None,
    })
}

/// libpq's name for a mode.
#[must_use]
pub const fn mode_name(mode: SslMode) -> &'static str {
    match mode {
        SslMode::Disable => "disable",
        SslMode::Allow => "allow",
        SslMode::Prefer => "prefer",
        SslMode::Require => "require",
        SslMode::VerifyCa => "verify-ca",
        SslMode::VerifyFull => "verify-full",
    }
}

/// Which authorities are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// The operating system's authorities.
    System,
    /// The certificates in a PEM file.
    File(PathBuf),
}

/// The TLS settings, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// The mode that was requested; `None` for the default, which depends on the host.
    mode: Option<SslMode>,
    roots: Roots,
    /// Certificate and key of the client.
    client: Option<(PathBuf, PathBuf)>,
}

/// One way to try a connection.
#[derive(Clone)]
pub enum Transport {
    Plain,
    Tls {
        connect: MakeRustlsConnect,
        mode: Wire,
    },
}

impl TlsSettings {
    pub(super) fn resolve(
        mode: Option<SslMode>,
        root: Option<PathBuf>,
        certificate: Option<PathBuf>,
        key: Option<PathBuf>,
        environment: &Environment,
    ) -> Result<Self, SettingError> {
        let system = root.as_deref() == Some(Path::new("system"));
        let weak = mode.filter(|mode| *mode != SslMode::VerifyFull);
        if let (true, Some(weak)) = (system, weak) {
            let mode = mode_name(weak);
            return Err(SettingError::TooWeakForSystem { mode });
        }
        let default_root = || environment.default_file("root.crt");
        let client = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(certificate), None) => return Err(alone("sslcert", certificate, "sslkey")),
            (None, Some(key)) => return Err(alone("sslkey", key, "sslcert")),
            (None, None) => environment
                .default_file("postgresql.crt")
                .zip(environment.default_file("postgresql.key")),
        };
        Ok(Self {
            mode: mode.or_else(|| system.then_some(SslMode::VerifyFull)),
            roots: root
                .filter(|_| !system)
                .or_else(|| if system { None } else { default_root() })
                .map_or(Roots::System, Roots::File),
            client,
        })
    }

    /// Returns the mode for `host`. A socket has no TLS, whatever the mode, as in libpq.
    #[must_use]
    pub fn mode(&self, host: &Host) -> SslMode {
        match (host, self.mode) {
            (Host::Socket(_), _) => SslMode::Disable,
            (_, Some(mode)) => mode,
            (host, None) if host.is_local() => SslMode::Prefer,
            (_, None) => SslMode::VerifyFull,
        }
    }

    /// Returns the transports to try for `host`, the preferred one first. Only `allow` and `prefer` have
    /// two.
    ///
    /// # Errors
    ///
    /// [`TlsError::File`] and [`TlsError::NoSystemRoots`] if certificates cannot be used.
    pub fn transports(
        &self,
        host: &Host,
        negotiation: SslNegotiation,
    ) -> Result<Vec<Transport>, TlsError> {
        let mode = self.mode(host);
        let encrypted = |wire| self.encrypted(mode, wire, negotiation);
        Ok(match mode {
            SslMode::Disable => vec![Transport::Plain],
            SslMode::Allow => vec![Transport::Plain, encrypted(Wire::Require)?],
            SslMode::Prefer => vec![encrypted(Wire::Prefer)?, Transport::Plain],
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                vec![encrypted(Wire::Require)?]
            }
        })
    }

    /// What the trust anchors are called in errors.
    #[must_use]
    pub fn roots_name(&self) -> String {
        match &self.roots {
            Roots::System => "the system's trusted authorities".to_owned(),
            Roots::File(file) => format!("those in {}", file.display()),
        }
    }

    fn encrypted(
        &self,
        mode: SslMode,
        wire: Wire,
        negotiation: SslNegotiation,
    ) -> Result<Transport, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Handshake(error.into()))?
            .dangerous()
            .with_custom_certificate_verifier(trust::verifier(self.trust(mode)?, provider)?);
        let mut config = match &self.client {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => builder
                .with_client_auth_cert(certificates("sslcert", certificate)?, private_key(key)?)
                .map_err(|error| unusable("sslkey", key, &error))?,
        };
        if negotiation == SslNegotiation::Direct {
            // Without it, the server would not know which protocol is meant (PostgreSQL documentation,
            // 55.2.11).
            config.alpn_protocols = vec![b"postgresql".to_vec()];
        }
        let connect = MakeRustlsConnect::new(config);
        Ok(Transport::Tls {
            connect,
            mode: wire,
        })
    }

    /// Determines what to check about the server. `require` checks the authority if there is a root file:
    /// libpq's rule, for the sake of old configurations. Public authorities sign for everybody, so without
    /// the host name they would prove nothing.
    fn trust(&self, mode: SslMode) -> Result<Trust, TlsError> {
        Ok(match (mode, &self.roots) {
            (SslMode::Disable | SslMode::Allow | SslMode::Prefer, _)
            | (SslMode::Require, Roots::System) => Trust::Anybody,
            (SslMode::Require | SslMode::VerifyCa, Roots::File(file)) => {
                Trust::Authorities(certificates("sslrootcert", file)?)
            }
            (SslMode::VerifyFull, Roots::File(file)) => {
                Trust::AuthoritiesAndName(certificates("sslrootcert", file)?)
            }
            (SslMode::VerifyCa | SslMode::VerifyFull, Roots::System) => {
                Trust::AuthoritiesAndName(trust::system_roots()?)
            }
        })
    }
}

fn certificates(
    option: &'static str,
    file: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let list: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(option, file, &error))?;
    if list.is_empty() {
        return Err(unusable(
            option,
            file,
            &"it holds no certificate in PEM form",
        ));
    }
    Ok(list)
}

/// Reads the client's key: PKCS#8, PKCS#1 or SEC 1, not encrypted, and not readable by others.
fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let metadata = std::fs::metadata(file).map_err(|error| unusable("sslkey", file, &error))?;
    // libpq's rule: a key owned by root may be readable by its group.
    let allowed = if metadata.uid() == 0 { 0o740 } else { 0o700 };
    if metadata.permissions().mode() & 0o777 & !allowed != 0 {
        return Err(unusable(
            "sslkey",
            file,
            &"others may read it; its permissions should be 0600 or less",
        ));
    }
    PrivateKeyDer::from_pem_file(file).map_err(|error| match error {
        rustls::pki_types::pem::Error::NoItemsFound => unusable(
            "sslkey",
            file,
            &"it holds no private key in PEM form, or an encrypted one, which is not supported",
        ),
        error => unusable("sslkey", file, &error),
    })
}

const fn alone(given: &'static str, file: PathBuf, missing: &'static str) -> SettingError {
    SettingError::Alone {
        given,
        file,
        missing,
    }
}

pub(super) fn unusable(option: &'static str, file: &Path, why: &dyn std::fmt::Display) -> TlsError {
    TlsError::File {
        option,
        file: file.to_owned(),
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> Host {
        Host::Name(name.to_owned())
    }

    fn settings(mode: Option<SslMode>, root: Option<&str>) -> Result<TlsSettings, SettingError> {
        TlsSettings::resolve(
            mode,
            root.map(PathBuf::from),
            None,
            None,
            &Environment::default(),
        )
    }

    #[test]
    fn only_this_machine_is_trusted_without_a_certificate() {
        let settings = settings(None, None).unwrap();
        for local in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1"] {
            assert_eq!(settings.mode(&host(local)), SslMode::Prefer, "{local}");
        }
        for remote in [
            "db",
            "10.0.0.1",
            "localhost.example.com",
            "128.0.0.1",
            "fe80::1",
        ] {
            assert_eq!(
                settings.mode(&host(remote)),
                SslMode::VerifyFull,
                "{remote}"
            );
        }
    }

    #[test]
    fn a_socket_has_no_tls_whatever_is_asked() {
        let settings = settings(Some(SslMode::VerifyFull), None).unwrap();
        assert_eq!(
            settings.mode(&Host::Socket("/tmp".into())),
            SslMode::Disable
        );
    }

    #[test]
    fn system_roots_by_name_mean_verify_full() {
        assert_eq!(
            settings(None, Some("system"))
                .unwrap()
                .mode(&host("localhost")),
            SslMode::VerifyFull
        );
        let error = settings(Some(SslMode::Require), Some("system")).unwrap_err();
        assert!(error.to_string().contains("verify-full"), "{error}");
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        let environment = Environment::default();
        let half = TlsSettings::resolve(None, None, Some("a".into()), None, &environment);
        assert!(half.is_err());
    }

    #[test]
    fn modes_have_one_name() {
        for name in [
            "disable",
            "allow",
            "prefer",
            "require",
            "verify-ca",
            "verify-full",
        ] {
            assert_eq!(mode_named(name).map(mode_name), Some(name));
        }
        assert_eq!(mode_named("verify"), None);
    }
}
