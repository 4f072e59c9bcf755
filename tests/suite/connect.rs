//! Connecting to PostgreSQL: TLS up to verify-full, passwords from everywhere, and an error of its
//! own for every way in which it fails. Against real servers with a private authority.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use highwater::backend::Error;
use highwater::backend::error::chain;
use highwater::backend::source::{Environment, SourcePool};
use highwater::config::{SourceConfig, SslMode};

use crate::support::{self, Authority, Cluster, ClusterSettings};

/// A source with nothing but a URL, and no more than two sessions.
pub fn source(url: impl Into<String>) -> SourceConfig {
    SourceConfig {
        url: url.into(),
        password_command: None,
        sslmode: None,
        sslrootcert: None,
        sslcert: None,
        sslkey: None,
        tables: vec!["public.*".to_owned()],
        exclude: Vec::new(),
        timestamp_columns: vec!["last_updated".to_owned()],
        timezone: chrono_tz::UTC,
        settle: Duration::ZERO,
        horizon_ignore: Vec::new(),
        max_connections: 2,
    }
}

/// The value of `expression` in a new session, or the error of connecting.
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

/// All of an error that anybody gets to see.
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
    /// A source under `host`, which has to lead to this machine.
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
        // With a root certificate, require checks it.
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

/// A server that wants a password, without TLS.
fn guarded() -> Option<(Cluster, SourceConfig)> {
    let cluster = support::cluster(&ClusterSettings {
        hba: "host postgres reader all scram-sha-256\nhost nothing reader all trust",
        statements: "CREATE ROLE reader LOGIN PASSWORD 's3cret'",
        ..ClusterSettings::default()
    })?;
    let config = source(format!(
        "postgres://reader@127.0.0.1:{}/postgres",
        cluster.port()
    ));
    Some((cluster, config))
}

#[tokio::test]
async fn a_password_comes_from_command_url_variable_and_file_in_this_order() {
    let Some((_cluster, without)) = guarded() else {
        return;
    };
    let right = without.url.replace("reader@", "reader:s3cret@");
    let wrong = without.url.replace("reader@", "reader:wr0ng@");
    let folder = tempfile::tempdir().unwrap();
    let environment = |variable: Option<&str>, file: Option<&str>| {
        let mut environment = Environment {
            home: Some(folder.path().to_owned()),
            ..Environment::default()
        };
        if let Some(password) = variable {
            environment
                .variables
                .insert("PGPASSWORD".to_owned(), password.to_owned());
        }
        let pgpass = folder.path().join(".pgpass");
        std::fs::write(
            &pgpass,
            file.map(|word| format!("127.0.0.1:*:*:reader:{word}\n"))
                .unwrap_or_default(),
        )
        .unwrap();
        std::fs::set_permissions(&pgpass, std::fs::Permissions::from_mode(0o600)).unwrap();
        environment
    };
    let command = |word: &str| Some(vec!["echo".to_owned(), word.to_owned()]);
    for (url, command, variable, file, opens) in [
        (&without.url, None, None, Some("s3cret"), true),
        (&without.url, None, Some("s3cret"), Some("wr0ng"), true),
        (&without.url, None, Some("wr0ng"), Some("s3cret"), false),
        (&right, None, Some("wr0ng"), Some("wr0ng"), true),
        (&wrong, None, Some("s3cret"), None, false),
        (&wrong, command("s3cret"), Some("wr0ng"), None, true),
        (&right, command("wr0ng"), None, None, false),
    ] {
        let environment = environment(variable, file);
        let config = SourceConfig {
            url: url.clone(),
            password_command: command.clone(),
            ..without.clone()
        };
        let found = ask(&config, &environment, "1").await;
        assert_eq!(
            found.is_ok(),
            opens,
            "{command:?} {variable:?} {file:?}: {found:?}"
        );
        if !opens {
            let told = refused(found, "password authentication failed for user \"reader\"");
            assert!(
                !told.contains("s3cret") && !told.contains("wr0ng"),
                "{told}"
            );
        }
    }
}

#[tokio::test]
async fn who_may_not_come_in_is_told_why() {
    let Some((_cluster, config)) = guarded() else {
        return;
    };
    let environment = Environment::default();
    let told = refused(
        ask(&config, &environment, "1").await,
        "asks for a password, and there is none",
    );
    assert!(told.contains("source.password_command"), "{told}");

    let mut failing = config.clone();
    failing.password_command = Some(vec!["sh".into(), "-c".into(), "echo s3cret; exit 1".into()]);
    let told = refused(
        ask(&failing, &environment, "1").await,
        "sh ended with exit status: 1",
    );
    assert!(!told.contains("s3cret"), "{told}");

    let nothing = source(config.url.replace("/postgres", "/nothing"));
    refused(
        ask(&nothing, &environment, "1").await,
        "database \"nothing\" does not exist",
    );

    let stranger = source(config.url.replace("reader@", "stranger@"));
    let told = refused(
        ask(&stranger, &environment, "1").await,
        "no pg_hba.conf entry",
    );
    assert!(
        told.contains("pg_hba.conf against") || told.contains("against the server's pg_hba.conf"),
        "{told}"
    );
}

