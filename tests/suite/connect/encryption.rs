//! TLS up to verify-full, and client certificates.

use std::os::unix::fs::PermissionsExt as _;

use highwater::config::SslMode;

use super::{encrypted, is_encrypted, refused, source};
use crate::support::{self, Authority, ClusterSettings};

#[tokio::test]
async fn verify_full_is_the_default_for_a_remote_host_and_passes_with_its_authority() {
    let Some(server) = encrypted(&["db.test"], "hostssl all all all trust") else {
        return;
    };
    assert!(is_encrypted(&server.source("db.test")).await.unwrap());
}

#[tokio::test]
async fn a_wrong_host_an_unknown_authority_and_a_plain_server_are_three_errors() {
    let Some(server) = encrypted(&["db.test"], "host all all all trust") else {
        return;
    };
    let told = refused(
        is_encrypted(&server.source("other.test")).await,
        "is for db.test, not for other.test",
    );
    assert!(told.contains("verify-ca"), "{told}");

    let mut config = server.source("db.test");
    config.sslrootcert = Some(server.file("other.crt", &Authority::new().pem()));
    let told = refused(
        is_encrypted(&config).await,
        "signed by an authority that is not among those in",
    );
    assert!(
        told.contains("other.crt") && told.contains("source.sslrootcert"),
        "{told}"
    );

    let plain = support::cluster(&ClusterSettings::default()).unwrap();
    let config = source(format!(
        "postgres://postgres@db.test:{}/postgres?hostaddr=127.0.0.1",
        plain.port()
    ));
    let told = refused(
        is_encrypted(&config).await,
        "does not offer TLS, and sslmode verify-full demands it",
    );
    assert!(told.contains("ssl = on"), "{told}");
}

#[tokio::test]
async fn the_systems_authorities_do_not_know_a_private_one() {
    let Some(server) = encrypted(&["db.test"], "host all all all trust") else {
        return;
    };
    let mut config = server.source("db.test");
    config.sslrootcert = Some("system".into());
    refused(
        is_encrypted(&config).await,
        "not among the system's trusted authorities",
    );
}

#[tokio::test]
async fn every_mode_checks_what_libpq_checks() {
    let Some(server) = encrypted(&["db.test"], "host all all all trust") else {
        return;
    };
    let stranger = server.file("stranger.crt", &Authority::new().pem());
    for (mode, host, known, expected) in [
        (SslMode::Disable, "other.test", true, Some(false)),
        (SslMode::Allow, "other.test", true, Some(false)),
        (SslMode::Prefer, "other.test", false, Some(true)),
        // With a root certificate, `require` verifies the server's certificate.
        (SslMode::Require, "other.test", true, Some(true)),
        (SslMode::Require, "other.test", false, None),
        (SslMode::VerifyCa, "other.test", true, Some(true)),
        (SslMode::VerifyCa, "db.test", false, None),
        (SslMode::VerifyFull, "db.test", true, Some(true)),
        (SslMode::VerifyFull, "other.test", true, None),
    ] {
        let mut config = server.source(host);
        config.sslmode = Some(mode);
        if !known {
            config.sslrootcert = Some(stranger.clone());
        }
        let found = is_encrypted(&config).await.ok();
        assert_eq!(
            found, expected,
            "{mode:?} at {host}, authority known: {known}"
        );
    }
}

#[tokio::test]
async fn require_without_a_root_certificate_takes_any() {
    let Some(server) = encrypted(&["db.test"], "host all all all trust") else {
        return;
    };
    let mut config = server.source("other.test");
    config.sslmode = Some(SslMode::Require);
    config.sslrootcert = None;
    assert!(is_encrypted(&config).await.unwrap());
}

#[tokio::test]
async fn prefer_and_allow_go_the_other_way_where_pg_hba_wants_it() {
    let hba =
        "hostssl all reader all reject\nhostnossl all postgres all reject\nhost all all all trust";
    let Some(server) = encrypted(&["db.test"], hba) else {
        return;
    };
    let mut config = server.source("db.test");
    config.sslmode = Some(SslMode::Prefer);
    assert!(!is_encrypted(&config).await.unwrap());

    config.url = config.url.replace("reader@", "postgres@");
    config.sslmode = Some(SslMode::Allow);
    assert!(is_encrypted(&config).await.unwrap());
}

#[tokio::test]
async fn a_self_signed_certificate_may_be_its_own_root() {
    let (certificate, key) = support::self_signed("db.test");
    let files = [("server.crt", certificate.clone()), ("server.key", key)];
    let Some(cluster) = support::cluster(&ClusterSettings {
        conf: "ssl = on",
        files: &files,
        ..ClusterSettings::default()
    }) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.crt");
    std::fs::write(&root, certificate).unwrap();
    let at = |host: &str| {
        let url = format!(
            "postgres://postgres@{host}:{}/postgres?hostaddr=127.0.0.1",
            cluster.port()
        );
        let mut config = source(url);
        config.sslrootcert = Some(root.clone());
        config
    };
    assert!(is_encrypted(&at("db.test")).await.unwrap());
    refused(is_encrypted(&at("other.test")).await, "not for other.test");
}

#[tokio::test]
async fn a_client_certificate_opens_the_door_and_its_absence_is_said() {
    let hba = "hostssl all reader all cert clientcert=verify-full";
    let Some(server) = encrypted(&["db.test"], hba) else {
        return;
    };
    let mut config = server.source("db.test");
    let told = refused(is_encrypted(&config).await, "certificate");
    assert!(told.contains("sslcert"), "{told}");

    let (certificate, key) = server.authority.issue_client("reader");
    config.sslcert = Some(server.file("reader.crt", &certificate));
    config.sslkey = Some(server.file("reader.key", &key));
    assert!(is_encrypted(&config).await.unwrap());

    let (certificate, key) = Authority::new().issue_client("reader");
    config.sslcert = Some(server.file("stranger.crt", &certificate));
    config.sslkey = Some(server.file("stranger.key", &key));
    refused(
        is_encrypted(&config).await,
        "does not accept the client's certificate",
    );
}

#[tokio::test]
async fn a_key_that_others_may_read_is_not_used() {
    let Some(server) = encrypted(&["db.test"], "hostssl all all all cert") else {
        return;
    };
    let mut config = server.source("db.test");
    let (certificate, key) = server.authority.issue_client("reader");
    let key = server.file("reader.key", &key);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    config.sslcert = Some(server.file("reader.crt", &certificate));
    config.sslkey = Some(key);
    refused(is_encrypted(&config).await, "others may read it");
}

/// Only PostgreSQL 17 and later support this; what is sent to them can be checked here.
#[tokio::test]
async fn tls_that_is_begun_directly_says_what_is_to_be_spoken() {
    use tokio::io::AsyncReadExt as _;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = source(format!(
        "postgres://u@127.0.0.1:{port}/d?sslmode=require&sslnegotiation=direct"
    ));
    let heard = async {
        let (mut guest, _) = listener.accept().await.unwrap();
        let mut hello = [0; 1024];
        let length = guest.read(&mut hello).await.unwrap();
        hello[..length].to_vec()
    };
    let (hello, connected) = tokio::join!(heard, is_encrypted(&config));
    assert!(connected.is_err_and(|error| error.is_unavailable()));
    // A handshake record, and the protocol offered in it.
    assert_eq!(hello[0], 0x16);
    let offers = |name: &[u8]| hello.windows(name.len()).any(|part| part == name);
    assert!(offers(b"\x0apostgresql"));
}
