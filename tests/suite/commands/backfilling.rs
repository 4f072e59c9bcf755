//! Resuming an interrupted backfill without anybody having kept its id.

use rusqlite::Connection;

use super::shop;
use crate::support::Sandbox;

/// Reads rows 1–10 of `payment` again, five per object, as a backfill that was to read rows 1–20, up to the
/// watermark, and was interrupted after row 10. Returns its id.
fn interrupted(sandbox: &Sandbox) -> String {
    let words = "backfill payment --from 2024-05-16T10:00:01Z --to 2024-05-16T10:00:11Z --chunk 5s";
    let mut words: Vec<&str> = words.split(' ').collect();
    words.extend(["--output", "json"]);
    let written = sandbox.run(&words).expect_code(0).json();
    assert_eq!(written[0]["objects"].as_array().map(Vec::len), Some(2));
    let id = written[0]["backfill"].as_str().expect("an id").to_owned();
    let journal = Connection::open(sandbox.path().join("state/highwater/journal.db"));
    let changed = journal.expect("a journal").execute(
        "UPDATE backfill SET ended = NULL, range_to = range_to + 9000001 WHERE id = ?1",
        [&id],
    );
    assert_eq!(changed.expect("updated"), 1);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_interrupted_backfill_is_gone_on_with_without_its_id_and_only_once() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    sandbox.run(&["ingest", "--all"]).expect_code(0);
    let resume = ["backfill", "payment", "--resume"];
    let run = sandbox.run(&resume).expect_code(2);
    assert!(run.stderr.contains("was interrupted"), "{run:?}");
    let id = interrupted(&sandbox);
    let dry = [&resume[..], &["--dry-run"]].concat();
    let run = sandbox.run(&dry).expect_code(0);
    assert!(run.stderr.contains("2 objects already there"), "{run:?}");
    let json = [&resume[..], &["--output", "json"]].concat();
    let record = sandbox.run(&json).expect_code(0).json();
    assert_eq!(record[0]["backfill"], id.as_str());
    let objects = record[0]["objects"].as_array().expect("objects");
    let rows: Vec<_> = objects
        .iter()
        .map(|object| object["rows"].as_u64())
        .collect();
    assert_eq!(
        rows,
        [Some(5), Some(5)],
        "its chunks are those it was begun with"
    );
    let run = sandbox.run(&resume).expect_code(2);
    assert!(run.stderr.contains("no backfill of payment"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_several_were_interrupted_each_is_named_with_the_command_that_goes_on() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    sandbox.run(&["ingest", "--all"]).expect_code(0);
    let ids = [interrupted(&sandbox), interrupted(&sandbox)];
    let run = sandbox
        .run(&["backfill", "payment", "--resume"])
        .expect_code(2);
    assert!(
        run.stderr
            .contains("2 backfills of payment were interrupted"),
        "{run:?}"
    );
    for id in &ids {
        let command = format!("highwater backfill payment --resume {id}");
        let line = run.stderr.lines().find(|line| line.contains(&command));
        let line = line.unwrap_or_else(|| panic!("no {command} in {run:?}"));
        assert!(
            line.contains("2 of 4 objects written, 10 rows left"),
            "{line}"
        );
        let by_id = ["backfill", "payment", "--resume", id];
        sandbox.run(&by_id).expect_code(0);
    }
    let unknown = [
        "backfill",
        "payment",
        "--resume",
        "20240516T105030-1f3a5c7e",
    ];
    let run = sandbox.run(&unknown).expect_code(2);
    assert!(run.stderr.contains("add its --from and --to"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_before_its_first_object_says_how_it_is_begun_again() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    sandbox.run(&["ingest", "--all"]).expect_code(0);
    let range = "--from 2024-05-16T10:00:01Z --to 2024-05-16T10:00:11Z --chunk 5s";
    // The next object cannot be written, because there is a folder in its place.
    let place = sandbox
        .path()
        .join("objects/payment/payment_00000002.jsonl/x");
    std::fs::create_dir_all(place).expect("a folder");
    let words = format!("backfill payment {range}");
    let run = sandbox.run(&words.split(' ').collect::<Vec<_>>());
    let run = run.expect_code(1);
    assert!(!run.stderr.contains("--resume"), "{run:?}");
    assert!(run.stderr.contains("begin it again: "), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_is_not_gone_on_with_unless_somebody_names_it() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    sandbox.run(&["ingest", "--all"]).expect_code(0);
    let ids = [interrupted(&sandbox), interrupted(&sandbox)];
    let forget = ["backfill", "payment", "--forget"];
    let run = sandbox.run(&forget).expect_code(2);
    for id in &ids {
        let command = format!("highwater backfill payment --forget {id}");
        assert!(run.stderr.contains(&command), "{run:?}");
    }
    let read_only = [&forget[..], &[&ids[0], "--read-only"]].concat();
    sandbox.run(&read_only).expect_code(4);
    let first = [&forget[..], &[&ids[0], "--output", "json"]].concat();
    let record = sandbox.run(&first).expect_code(0).json();
    assert_eq!(record[0]["backfill"], ids[0].as_str());
    assert_eq!(record[0]["from"], "2024-05-16T10:00:01.000000Z");
    let run = sandbox.run(&forget).expect_code(0);
    assert!(run.stdout.contains(&ids[1]), "the only one left: {run:?}");
    let run = sandbox.run(&[&forget[..], &[&ids[1]]].concat());
    let run = run.expect_code(2);
    assert!(run.stderr.contains("is left to resume"), "{run:?}");
    sandbox
        .run(&["backfill", "payment", "--resume"])
        .expect_code(2);
    let changes = ["journal", "--limit", "1", "--output", "json"];
    let change = sandbox.run(&changes).expect_code(0).json();
    assert_eq!(change[0]["action"], "forget");
    assert_eq!(change[0]["what"], format!("backfill {}", ids[1]));
    let by_id = ["backfill", "payment", "--resume", &ids[0]];
    let run = sandbox.run(&[&by_id[..], &["--dry-run"]].concat());
    let run = run.expect_code(0);
    assert!(run.stderr.contains("2 objects already there"), "{run:?}");
}
