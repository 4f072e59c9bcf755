//! Passwords from every source, and logins that are refused.

use std::os::unix::fs::PermissionsExt as _;

use highwater::backend::source::{Environment, SourcePool};
use highwater::config::SourceConfig;

use super::gatekeeper::{Gatekeeper, Refusal, wanting};
use super::{ask, refused, source};
use crate::support::{self, Cluster, ClusterSettings};

/// A server that requires a password, without TLS.
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
async fn who_is_asked_for_something_else_than_a_password_is_not_told_to_look_at_it() {
    const CLEAR: &[u8] = &[0, 0, 0, 3];
    const KERBEROS: &[u8] = &[0, 0, 0, 7];
    const OAUTH: &[u8] = b"\0\0\0\x0aOAUTHBEARER\0\0";
    for (method, option, step) in [
        (KERBEROS, "", "neither Kerberos (gss, sspi) nor OAuth"),
        (OAUTH, "", "neither Kerberos (gss, sspi) nor OAuth"),
        (CLEAR, "&channel_binding=require", "PGCHANNELBINDING unset"),
    ] {
        let config = source(wanting(method).await + option);
        let asked = ask(&config, &Environment::default(), "1").await;
        let told = refused(asked, "authentication error");
        assert!(told.contains(step), "{told}");
        assert!(!told.contains("check the user"), "{told}");
    }
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
async fn who_waits_for_a_password_that_does_not_come_has_it_not_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("asked");
    let script = format!("echo x >> {}; sleep 1; exit 1", asked.display());
    let mut config = source("postgres://reader@127.0.0.1:1/shop");
    config.password_command = Some(vec!["sh".into(), "-c".into(), script]);
    config.max_connections = 3;
    let pool = SourcePool::new(&config, &Environment::default()).unwrap();
    let times = || std::fs::read_to_string(&asked).unwrap().lines().count();
    let ended = tokio::join!(pool.get(), pool.get(), pool.get());
    for end in <[_; 3]>::from(ended) {
        refused(end.map(drop), "sh ended with exit status: 1");
    }
    assert_eq!(times(), 1);
    refused(pool.get().await.map(drop), "sh ended");
    assert_eq!(times(), 2, "who comes later may have better luck");
}

/// How Amazon RDS and Aurora, and RDS Proxy, refuse a token that is older than 15 minutes.
const EXPIRED: [Refusal; 2] = [
    Refusal {
        code: "28000",
        message: "PAM authentication failed for user \"reader\"",
        routine: Some("auth_failed"),
    },
    Refusal {
        code: "28000",
        message: "The IAM authentication failed for the role reader. Check the IAM token for this role and try again.",
        routine: None,
    },
];

#[tokio::test]
async fn a_token_that_has_expired_is_asked_for_anew() {
    for refusal in EXPIRED {
        let server = Gatekeeper::start("first", refusal).await;
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        let mut config = source(&server.url);
        config.password_command = Some(vec!["cat".into(), token.to_str().unwrap().into()]);
        let pool = SourcePool::new(&config, &Environment::default()).unwrap();
        std::fs::write(&token, "first\n").unwrap();
        let first = pool.get().await.unwrap();
        server.expect("second");
        std::fs::write(&token, "second\n").unwrap();
        let second = pool.get().await;
        assert!(second.is_ok(), "{}: {:?}", refusal.message, second.err());
        drop(first);
    }
}

#[tokio::test]
async fn a_password_that_others_check_is_what_is_said_to_be_wrong() {
    let pooler = |message| Refusal {
        code: "08P01",
        message,
        routine: None,
    };
    for (refusal, remedy) in [
        (EXPIRED[0], "check the user and the password"),
        (
            pooler("password authentication failed"),
            "check the user and the password",
        ),
        (pooler("no such database: shop"), "correct the database"),
        (
            pooler("unsupported startup parameter: options"),
            "leave options out",
        ),
    ] {
        let server = Gatekeeper::start("right", refusal).await;
        let config = source(server.url.replace("reader@", "reader:wr0ng@"));
        let told = refused(
            ask(&config, &Environment::default(), "1").await,
            refusal.message,
        );
        assert!(told.contains(remedy), "{told}");
    }
    let down = Gatekeeper::start("right", pooler("query_wait_timeout")).await;
    let config = source(down.url.replace("reader@", "reader:wr0ng@"));
    let error = ask(&config, &Environment::default(), "1").await;
    assert!(error.is_err_and(|error| error.is_unavailable()));
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
