//! The commands as a user runs them: the binary, its output, its exit codes.

use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{self, Database, Sandbox};

/// How long a run may take to come to what a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

const TABLES: &str = "\
CREATE TABLE payment (id int PRIMARY KEY, note text, amount numeric(10,2), last_updated timestamp(3));
INSERT INTO payment SELECT i, 'note ' || i, i * 1.10, '2024-05-16 10:00:00'::timestamp + i * interval '1 second'
  FROM generate_series(1, 20) i;
CREATE TABLE staff (id int PRIMARY KEY, name text, last_updated timestamptz);
INSERT INTO staff VALUES (1, 'Ada', '2024-05-16 10:50:30.123456+00'), (2, 'Grace', '2024-05-17 00:00:00+00');
CREATE TABLE design (id int PRIMARY KEY, last_updated timestamp);
CREATE SCHEMA sales;";

/// A database with three tables, and a profile over it; `None` without a server.
async fn shop() -> Option<(Database, Sandbox)> {
    let database = support::postgres()?;
    sql(&database, TABLES).await;
    let sandbox = Sandbox::local(&database);
    Some((database, sandbox))
}

async fn sql(database: &Database, statements: &str) {
    let client = database.client().await;
    client
        .batch_execute(statements)
        .await
        .expect("the statements run");
}

/// Sets the safety of the sandbox's profile.
fn guard(sandbox: &Sandbox, safety: &str) {
    let before = std::fs::read_to_string(sandbox.config_file()).expect("a configuration");
    sandbox.write_config(&before.replace(
        "[profiles.test.source]",
        &format!("[profiles.test]\nsafety = \"{safety}\"\n[profiles.test.source]"),
    ));
}

/// The one record of a command about one table.
#[track_caller]
fn one(sandbox: &Sandbox, words: &[&str]) -> Value {
    let mut words = words.to_vec();
    words.extend(["--output", "json"]);
    let records = sandbox.run(&words).expect_code(0).json();
    let records = records.as_array().expect("an array").clone();
    assert_eq!(records.len(), 1, "{records:?}");
    records.into_iter().next().expect("one record")
}

/// The names of an object's fields, in their order.
fn fields(record: &Value) -> Vec<&str> {
    let fields = record.as_object().expect("an object");
    fields.keys().map(String::as_str).collect()
}

