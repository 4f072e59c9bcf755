//! The demo's tables that are in trouble: each is found under its code, and the offered repair works.

use std::collections::BTreeMap;
use std::process::Command;

use highwater::demo::Demo;
use highwater::demo::troubles;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::demo::{State, connect, number, seed, start, there_are_binaries, until};

/// Runs a command on the demo; returns its output and exit code.
async fn highwater(state: &State, words: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_highwater"));
    command
        .arg("--demo")
        .args(words)
        .args(["--output", "json"])
        .env("XDG_STATE_HOME", state.path())
        .env("XDG_CONFIG_HOME", state.path());
    let ran = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let records = serde_json::from_slice(&ran.stdout);
    let records = records.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ran.stderr)));
    (ran.status.code().unwrap(), records)
}

/// The demo of a state folder, in the place where the binary looks for it.
fn demo_of(state: &State) -> Demo {
    Demo::locate(&state.path().join("highwater"))
}

/// The codes of findings above severity info, by table.
fn codes(records: &Value) -> Vec<(&str, &str)> {
    let of = |record: &'_ Value, name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let mut found: Vec<(&str, &str)> = records
        .as_array()
        .unwrap()
        .iter()
        .filter(|record| of(record, "severity") != "info")
        .map(|record| {
            (
                record["table"].as_str().unwrap(),
                record["code"].as_str().unwrap(),
            )
        })
        .collect();
    found.sort_unstable();
    found
}

/// The record of a table and, unless `code` is empty, of that code.
fn record<'a>(records: &'a Value, table: &str, code: &str) -> &'a Value {
    let is =
        |record: &&Value| record["table"] == table && (code.is_empty() || record["code"] == code);
    records.as_array().unwrap().iter().find(is).unwrap()
}

/// How often each row of a table occurs in its objects.
fn rows(demo: &Demo, table: &str) -> BTreeMap<i64, usize> {
    let mut times = BTreeMap::new();
    for object in std::fs::read_dir(demo.objects().join(table)).unwrap() {
        let text = std::fs::read_to_string(object.unwrap().path()).unwrap();
        for line in text.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let id = row[format!("{table}_id")].as_i64().unwrap();
            *times.entry(id).or_default() += 1;
        }
    }
    times
}

/// The findings above severity info in a fresh demo.
const TROUBLES: [(&str, &str); 4] = [
    ("invoice", "stuck-sequence"),
    ("refund", "timestamp-in-future"),
    ("stock_count", "rows-unreachable"),
    ("supplier", "sequence-missing"),
];

#[tokio::test]
async fn each_trouble_has_its_code_and_is_over_once_what_is_offered_is_done() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let (code, records) = highwater(&state, &["doctor"]).await;
    assert_eq!(code, 3);
    assert_eq!(codes(&records), TROUBLES);

    let (code, records) = highwater(&state, &["ingest", "--all"]).await;
    assert_eq!(code, 1, "what is well is ingested, what is not stops");
    let all = records.as_array().unwrap();
    assert_eq!(all.len(), 16);
    for record in all {
        let stopped =
            ["invoice", "refund", "supplier"].contains(&record["table"].as_str().unwrap());
        assert_eq!(record["outcome"] == "failed", stopped, "{record}");
    }
    let error = &record(&records, "invoice", "")["error"]["code"];
    assert_eq!(error, "stuck-sequence");

    let demo = demo_of(&state);
    let server = start(&demo).await;
    assert_eq!(seed(&server).await, 0, "it is complete");
    let client = connect(&demo).await.unwrap();
    let (code, records) = highwater(&state, &["doctor", "--repair", "--yes"]).await;
    assert_eq!(code, 3, "the rows are their owner's to put right");
    let owner = record(&records, "stock_count", "rows-unreachable");
    let statement = owner["evidence"]["statement"].as_str().unwrap();
    assert_eq!(client.execute(statement, &[]).await.unwrap(), 9);

    // Above the horizon at first, like everything that has just happened.
    until("everything is ingested", async || {
        let (code, _) = highwater(&state, &["ingest", "--all"]).await;
        assert_eq!(code, 0);
        let (_, status) = highwater(&state, &["status", "stock_count"]).await;
        status[0]["held_rows"] == 0 && status[0]["pending_rows"] == 0
    })
    .await;
    let (_, records) = highwater(&state, &["doctor"]).await;
    assert_eq!(codes(&records), []);
    for table in troubles::TABLES {
        let rows = rows(&demo, table);
        assert!(rows.values().all(|times| *times == 1), "{table}: {rows:?}");
        let expected = number(&client, &format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(i64::try_from(rows.len()).unwrap(), expected, "{table}");
    }
    drop(client);
    server.stop().await.unwrap();

    demo.reset().await.unwrap();
    let (_, records) = highwater(&state, &["doctor"]).await;
    assert_eq!(codes(&records), TROUBLES, "a reset brings them back");
}

