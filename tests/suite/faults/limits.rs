//! Limits of SSM that no emulator enforces, but the proxy does.

use serde_json::Value;

use crate::support::fault_proxy::Operation;
use crate::support::{self, FaultProxy, Sandbox, Stage, emulators};

/// Enough tables to have more values than one request may name.
const TABLES: usize = 23;

#[tokio::test(flavor = "multi_thread")]
async fn many_tables_are_read_ten_names_at_a_time() {
    let Some(database) = support::postgres() else {
        return;
    };
    let client = database.client().await;
    for i in 0..TABLES {
        let statement = format!(
            "CREATE TABLE t{i} (id int, last_updated timestamptz); INSERT INTO t{i} VALUES (1, '2024-05-16')"
        );
        client.batch_execute(&statement).await.expect("a table");
    }
    for emulator in emulators() {
        let proxy = FaultProxy::before(&emulator).await;
        let stage = Stage::emulated(&database, &emulator).await;
        let sandbox = stage.through(&proxy).await.sandbox;
        sandbox.run(&["ingest", "--all"]).expect_code(0);
        proxy.follow(&[]);
        let status = sandbox.run(&["status", "--output", "json"]).expect_code(0);
        let tables = status.json();
        let tables = tables.as_array().expect("an array");
        assert_eq!(tables.len(), TABLES);
        assert!(tables.iter().all(|table| table["state"] == "up-to-date"));
        let mut names: Vec<usize> = proxy
            .seen()
            .iter()
            .filter(|seen| seen.operation == Operation::GetParameters)
            .map(|seen| names_in(&seen.what))
            .collect();
        names.sort_unstable();
        assert_eq!(names, [6, 10, 10, 10, 10], "{}", emulator.name());
    }
}

fn names_in(request: &str) -> usize {
    let request: Value = serde_json::from_str(request).expect("JSON");
    request["Names"].as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_longer_than_a_description_is_cut_and_the_edit_is_done() {
    let Some(database) = support::postgres() else {
        return;
    };
    let client = database.client().await;
    let statement = "CREATE TABLE payment (id int, last_updated timestamptz);
                     INSERT INTO payment VALUES (1, '2024-05-16')";
    client.batch_execute(statement).await.expect("a table");
    for emulator in emulators() {
        let proxy = FaultProxy::before(&emulator).await;
        let stage = Stage::emulated(&database, &emulator).await;
        let sandbox = stage.through(&proxy).await.sandbox;
        sandbox.run(&["ingest", "payment"]).expect_code(0);
        // The limit is in characters, not in bytes.
        let reason = "again, for Zürich; ".repeat(300);
        let edit = [
            "params",
            "set",
            "payment",
            "--timestamp",
            "2024-05-15T00:00:00Z",
        ];
        let words = [&edit[..], &["--reason", &reason]].concat();
        sandbox.run(&words).expect_code(0);
        let description = description_of_the_edit(&sandbox);
        assert_eq!(description.chars().count(), 1024, "{}", emulator.name());
        let told = description.strip_prefix("highwater edit by=");
        let (_, kept) = told
            .and_then(|told| told.split_once(": "))
            .expect("an edit");
        assert!(reason.starts_with(kept), "{description}");
        sandbox.run(&["ingest", "payment"]).expect_code(0);
    }
}

fn description_of_the_edit(sandbox: &Sandbox) -> String {
    let words = ["params", "history", "payment", "--output", "json"];
    let history = sandbox.run(&words).expect_code(0).json();
    let mut entries = history.as_array().expect("an array").iter();
    let edit = entries.find(|entry| entry["origin"] == "edit");
    let description = edit.expect("the edit")["description"].as_str();
    description.expect("a text").to_owned()
}

#[tokio::test]
async fn the_proxy_refuses_what_ssm_would_refuse() {
    for emulator in emulators() {
        let proxy = FaultProxy::before(&emulator).await;
        let ssm = support::Emulator::at("proxy", proxy.endpoint()).ssm();
        let names = (0..11).map(|i| format!("/limits/{i}"));
        let read = ssm.get_parameters().set_names(Some(names.collect()));
        let written = ssm
            .put_parameter()
            .name("/limits/0")
            .value("x".repeat(4097))
            .r#type(aws_sdk_ssm::types::ParameterType::String);
        let errors = [
            read.send().await.err().map(|error| format!("{error:?}")),
            written.send().await.err().map(|error| format!("{error:?}")),
        ];
        for error in errors {
            let error = error.expect("a refusal");
            assert!(error.contains("ValidationException"), "{error}");
        }
    }
}
