//! Servers that are not there, hang, or are several; and the session on the one that answers.

use highwater::backend::source::{Environment, SourcePool};
use highwater::config::SslMode;

use super::{ask, source, told};
use crate::support::{self, ClusterSettings};

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