/// The records of a command by table.
fn of<'a>(records: &'a Value, table: &str) -> &'a Value {
    let records = records.as_array().expect("an array");
    records
        .iter()
        .find(|record| record["table"] == table)
        .unwrap_or_else(|| panic!("no {table} in {records:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pending_is_previewed_written_and_gone() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let preview = sandbox.run(&["preview", "payment"]).expect_code(0);
    assert_eq!(preview.stdout.lines().count(), 20);
    assert!(
        preview.stderr.contains("payment/payment_00000001.jsonl"),
        "{preview:?}"
    );

    let written = sandbox
        .run(&["ingest", "--all", "--output", "json"])
        .expect_code(0)
        .json();
    let tables: Vec<&Value> = written
        .as_array()
        .expect("an array")
        .iter()
        .map(|r| &r["table"])
        .collect();
    assert_eq!(tables, ["design", "payment", "staff"]);
    let payment = of(&written, "payment");
    assert_eq!(
        fields(payment),
        ["table", "outcome", "objects", "recovered", "error"]
    );
    assert_eq!(payment["outcome"], "written");
    let object = &payment["objects"][0];
    assert_eq!(
        fields(object),
        [
            "key",
            "sequence_id",
            "rows",
            "bytes",
            "from",
            "to",
            "seconds"
        ]
    );
    assert_eq!(object["rows"], 20);
    assert_eq!(object["to"], "2024-05-16T10:00:20.000000Z");
    assert_eq!(of(&written, "design")["outcome"], "nothing-pending");

    let key = object["key"].as_str().expect("a key");
    let cat = sandbox.run(&["objects", "cat", key]).expect_code(0);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(
        sorted(&cat.stdout),
        sorted(&preview.stdout),
        "what was shown is what was written"
    );

    let again = sandbox
        .run(&["ingest", "--all", "--output", "json"])
        .expect_code(0)
        .json();
    for table in ["design", "payment", "staff"] {
        assert_eq!(of(&again, table)["outcome"], "nothing-pending");
        assert_eq!(of(&again, table)["objects"], json!([]));
    }
    assert_eq!(
        sandbox.run(&["preview", "payment"]).expect_code(0).stdout,
        ""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn status_has_its_shape_and_follows_the_ingestion() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let before = one(&sandbox, &["status", "payment", "--exact"]);
    assert_eq!(
        fields(&before),
        [
            "table",
            "mode",
            "timestamp",
            "sequence_id",
            "pending_rows",
            "pending_exact",
            "held_rows",
            "unreachable_rows",
            "last_object",
            "state",
            "findings"
        ]
    );
    assert_eq!(before["state"], "never-ingested");
    assert_eq!(before["pending_rows"], 20);
    assert_eq!(before["pending_exact"], true);
    assert_eq!(before["mode"], "incremental");
    for missing in ["timestamp", "sequence_id", "last_object"] {
        assert_eq!(before[missing], Value::Null);
    }

    sandbox.run(&["ingest", "payment"]).expect_code(0);
    let after = one(&sandbox, &["status", "public.payment", "--exact"]);
    assert_eq!(after["state"], "up-to-date");
    assert_eq!(after["timestamp"], "2024-05-16T10:00:20.000000Z");
    assert_eq!(after["sequence_id"], 1);
    assert_eq!(
        after["last_object"]["key"],
        "payment/payment_00000001.jsonl"
    );
    assert_eq!(after["last_object"]["rows"], 20);
    assert_eq!(after["last_object"]["to"], after["timestamp"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_output_format_has_every_table() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let table = sandbox.run(&["status"]).expect_code(0).stdout;
    assert!(table.starts_with("TABLE"), "{table}");
    assert!(!table.contains('\u{1b}'), "no colour without a terminal");
    let csv = sandbox
        .run(&["status", "--output", "csv"])
        .expect_code(0)
        .stdout;
    assert!(
        csv.starts_with("table,mode,timestamp,sequence_id,"),
        "{csv}"
    );
    assert!(
        csv.lines()
            .next()
            .expect("a heading")
            .contains("last_object.key")
    );
    assert_eq!(csv.lines().count(), 4);
    let lines = sandbox
        .run(&["status", "--output", "jsonl"])
        .expect_code(0)
        .json_lines();
    let array = sandbox
        .run(&["status", "--output", "json"])
        .expect_code(0)
        .json();
    let named = |records: &[Value]| {
        records
            .iter()
            .map(|r| r["table"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(named(&lines), ["design", "payment", "staff"]);
    assert_eq!(named(array.as_array().expect("an array")), named(&lines));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    guard(&sandbox, "read-only");
    let plan = sandbox
        .run(&[
            "ingest",
            "--all",
            "--dry-run",
            "--max-rows",
            "8",
            "--output",
            "json",
        ])
        .expect_code(0)
        .json();
    let payment = of(&plan, "payment");
    assert_eq!(payment["outcome"], "skipped");
    assert_eq!(payment["dry_run"], true);
    let rows: Vec<&Value> = payment["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .map(|o| &o["rows"])
        .collect();
    assert_eq!(rows, [8, 8, 4]);
    for object in payment["objects"].as_array().expect("objects") {
        assert_eq!(object["bytes"], Value::Null);
        assert_eq!(object["seconds"], Value::Null);
    }
    assert_eq!(of(&plan, "design")["outcome"], "nothing-pending");
    assert_eq!(
        sandbox
            .run(&["objects", "payment", "--output", "json"])
            .expect_code(0)
            .json(),
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_split_at_max_rows_into_objects_in_order() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    sandbox
        .run(&["ingest", "payment", "--max-rows", "8"])
        .expect_code(0);
    let objects = sandbox
        .run(&["objects", "payment", "--output", "json"])
        .expect_code(0)
        .json();
    let numbers: Vec<&Value> = objects
        .as_array()
        .expect("objects")
        .iter()
        .map(|o| &o["sequence_id"])
        .collect();
    assert_eq!(numbers, [3, 2, 1], "newest first");
    assert_eq!(objects[0]["rows"], 4);
    let newest = sandbox.run(&["objects", "payment", "--limit", "1", "--output", "json"]);
    assert_eq!(newest.json().as_array().map(Vec::len), Some(1));
    let limited = sandbox.run(&[
        "objects",
        "cat",
        "payment/payment_00000001.jsonl",
        "--limit",
        "3",
    ]);
    assert_eq!(limited.expect_code(0).stdout.lines().count(), 3);
    sandbox
        .run(&["objects", "cat", "payment/nothing"])
        .expect_code(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_means_no_table_fails_and_the_others_are_done() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let run = sandbox
        .run(&["ingest", "paymnt", "staff", "--output", "json"])
        .expect_code(1);
    let records = run.json();
    assert_eq!(of(&records, "staff")["outcome"], "written");
    let unknown = of(&records, "paymnt");
    assert_eq!(unknown["outcome"], "failed");
    assert_eq!(unknown["error"]["code"], "unknown-table");
    assert!(run.stderr.contains("did you mean payment?"), "{run:?}");

    let run = sandbox
        .run(&["status", "paymnt", "staff", "--output", "json"])
        .expect_code(1);
    assert_eq!(run.json().as_array().map(Vec::len), Some(1));
    for words in [["preview", "paymnt"], ["objects", "paymnt"]] {
        let run = sandbox.run(&words).expect_code(1);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("did you mean payment?"), "{run:?}");
    }
    let run = sandbox.run(&["params", "get", "paymnt"]).expect_code(1);
    assert!(
        run.stderr.starts_with("error: ") && run.stderr.contains("\nnext: "),
        "{run:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_set_shown_and_reverted_with_their_history() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let never = one(&sandbox, &["params", "get", "payment"]);
    let expected = json!({
        "table": "payment", "timestamp": null, "timestamp_version": null,
        "sequence_id": null, "sequence_id_version": null,
    });
    assert_eq!(never, expected);
    sandbox.run(&["ingest", "payment"]).expect_code(0);

    let set = sandbox
        .run(&[
            "params",
            "set",
            "payment",
            "--timestamp",
            "2024-05-16 10:00:10",
            "--reason",
            "late corrections",
            "--output",
            "json",
        ])
        .expect_code(0);
    assert_eq!(set.json()[0]["timestamp"], "2024-05-16T10:00:10.000000Z");
    assert_eq!(set.json()[0]["timestamp_version"], 2);
    assert!(set.stderr.contains("version 1 → 2"), "{set:?}");
    assert!(
        set.stderr.contains("10 rows will be written again"),
        "{set:?}"
    );

    let history = sandbox
        .run(&["params", "history", "payment", "--output", "json"])
        .expect_code(0)
        .json();
    assert_eq!(
        fields(&history[0]),
        [
            "table",
            "parameter",
            "version",
            "value",
            "written_at",
            "written_by",
            "origin",
            "description"
        ]
    );
    let edit = history
        .as_array()
        .expect("an array")
        .iter()
        .find(|entry| entry["origin"] == "edit");
    let edit = edit.expect("the edit");
    assert_eq!(edit["version"], 2);
    assert!(
        edit["description"]
            .as_str()
            .expect("a text")
            .ends_with(": late corrections")
    );

    let revert = sandbox
        .run(&[
            "params",
            "revert",
            "payment",
            "--version",
            "1",
            "--reason",
            "mistaken",
            "--parameter",
            "timestamp",
            "--output",
            "json",
        ])
        .expect_code(0)
        .json();
    assert_eq!(revert[0]["timestamp"], "2024-05-16T10:00:20.000000Z");
    assert_eq!(revert[0]["timestamp_version"], 3);
    let journal = sandbox
        .run(&["journal", "--output", "json"])
        .expect_code(0)
        .json();
    let reasons: Vec<&str> = journal
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|e| e["reason"].as_str())
        .collect();
    assert!(
        reasons.contains(&"late corrections") && reasons.contains(&"mistaken"),
        "{reasons:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_id_that_does_not_follow_needs_force() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    sandbox.run(&["ingest", "payment"]).expect_code(0);
    let set = |words: &[&str]| {
        let mut all = vec!["params", "set", "payment", "--reason", "why"];
        all.extend(words);
        sandbox.run(&all)
    };
    let refused = set(&["--sequence-id", "7"]).expect_code(1);
    assert!(refused.stderr.contains("only 2 can follow"), "{refused:?}");
    assert_eq!(
        one(&sandbox, &["params", "get", "payment"])["sequence_id"],
        1
    );
    set(&["--sequence-id", "7", "--force"]).expect_code(0);
    assert_eq!(
        one(&sandbox, &["params", "get", "payment"])["sequence_id"],
        7
    );
    set(&["--sequence-id", "8"]).expect_code(0);
    assert_eq!(
        one(&sandbox, &["params", "get", "payment"])["sequence_id"],
        8
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_careful_profile_wants_to_be_told() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    guard(&sandbox, "careful");
    let refused = sandbox.run(&["ingest", "payment"]).expect_code(4);
    assert!(refused.stderr.contains("--yes"), "{refused:?}");
    assert_eq!(refused.stdout, "");
    sandbox.run(&["ingest", "payment", "--yes"]).expect_code(0);

    let set = [
        "params",
        "set",
        "payment",
        "--timestamp",
        "2024-05-16",
        "--reason",
        "why",
    ];
    sandbox.run(&set).expect_code(4);
    sandbox.run(&[&set[..], &["--yes"]].concat()).expect_code(0);
    let force = [
        "params",
        "set",
        "payment",
        "--sequence-id",
        "9",
        "--reason",
        "why",
        "--force",
    ];
    let refused = sandbox
        .run(&[&force[..], &["--yes"]].concat())
        .expect_code(4);
    assert!(refused.stderr.contains("--confirm payment"), "{refused:?}");
    sandbox
        .run(&[&force[..], &["--confirm", "staff"]].concat())
        .expect_code(4);
    sandbox
        .run(&[&force[..], &["--confirm", "payment"]].concat())
        .expect_code(0);
    sandbox.run(&["status"]).expect_code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_refuses_every_write_and_no_question() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let writes: [&[&str]; 3] = [
        &["ingest", "--all", "--yes"],
        &[
            "params",
            "set",
            "payment",
            "--timestamp",
            "now",
            "--reason",
            "why",
            "--confirm",
            "payment",
        ],
        &[
            "params",
            "revert",
            "payment",
            "--version",
            "1",
            "--reason",
            "why",
            "--yes",
        ],
    ];
    for words in writes {
        let refused = sandbox
            .run(&[words, &["--read-only"]].concat())
            .expect_code(4);
        assert!(refused.stderr.contains("read-only"), "{refused:?}");
    }
    guard(&sandbox, "read-only");
    for words in writes {
        sandbox.run(words).expect_code(4);
    }
    for words in [
        &["status"][..],
        &["preview", "payment"],
        &["params", "get", "payment"],
        &["check"],
    ] {
        sandbox.run(words).expect_code(0);
    }
}

#[test]
fn usage_and_configuration_errors_end_with_2_and_say_what_to_do() {
    let sandbox = Sandbox::empty();
    let none = sandbox.run(&["status"]).expect_code(2);
    assert!(
        none.stderr.contains("--demo") && none.stderr.contains("highwater init"),
        "{none:?}"
    );
    sandbox.run(&["nonsense"]).expect_code(2);
    sandbox.run(&["status", "--output", "yaml"]).expect_code(2);
    sandbox
        .run(&["params", "set", "payment", "--reason", "why"])
        .expect_code(2);
    sandbox
        .run(&["--config", "nowhere.toml", "status"])
        .expect_code(2);

    sandbox.write_config(
        "[profiles.test.source]\nurl = \"postgres://127.0.0.1:1/nowhere\"\n\
         [profiles.test.parameters]\nstore = \"local\"\npath = \"p.db\"\n\
         [profiles.test.objects]\nstore = \"local\"\npath = \"o\"\n",
    );
    let nothing = sandbox.run(&["ingest"]).expect_code(2);
    assert!(nothing.stderr.contains("--all"), "{nothing:?}");
    let timestamp = [
        "params",
        "set",
        "payment",
        "--reason",
        "why",
        "--timestamp",
        "soon",
    ];
    sandbox.run(&timestamp).expect_code(2);
    sandbox.append_config("[profiles.test.sauce]");
    let unknown = sandbox.run(&["status"]).expect_code(2);
    assert!(
        unknown.stderr.contains("did you mean source"),
        "{unknown:?}"
    );
}

#[test]
fn a_source_that_is_not_there_is_a_failure_and_not_a_first_run() {
    let sandbox = Sandbox::empty();
    sandbox.write_config(
        "[profiles.test.source]\nurl = \"postgres://me:hidden@127.0.0.1:1/nowhere\"\n\
         [profiles.test.parameters]\nstore = \"local\"\npath = \"p.db\"\n\
         [profiles.test.objects]\nstore = \"local\"\npath = \"o\"\n",
    );
    for words in [
        &["status"][..],
        &["ingest", "--all"],
        &["preview", "payment"],
        &["check"],
    ] {
        let run = sandbox.run(words).expect_code(1);
        assert!(run.stderr.contains("127.0.0.1:1"), "{run:?}");
        assert!(
            !run.stderr.contains("hidden") && !run.stdout.contains("hidden"),
            "{run:?}"
        );
    }
    let run = sandbox
        .run(&["ingest", "payment", "--output", "json"])
        .expect_code(1);
    assert_eq!(run.json()[0]["outcome"], "failed");
    assert_eq!(run.json()[0]["error"]["code"], "unavailable");
}

#[test]
fn what_needs_no_profile_works_without_one() {
    let sandbox = Sandbox::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = sandbox.run(&["completions", shell]).expect_code(0);
        assert!(script.stdout.contains("ingest"), "{shell}");
    }
    assert!(
        sandbox
            .run(&["man"])
            .expect_code(0)
            .stdout
            .contains(".TH highwater 1")
    );
    assert!(
        sandbox
            .run(&["keys"])
            .expect_code(0)
            .stdout
            .starts_with("KEY")
    );
    let keys = sandbox
        .run(&["keys", "--output", "json"])
        .expect_code(0)
        .json();
    assert!(!keys.as_array().expect("an array").is_empty());
    assert!(
        sandbox
            .run(&["--version"])
            .expect_code(0)
            .stdout
            .starts_with("highwater ")
    );
    sandbox.run(&["init"]).expect_code(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_reaches_every_store() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let items = sandbox
        .run(&["check", "--output", "json"])
        .expect_code(0)
        .json();
    for service in ["source", "parameters", "objects"] {
        let found = items
            .as_array()
            .expect("an array")
            .iter()
            .any(|item| item["service"] == service);
        assert!(found, "{service} is missing in {items}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_holds_cannot_steer_the_terminal() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    sql(
        &database,
        "CREATE TABLE \"ev\u{1b}[2Jil\" (id int, last_updated timestamp)",
    )
    .await;
    let table = sandbox.run(&["status"]).expect_code(0).stdout;
    assert!(
        table.contains("ev\\u{1b}[2Jil") && !table.contains('\u{1b}'),
        "{table}"
    );
    let json = sandbox
        .run(&["status", "--output", "json"])
        .expect_code(0)
        .json();
    assert_eq!(of(&json, "ev\u{1b}[2Jil")["table"], "ev\u{1b}[2Jil");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_error() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    sql(
        &database,
        "INSERT INTO design SELECT i, '2024-05-16' FROM generate_series(1, 50000) i",
    )
    .await;
    let mut run = sandbox
        .command(&["preview", "design"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    // Closed before anything was written: the very first write fails.
    drop(run.stdout.take());
    let mut stderr = String::new();
    run.stderr
        .take()
        .expect("piped")
        .read_to_string(&mut stderr)
        .expect("UTF-8");
    let status = run.wait().expect("it ends");
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(
        !stderr.contains("error") && !stderr.contains("panicked"),
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_stops_an_ingestion_with_nothing_half_written() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    let rows = "INSERT INTO design SELECT i, '2024-05-16'::timestamp + i * interval '1 millisecond' \
                FROM generate_series(1, 400000) i";
    sql(&database, rows).await;
    let run = sandbox
        .command(&["ingest", "design", "--max-rows", "1000", "--output", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let first = sandbox.path().join("objects/design/design_00000002.jsonl");
    let deadline = Instant::now() + PATIENCE;
    while !first.exists() {
        assert!(Instant::now() < deadline, "no second object");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let pid =
        rustix::process::Pid::from_raw(i32::try_from(run.id()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let output = run.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report all the same");
    let written = report[0]["objects"].as_array().expect("objects").len();
    assert!(written >= 1, "{report}");

    let after = one(&sandbox, &["status", "design"]);
    assert_eq!(after["findings"], json!([]), "{after}");
    assert_eq!(after["last_object"]["to"], after["timestamp"]);
    sandbox.run(&["ingest", "design"]).expect_code(0);
    let objects = sandbox
        .run(&["objects", "design", "--limit", "9999", "--output", "json"])
        .json();
    let rows = objects
        .as_array()
        .expect("objects")
        .iter()
        .filter_map(|o| o["rows"].as_u64());
    assert_eq!(rows.sum::<u64>(), 400_000, "each row once");
}
