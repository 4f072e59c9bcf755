//! What the doctor prints, how it ends, and the confirmation that a repair needs.

use serde_json::{Value, json};

use super::{fields, guard, shop};
use crate::support::{Database, Sandbox};

/// The shop, ingested, with one more object of payment that another program left behind.
async fn stuck() -> Option<(Database, Sandbox)> {
    let (database, sandbox) = shop().await?;
    database
        .run(
            "CREATE INDEX ON payment (last_updated); CREATE INDEX ON staff (last_updated);
         CREATE INDEX ON design (last_updated);
         CREATE TABLE payment_type (id int PRIMARY KEY, last_updated timestamp);
         CREATE INDEX ON payment_type (last_updated);
         INSERT INTO payment_type VALUES (1, '2024-05-16 10:00:20')",
        )
        .await;
    sandbox.run(&["ingest", "--all"]).expect_code(0);
    database
        .run("INSERT INTO payment VALUES (21, 'late', 1, '2024-05-16 10:00:21')")
        .await;
    let body = "[\n  {\"id\": 21, \"last_updated\": \"2024-05-16 10:00:21.000\"}\n]\n";
    let object = sandbox
        .path()
        .join("objects/payment/payment_00000002.jsonl");
    std::fs::write(object, body).expect("written");
    Some((database, sandbox))
}

fn doctor(sandbox: &Sandbox, words: &str, code: i32) -> Vec<Value> {
    let mut all = vec!["doctor"];
    all.extend(words.split_whitespace());
    all.extend(["--output", "json"]);
    let run = sandbox.run(&all).expect_code(code);
    run.json().as_array().expect("an array").clone()
}

