//! Connecting to PostgreSQL: TLS up to verify-full, passwords from every source, and a distinct
//! error for every way it can fail. Uses real servers with a private authority.

mod encryption;
mod gatekeeper;
mod hosts;
mod passwords;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use highwater::backend::Error;
use highwater::backend::error::chain;
use highwater::backend::source::{Environment, SourcePool};
use highwater::config::SourceConfig;

use crate::support::{self, Authority, Cluster, ClusterSettings};

/// A source with only a URL, and at most two sessions.
pub fn source(url: impl Into<String>) -> SourceConfig {
    SourceConfig {
        settle: Duration::ZERO,
        max_connections: 2,
        ..SourceConfig::new(url)
    }
}

/// The value of `expression` in a new session, or the connection error.
async fn ask(
    config: &SourceConfig,
    environment: &Environment,
    expression: &str,
) -> Result<String, Error> {
    let connection = SourcePool::new(config, environment)?.get().await?;
    let query = format!("SELECT ({expression})::text");
    let row = connection.query_one(&query, &[]).await;
    Ok(row
        .map_err(|error| connection.failure("asking", error))?
        .get(0))
}

const ENCRYPTED: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

async fn is_encrypted(config: &SourceConfig) -> Result<bool, Error> {
    Ok(ask(config, &Environment::default(), ENCRYPTED).await? == "true")
}

/// Everything in an error that is ever shown.
fn told(error: &Error) -> String {
    format!("{} / {}", chain(error).join(" / "), error.next_step())
}

#[track_caller]
fn refused(result: Result<impl std::fmt::Debug, Error>, words: &str) -> String {
    let error = result.unwrap_err();
    let told = told(&error);
    assert_eq!(error.code(), "refused", "{told}");
    assert!(told.contains(words), "{told}");
    told
}

/// A server with a certificate for `names`, and the authority that signed it.
struct Encrypted {
    cluster: Cluster,
    authority: Authority,
    folder: tempfile::TempDir,
}

fn encrypted(names: &[&str], hba: &str) -> Option<Encrypted> {
    let authority = Authority::new();
    let (certificate, key) = authority.issue_server(names);
    let cluster = support::cluster(&ClusterSettings {
        conf: "ssl = on\nssl_ca_file = 'ca.crt'",
        hba,
        files: &[
            ("server.crt", certificate),
            ("server.key", key),
            ("ca.crt", authority.pem()),
        ],
        statements: "CREATE ROLE reader LOGIN PASSWORD 's3cret'",
    })?;
    let folder = tempfile::tempdir().unwrap();
    Some(Encrypted {
        cluster,
        authority,
        folder,
    })
}

impl Encrypted {
    /// A source with the host name `host`, which resolves to this machine.
    fn source(&self, host: &str) -> SourceConfig {
        let port = self.cluster.port();
        let mut config = source(format!(
            "postgres://reader@{host}:{port}/postgres?hostaddr=127.0.0.1"
        ));
        config.sslrootcert = Some(self.file("ca.crt", &self.authority.pem()));
        config
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file
    }
}