#[tokio::test]
async fn a_demo_whose_folder_was_copied_works_in_both_places() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let reason = "of the original";
    let set = ["params", "set", "staff", "--timestamp", "-1h", "--reason"];
    let (code, _) = highwater(&state, &[set.as_slice(), &[reason]].concat()).await;
    assert_eq!(code, 0);
    let copy = State::new();
    let copied = Command::new("cp")
        .arg("-a")
        .arg(state.path().join("highwater"))
        .arg(copy.path())
        .status();
    assert!(copied.unwrap().success());
    for state in [&copy, &state] {
        let (code, records) = highwater(state, &["doctor"]).await;
        assert_eq!(code, 3);
        assert_eq!(codes(&records), TROUBLES);
    }
    // Root's cluster is elsewhere and was not copied: for root, the demo starts over, and nobody has edited it.
    let (_, entries) = highwater(&copy, &["journal", "--limit", "999"]).await;
    let mut entries = entries.as_array().unwrap().iter();
    let is_known = entries.any(|entry| entry["reason"] == reason);
    assert_eq!(is_known, !rustix::process::geteuid().is_root());
}

#[tokio::test]
async fn a_demo_of_an_earlier_version_gets_the_tables_that_are_in_trouble() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = demo_of(&state);
    let server = start(&demo).await;
    seed(&server).await;
    let client = connect(&demo).await.unwrap();
    let company = number(&client, "SELECT count(*) FROM payment").await;
    let earlier = format!(
        "DROP TABLE {}; COMMENT ON DATABASE shop IS 'highwater demo: complete'",
        troubles::TABLES.join(", ")
    );
    client.batch_execute(&earlier).await.unwrap();
    let (_, records) = highwater(&state, &["doctor"]).await;
    assert_eq!(codes(&records).len(), 4, "{records}");
    assert_eq!(
        number(&client, "SELECT count(*) FROM payment").await,
        company
    );
    // What a later version has taken further is left as it is.
    let later = "COMMENT ON DATABASE shop IS 'highwater demo: something else'";
    client.batch_execute(later).await.unwrap();
    assert_eq!(seed(&server).await, 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_program_that_dies_while_it_makes_the_troubles_leaves_them_to_the_next() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    highwater(&state, &["status"]).await;
    let demo = demo_of(&state);
    let server = start(&demo).await;
    let client = connect(&demo).await.unwrap();
    // As if only the comment had not been written: everything else has been done already.
    let undone = "COMMENT ON DATABASE shop IS 'highwater demo: rows of the troubles'";
    client.batch_execute(undone).await.unwrap();
    let (_, before) = highwater(&state, &["params", "get", "refund"]).await;
    let (_, records) = highwater(&state, &["doctor"]).await;
    assert_eq!(codes(&records).len(), 4, "{records}");
    let (_, after) = highwater(&state, &["params", "get", "refund"]).await;
    assert_eq!(before, after, "the year is mistaken once");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_late_transaction_holds_rows_back_until_it_is_ended() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    highwater(&state, &["status"]).await;
    let demo = demo_of(&state);
    let server = start(&demo).await;
    let client = connect(&demo).await.unwrap();
    let cancel = CancellationToken::new();
    let writers = [
        server.write_in_background(cancel.clone()),
        server.write_in_background(cancel.clone()),
    ];
    let imports = "SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'warehouse-import' AND state = 'idle in transaction'";
    until("the import is there", async || {
        number(&client, imports).await > 0
    })
    .await;
    let shipped =
        "INSERT INTO shipment (sales_order_id, carrier, parcels, created_at, last_updated)
        VALUES (1, 'DHL', 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')";
    client.batch_execute(shipped).await.unwrap();
    let held = async || {
        let (_, records) = highwater(&state, &["doctor", "shipment"]).await;
        let is = |record: &&Value| record["code"] == "horizon-held";
        records.as_array().unwrap().iter().find(is).cloned()
    };
    until("rows are held back", async || held().await.is_some()).await;
    let finding = held().await.unwrap();
    let evidence = &finding["evidence"];
    assert_eq!(evidence["application"], "warehouse-import");
    assert!(evidence["query"].as_str().unwrap().contains("shipment"));
    assert!(evidence["held_rows"].as_i64().unwrap() > 0);
    assert_eq!(number(&client, imports).await, 1, "one program opens it");

    let statement = evidence["statement"].as_str().unwrap();
    client.batch_execute(statement).await.unwrap();
    until("nothing is held back any more", async || {
        held().await.is_none()
    })
    .await;
    let left = "SELECT count(*) FROM shipment WHERE carrier = 'warehouse'";
    assert_eq!(number(&client, left).await, 0, "it was rolled back");
    assert_eq!(number(&client, imports).await, 0);
    cancel.cancel();
    for writer in writers {
        writer.await.unwrap();
    }
    drop(client);
    server.stop().await.unwrap();
}
