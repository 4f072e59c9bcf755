//! Commands that only look: status, check, keys, completions; and the output formats.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use super::safety::on_terminal;
use super::{fields, of, one, shop};
use crate::support::Sandbox;

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

#[test]
fn a_profile_of_aws_that_does_not_exist_is_named_and_check_does_not_lead_to_itself() {
    let mut sandbox = Sandbox::empty();
    sandbox.write_config(
        r#"default_profile = "test"
[profiles.test.source]
url = "postgres://127.0.0.1:1/none"
[profiles.test.objects]
bucket = "a-bucket"
[profiles.test.aws]
region = "eu-west-2"
endpoint_url = "http://127.0.0.1:1"
"#,
    );
    sandbox.set("AWS_PROFILE", "nope");
    let told = sandbox.run(&["check"]).expect_code(1).stderr;
    assert!(
        told.contains("there is no profile nope in the shared"),
        "{told}"
    );
    let next = "next: correct aws.profile of the profile, or AWS_PROFILE\n";
    assert!(told.contains(next), "{told}");
    assert!(!told.contains("highwater check"), "{told}");
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
async fn an_object_that_is_not_there_is_a_failure_that_says_how_to_see_those_that_are() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let run = sandbox.run(&["objects", "cat", "payment/none.jsonl"]);
    let told = run.expect_code(1).stderr;
    assert!(
        told.contains("there is no object payment/none.jsonl"),
        "{told}"
    );
    assert!(
        told.contains("next: see what there is: highwater objects TABLE"),
        "{told}"
    );
    sandbox.run(&["objects", "cat", "../x"]).expect_code(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_holds_cannot_steer_the_terminal() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    database
        .run("CREATE TABLE \"ev\u{1b}[2Jil\" (id int, last_updated timestamp)")
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
    // The name as it is shown, and therefore as it stands in suggested commands.
    let told = one(&sandbox, &["params", "get", r"ev\u{1b}[2Jil"]);
    assert_eq!(told["table"], "ev\u{1b}[2Jil");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_does_not_obey_is_sent_no_escape_sequences() {
    let Some((_database, mut sandbox)) = shop().await else {
        return;
    };
    for (name, obeys) in [("xterm", true), ("dumb", false), ("", false)] {
        sandbox.set("TERM", name);
        for words in [["status", "payment"], ["ingest", "payment"]] {
            let (code, screen) = on_terminal(&sandbox, &words, "");
            assert_eq!(code, 0, "{screen}");
            assert_eq!(screen.contains('\u{1b}'), obeys, "{name:?}: {screen:?}");
        }
    }
}

#[test]
fn the_journal_is_read_without_starting_or_reaching_anything() {
    let sandbox = Sandbox::empty();
    let none = sandbox.run(&["--demo", "journal", "--output", "json"]);
    assert_eq!(none.expect_code(0).json(), serde_json::json!([]));
    let demo = sandbox.path().join("state/highwater/demo");
    assert!(!demo.exists(), "no demo was made for it");
}

#[test]
fn what_is_kept_between_runs_is_closed_to_other_users() {
    let sandbox = Sandbox::empty();
    sandbox.run(&["keys"]).expect_code(0);
    let folder = sandbox.path().join("state/highwater");
    let mode = std::fs::metadata(&folder).expect("a folder").permissions();
    assert_eq!(mode.mode() & 0o777, 0o700);
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