fn history(sandbox: &Sandbox) -> String {
    ["payment", "payment_type", "staff"]
        .map(|table| {
            sandbox
                .run(&["params", "history", table])
                .expect_code(0)
                .stdout
        })
        .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_have_the_shape_of_the_contract_and_decide_the_exit_code() {
    let Some((_database, sandbox)) = stuck().await else {
        return;
    };
    let found = doctor(&sandbox, "", 3);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        fields(&found[0]),
        [
            "table", "code", "severity", "message", "evidence", "repairs"
        ]
    );
    assert_eq!(found[0]["code"], "stuck-sequence");
    assert_eq!(found[0]["severity"], "error");
    assert_eq!(found[0]["evidence"]["object_rows"], 1);
    let repair = &found[0]["repairs"][0];
    assert_eq!(repair["id"], "use-object");
    let writes = json!([
        {"what": "/highwater/payment/timestamp", "before": "2024-05-16T10:00:20.000000Z", "after": "2024-05-16T10:00:21.000000Z"},
        {"what": "/highwater/payment/sequence_id", "before": "1", "after": "2"}
    ]);
    assert_eq!(repair["writes"], writes);
    assert_eq!(doctor(&sandbox, "staff", 0), [Value::Null; 0]);
    assert_eq!(
        doctor(&sandbox, "payment --only stale", 0),
        [Value::Null; 0]
    );
    assert_eq!(doctor(&sandbox, "--only stuck-sequence,stale", 3).len(), 1);
    let unknown = sandbox.run(&["doctor", "paymnt"]).expect_code(1);
    assert!(
        unknown.stderr.contains("did you mean payment"),
        "{unknown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_fits_eighty_columns_and_shows_the_writes() {
    let Some((_database, sandbox)) = stuck().await else {
        return;
    };
    let run = sandbox.run(&["doctor"]).expect_code(3);
    for line in run.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for part in [
        "✗ payment  stuck-sequence",
        "repair use-object",
        "2024-05-16T10:00:20.000000Z → 2024-05-16T10:00:21.000000Z",
        "1 → 2",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert!(run.stderr.contains("1 error in 4 tables"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_repairs_with_yes_and_the_second_time_nothing_changes() {
    let Some((_database, sandbox)) = stuck().await else {
        return;
    };
    let type_before = sandbox.run(&["params", "history", "payment_type"]).stdout;
    let refused = sandbox.run(&["doctor", "--repair"]).expect_code(4);
    assert!(refused.stderr.contains("add --yes"), "{refused:?}");
    assert!(
        refused.stdout.contains("use-object"),
        "what was found is shown: {refused:?}"
    );
    let before = history(&sandbox);
    let done = doctor(&sandbox, "--repair --yes", 0);
    assert_eq!(done[0]["repaired"], "use-object");
    let after = history(&sandbox);
    assert_ne!(after, before);
    assert_eq!(doctor(&sandbox, "--repair --yes", 0), [Value::Null; 0]);
    assert_eq!(history(&sandbox), after);
    let type_after = sandbox.run(&["params", "history", "payment_type"]).stdout;
    assert_eq!(type_after, type_before, "a neighbour by name is left alone");
    let journal = sandbox
        .run(&["journal", "--output", "json"])
        .expect_code(0)
        .json();
    assert_eq!(journal[0]["action"], "repair");
    assert_eq!(journal[0]["what"], "/highwater/payment/sequence_id");
    let ingested = sandbox
        .run(&["ingest", "payment", "--output", "json"])
        .expect_code(0)
        .json();
    assert_eq!(ingested[0]["outcome"], "nothing-pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_repairs_none_is_done_unless_it_is_chosen() {
    let Some((_database, sandbox)) = stuck().await else {
        return;
    };
    doctor(&sandbox, "--repair --yes", 0);
    // Behind the other program's object, and not written by an edit.
    let file =
        rusqlite::Connection::open(sandbox.path().join("parameters.db")).expect("a database");
    let written = "INSERT INTO parameter_version VALUES ('/highwater/payment/timestamp', 9, '2024-05-16 10:00:05', '', 0, 'script')";
    file.execute(written, []).expect("written");
    let before = history(&sandbox);
    let run = sandbox
        .run(&["doctor", "payment", "--repair", "--yes"])
        .expect_code(3);
    assert!(
        run.stderr.contains("use-object or keep-parameter"),
        "{run:?}"
    );
    assert_eq!(history(&sandbox), before);
    let done = doctor(
        &sandbox,
        "payment --repair --yes --choose keep-parameter",
        0,
    );
    assert_eq!(done[0]["repaired"], "keep-parameter");
    let report = sandbox
        .run(&["ingest", "payment", "--output", "json"])
        .expect_code(0)
        .json();
    assert_eq!(report[0]["objects"][0]["rows"], 16, "honoured from now on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_profile_refuses_and_a_careful_one_wants_yes() {
    let Some((_database, sandbox)) = stuck().await else {
        return;
    };
    let before = history(&sandbox);
    let refused = sandbox
        .run(&["doctor", "--repair", "--yes", "--read-only"])
        .expect_code(4);
    assert!(refused.stderr.contains("read-only"), "{refused:?}");
    assert_eq!(
        doctor(&sandbox, "--read-only", 3).len(),
        1,
        "looking is allowed"
    );
    guard(&sandbox, "careful");
    sandbox.run(&["doctor", "--repair"]).expect_code(4);
    assert_eq!(history(&sandbox), before);
    doctor(&sandbox, "--repair --yes", 0);
    assert_ne!(history(&sandbox), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_that_is_down_is_a_failure_and_what_can_be_seen_is_still_told() {
    let Some((database, sandbox)) = stuck().await else {
        return;
    };
    let config = std::fs::read_to_string(sandbox.config_file()).expect("a file");
    let objects = sandbox.path().join("objects").display().to_string();
    sandbox.write_config(&config.replace(
        &objects,
        &format!("{objects}/payment/payment_00000001.jsonl"),
    ));
    database.run("DROP INDEX staff_last_updated_idx").await;
    let run = sandbox.run(&["doctor", "--output", "json"]).expect_code(1);
    assert!(run.stderr.contains("cannot be reached"), "{run:?}");
    assert_eq!(run.json()[0]["code"], "no-timestamp-index");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_repair_stands_before_what_is_to_be_confirmed_and_together() {
    let Some((database, sandbox)) = stuck().await else {
        return;
    };
    let drop = "DROP INDEX staff_last_updated_idx; DROP INDEX payment_type_last_updated_idx";
    database.run(drop).await;
    let refused = sandbox.run(&["doctor", "--repair"]).expect_code(4);
    let done = sandbox.run(&["doctor", "--repair", "--yes"]).expect_code(0);
    for run in [refused, done] {
        let headings: Vec<&str> = run
            .stdout
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with(' '))
            .collect();
        let expected = [
            "2 findings without a repair here:",
            "· payment_type, staff  no-timestamp-index",
            "1 finding with a repair:",
            "✗ payment  stuck-sequence",
        ];
        assert_eq!(headings, expected, "{run:?}");
    }
    let records = doctor(&sandbox, "--repair --yes", 0);
    let codes: Vec<&Value> = records.iter().map(|record| &record["code"]).collect();
    assert_eq!(codes, ["no-timestamp-index"; 2]);
}
