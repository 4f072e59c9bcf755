//! Servers that do not exist, that hang, or of which there are several; and the session on the one
//! that answers.

use highwater::backend::source::{Connection, Environment, SourcePool};
use highwater::config::SslMode;
use tokio_postgres::types::{ToSql, Type};

use super::gatekeeper::{Gatekeeper, Refusal};
use super::{ask, source, told};
use crate::support::{self, ClusterSettings};

/// The value of a setting for the next statement on `connection`.
async fn setting(connection: &Connection, name: &str) -> Result<String, tokio_postgres::Error> {
    let statement = "SELECT current_setting($1)";
    let named: [(&(dyn ToSql + Sync), Type); 1] = [(&name, Type::TEXT)];
    let row = connection.query_typed_one(statement, &named).await?;
    row.try_get(0)
}

#[tokio::test]
async fn what_is_asked_is_bounded_by_what_we_say_and_nothing_of_it_stays_in_the_session() {
    let Some(database) = support::postgres() else {
        return;
    };
    let options = "-c%20statement_timeout%3D77s%20-c%20TimeZone%3DAsia/Tokyo%20-c%20default_transaction_isolation%3Dserializable%20-c%20search_path%3Dpublic,pg_catalog";
    let config = source(format!("{}?options={options}", database.url()));
    let pool = SourcePool::new(&config, &Environment::default()).unwrap();
    let connection = pool.get().await.unwrap();
    for (name, expected, left) in [
        ("TimeZone", "UTC", "Asia/Tokyo"),
        ("client_encoding", "UTF8", "UTF8"),
        // A pooler may hand the session on to somebody else, and the horizon ignores sessions with
        // our name.
        ("application_name", "highwater", "highwater (session)"),
        ("lock_timeout", "10s", "0"),
        ("statement_timeout", "0", "77s"),
        ("idle_in_transaction_session_timeout", "0", "0"),
        ("row_security", "off", "on"),
        (
            "search_path",
            "pg_catalog, \"$user\", public",
            "public,pg_catalog",
        ),
        ("transaction_isolation", "read committed", "serializable"),
        ("transaction_read_only", "on", "off"),
    ] {
        let within = connection.read(setting(&connection, name)).await.unwrap();
        assert_eq!(within, expected, "{name}");
        let after = setting(&connection, name).await.unwrap();
        assert_eq!(after, left, "{name}");
    }
    // A failed statement leaves no transaction behind either.
    let failed = connection.read(connection.batch_execute("SELECT 1 / 0"));
    failed.await.unwrap_err();
    let after = setting(&connection, "transaction_isolation").await;
    assert_eq!(after.unwrap(), "serializable");
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
        told(&error).contains("no answer within 1 s; connect_timeout"),
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
async fn what_stands_in_the_way_of_a_statement_is_told_with_what_helps() {
    for (code, message, remedy) in [
        (
            "08P01",
            "transaction blocks not allowed in statement pooling mode",
            "pool_mode",
        ),
        (
            "40001",
            "canceling statement due to conflict with recovery",
            "hot_standby_feedback",
        ),
        (
            "22P05",
            "character with byte sequence 0x81 in encoding \"WIN1252\" has no equivalent in encoding \"UTF8\"",
            "not a character of the database's encoding",
        ),
    ] {
        let refusal = Refusal {
            code,
            message,
            routine: None,
        };
        let server = Gatekeeper::start("right", refusal).await;
        let config = source(server.url.replace("reader@", "reader:right@"));
        let error = ask(&config, &Environment::default(), "1").await;
        let error = error.expect_err("it answers nothing");
        let told = told(&error);
        assert!(told.contains(message) && told.contains(remedy), "{told}");
        assert!(!error.is_unavailable(), "{told}");
    }
}
