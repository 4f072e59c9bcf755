//! Parties that do not answer.

use std::net::TcpListener;

use highwater::backend::{ingest::IngestOptions, progress::Context};
use highwater::vocabulary::Watermark;

use crate::support::{self, Stage, table};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_answer_is_never_taken_for_one_that_holds_nothing() {
    let Some(database) = support::postgres() else {
        return;
    };
    let made = "CREATE TABLE payment (id int, last_updated timestamp)";
    database.run(made).await;
    // Accepts connections and never says a word; dropped, it refuses them.
    let hanging = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", hanging.local_addr().expect("an address"));
    let stage = Stage::unreachable(&database, &endpoint).await;
    for (state, listener) in [("hanging", Some(hanging)), ("refused", None)] {
        let kept = listener;
        let timestamp = stage
            .backend
            .get_timestamp(&table("payment"))
            .await
            .expect_err("no answer");
        assert!(timestamp.is_unavailable(), "{state}: {timestamp:?}");
        let report = stage
            .backend
            .ingest(
                &table("payment"),
                IngestOptions::default(),
                &Context::default(),
            )
            .await;
        assert_eq!(report.error.expect("failed").code, "unavailable", "{state}");
        drop(kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_unavailable_and_named() {
    let Some(database) = support::postgres() else {
        return;
    };
    let stage = Stage::local(&database).await;
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    let config = std::fs::read_to_string(stage.sandbox.config_file()).expect("a file");
    stage.sandbox.write_config(&config.replace(
        &database.url(),
        &format!("postgres://nobody@127.0.0.1:{port}/nothing"),
    ));
    let stage = stage.configured("").await;
    let Err(error) = stage
        .backend
        .collect_table_data(&table("payment"), None, Watermark::now())
        .await
    else {
        panic!("nobody listens");
    };
    assert!(error.is_unavailable(), "{error:?}");
    assert!(
        error.to_string().contains(&format!("127.0.0.1:{port}")),
        "{error}"
    );
}
