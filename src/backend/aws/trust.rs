//! Whose certificates are trusted.
//!
//! Those in the file that is named by `AWS_CA_BUNDLE`, or else by `ca_bundle` of the profile in the shared AWS
//! files (AWS SDKs and Tools Reference Guide, "General configuration settings"): for example that of a
//! company whose proxy decrypts connections, or of a self-hosted store. If no file is named, those of the system.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use aws_config::profile;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_http_client::tls::TrustStore;
use aws_types::os_shim_internal::{Env, Fs};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::config::AwsConfig;

/// The end of each certificate in a file.
const END: &str = "-----END CERTIFICATE-----";

/// The certificates trusted under these settings.
pub(super) async fn of(config: &AwsConfig) -> TrustStore {
    let env = Env::real();
    let variable = env.get("AWS_CA_BUNDLE").ok();
    let variable = variable.filter(|path| !path.is_empty());
    let path = match variable {
        Some(path) => Some(path),
        None => of_profile(config, &env).await,
    };
    path.map_or_else(TrustStore::default, |path| of_file(Path::new(&path)))
}

async fn of_profile(config: &AwsConfig, env: &Env) -> Option<String> {
    let selected = config.profile.clone().map(Cow::Owned);
    let files = EnvConfigFiles::default();
    let known = profile::load(&Fs::real(), env, &files, selected).await;
    // It is for the SDK to report files that cannot be read.
    known.ok()?.get("ca_bundle").map(str::to_owned)
}

/// The certificates in `path`. If there are none, nobody is trusted, rather than everybody the system trusts.
fn of_file(path: &Path) -> TrustStore {
    let text = fs::read_to_string(path).unwrap_or_else(|error| {
        tracing::warn!(path = %path.display(), %error, "the trusted certificates cannot be read");
        String::new()
    });
    let usable = text.split_inclusive(END).filter(|text| is_usable(text));
    usable.fold(TrustStore::empty(), TrustStore::with_pem_certificate)
}

/// Whether a certificate can be a trust anchor. Such files hold other certificates as well, and the client
/// accepts nothing but trust anchors.
fn is_usable(text: &str) -> bool {
    CertificateDer::from_pem_slice(text.as_bytes())
        .is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok())
}
