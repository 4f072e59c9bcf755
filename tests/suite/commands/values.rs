//! The two stored values: setting and reverting them, and their history.

use serde_json::json;

use super::{fields, one, shop};

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
    assert!(set.stderr.contains("re-ingests 10 rows: "), "{set:?}");

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
async fn a_number_is_stored_once_more_by_force_where_its_objects_are_gone() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    sandbox.run(&["ingest", "payment"]).expect_code(0);
    std::fs::remove_dir_all(sandbox.path().join("objects/payment")).expect("the objects");
    database
        .run("INSERT INTO payment VALUES (21, 'new', 1, '2024-05-17')")
        .await;
    sandbox.run(&["ingest", "payment"]).expect_code(1);
    let found = sandbox.run(&["doctor", "payment", "--output", "json"]);
    let found = found.expect_code(3).json();
    assert_eq!(found[0]["code"], "sequence-ahead");
    let message = found[0]["message"].as_str().expect("a text");
    let way = "highwater params set payment --sequence-id 1 --force --reason TEXT";
    assert!(message.ends_with(way), "{message}");
    let named = ["--profile", "test", "doctor", "payment", "--output", "json"];
    let found = sandbox.run(&named).expect_code(3).json();
    let message = found[0]["message"].as_str().expect("a text");
    let on_it = way.replace("highwater", "highwater --profile test");
    assert!(message.ends_with(&on_it), "for the same profile: {message}");

    let mut words: Vec<&str> = way.split(' ').skip(1).collect();
    let same = sandbox.run(&[
        "params",
        "set",
        "payment",
        "--sequence-id",
        "1",
        "--reason",
        "x",
    ]);
    assert!(same.expect_code(2).stderr.contains("nothing would change"));
    sandbox.run(&words).expect_code(0);
    words = vec!["ingest", "payment"];
    let written = one(&sandbox, &words);
    assert_eq!(written["objects"][0]["sequence_id"], 2);
    assert_eq!(written["objects"][0]["rows"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_table_may_call_its_parameters_otherwise() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    // The parameters are named like those of a table `pay`, which does not exist.
    sandbox.append_config(
        "[profiles.test.tables.payment]\n\
         timestamp = \"/highwater/pay/timestamp\"\n\
         sequence_id = \"/highwater/pay/sequence_id\"\n",
    );
    sandbox.run(&["ingest", "payment", "staff"]).expect_code(0);
    let values = one(&sandbox, &["params", "get", "payment"]);
    assert_eq!(values["timestamp"], "2024-05-16T10:00:20.000000Z");
    assert_eq!(values["sequence_id"], 1);
    for (table, called) in [("payment", "pay"), ("staff", "staff")] {
        let history = ["params", "history", table, "--output", "json"];
        let history = sandbox.run(&history).expect_code(0).json();
        let mut names: Vec<&str> = history
            .as_array()
            .expect("an array")
            .iter()
            .filter_map(|entry| entry["parameter"].as_str())
            .collect();
        names.sort_unstable();
        let expected =
            ["sequence_id", "timestamp"].map(|what| format!("/highwater/{called}/{what}"));
        assert_eq!(names, expected);
    }
    let found = sandbox.run(&["doctor", "--only", "parameter-orphan"]);
    assert!(found.expect_code(0).stderr.starts_with("no finding"));
}