#[tokio::test]
async fn a_password_that_is_no_longer_accepted_is_asked_for_anew() {
    let Some((cluster, mut config)) = guarded() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "s3cret\n").unwrap();
    config.password_command = Some(vec!["cat".into(), file.to_str().unwrap().into()]);
    let pool = SourcePool::new(&config, &Environment::default()).unwrap();
    let first = pool.get().await.unwrap();

    let (admin, connection) = tokio_postgres::connect(
        &cluster.socket_url("postgres", "postgres"),
        tokio_postgres::NoTls,
    )
    .await
    .unwrap();
    tokio::spawn(connection);
    admin
        .batch_execute("ALTER ROLE reader PASSWORD 'rotated'")
        .await
        .unwrap();
    std::fs::write(&file, "rotated\n").unwrap();
    let second = pool.get().await.unwrap();
    second.simple_query("SELECT 1").await.unwrap();
    drop(first);
}

#[tokio::test]
async fn a_session_is_bounded_by_what_we_say_and_not_by_the_role_or_the_url() {
    let Some(database) = support::postgres() else {
        return;
    };
    let config = source(format!(
        "{}?options=-c%20statement_timeout%3D1",
        database.url()
    ));
    let pool = SourcePool::new(&config, &Environment::default()).unwrap();
    let connection = pool.get().await.unwrap();
    for (name, expected) in [
        ("TimeZone", "UTC"),
        ("client_encoding", "UTF8"),
        ("application_name", "highwater"),
        ("lock_timeout", "10s"),
        ("statement_timeout", "0"),
        ("idle_in_transaction_session_timeout", "0"),
    ] {
        let row = connection
            .query_one("SELECT current_setting($1)", &[&name])
            .await
            .unwrap();
        assert_eq!(row.get::<_, String>(0), expected, "{name}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let config = source(format!("postgres://u:s3cret@127.0.0.1:{port}/d"));
    let error = ask(&config, &Environment::default(), "1")
        .await
        .unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    let told = told(&error);
    assert!(
        told.contains(&format!("d @ 127.0.0.1:{port}")) && told.contains("refused"),
        "{told}"
    );
    assert!(!format!("{told} {error:?}").contains("s3cret"), "{told}");
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_unavailable_in_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = source(format!(
        "postgres://u@127.0.0.1:{port}/d?connect_timeout=1&sslmode=disable"
    ));
    let error = ask(&config, &Environment::default(), "1")
        .await
        .unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    assert!(
        told(&error).contains("no answer within 1 s"),
        "{}",
        told(&error)
    );
}

#[tokio::test]
async fn of_several_hosts_the_first_that_answers_is_taken() {
    let Some(cluster) = support::cluster(&ClusterSettings::default()) else {
        return;
    };
    let dead = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let hosts = format!("127.0.0.1:{dead},127.0.0.1:{}", cluster.port());
    let at = |attributes: &str| {
        source(format!(
            "postgres://postgres@{hosts}/postgres?target_session_attrs={attributes}"
        ))
    };
    let environment = Environment::default();
    let port = "current_setting('port')";
    for attributes in ["any", "primary", "prefer-standby", "read-write"] {
        let found = ask(&at(attributes), &environment, port).await.unwrap();
        assert_eq!(found, cluster.port().to_string(), "{attributes}");
    }
    let error = ask(&at("standby"), &environment, port).await.unwrap_err();
    assert!(
        told(&error).contains("is not a standby"),
        "{}",
        told(&error)
    );
}

#[tokio::test]
async fn a_socket_needs_no_tls_and_no_address() {
    let Some(cluster) = support::cluster(&ClusterSettings::default()) else {
        return;
    };
    let mut config = source(cluster.socket_url("postgres", "postgres"));
    config.sslmode = Some(SslMode::VerifyFull);
    assert_eq!(
        ask(
            &config,
            &Environment::default(),
            "inet_client_addr() IS NULL"
        )
        .await
        .unwrap(),
        "true"
    );
}

#[tokio::test]
async fn a_missing_privilege_is_named() {
    let Some(cluster) = support::cluster(&ClusterSettings {
        statements: "CREATE ROLE reader LOGIN; CREATE TABLE secret (x int)",
        ..ClusterSettings::default()
    }) else {
        return;
    };
    let config = source(format!(
        "postgres://reader@127.0.0.1:{}/postgres",
        cluster.port()
    ));
    let error = ask(
        &config,
        &Environment::default(),
        "SELECT count(*) FROM secret",
    )
    .await
    .unwrap_err();
    assert_eq!(error.code(), "missing-privilege");
    assert!(
        error.to_string().contains("SELECT on table secret"),
        "{error}"
    );
}
