//! Previewing, planning and writing pending rows.

use serde_json::{Value, json};

use super::{fields, guard, of, shop};

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
    let missing = sandbox.run(&["objects", "cat", "payment/nothing"]);
    let told = missing.expect_code(1).stderr;
    assert!(
        told.starts_with("error: there is no object payment/nothing at "),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_means_no_table_fails_and_the_others_are_done() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let run = sandbox
        .run(&["ingest", "paymnt", "staff", "paymnt", "--output", "json"])
        .expect_code(1);
    let records = run.json();
    assert_eq!(records.as_array().map(Vec::len), Some(2), "each once");
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
async fn a_journal_that_cannot_be_written_stops_nothing_and_is_said() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let journal = sandbox.path().join("state/highwater/journal.db");
    std::fs::create_dir_all(&journal).expect("a folder where the file should be");
    let several = sandbox.run(&["ingest", "payment", "--max-rows", "5"]);
    let told = several.expect_code(0).stderr;
    assert!(
        told.contains("changes are missing from the journal: the journal "),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "once: {told}");
    let told = sandbox.run(&["-q", "ingest", "staff"]).expect_code(0);
    assert_eq!(told.stderr, "", "only results and errors");

    std::fs::remove_dir(&journal).expect("removed");
    let none = sandbox.run(&["journal", "--output", "json"]);
    assert_eq!(none.expect_code(0).stdout.trim(), "[]");
    assert!(!journal.exists(), "looking makes no file");
}
