//! What a reset of the demo removes from the journal, and what it does not.

use rusqlite::Connection;

use super::shop;
use crate::support::Sandbox;

/// The profiles of the journal's entries, without duplicates.
fn profiles(sandbox: &Sandbox) -> Vec<String> {
    let json = ["journal", "--output", "json"];
    let entries = sandbox.run(&json).expect_code(0).json();
    let of = |entry: &serde_json::Value| entry["profile"].as_str().expect("a name").to_owned();
    let mut names: Vec<String> = entries
        .as_array()
        .expect("entries")
        .iter()
        .map(of)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The shop, with the entries of `staff` made to look like the demo's.
async fn with_entries() -> Option<(crate::support::Database, Sandbox)> {
    let (database, sandbox) = shop().await?;
    sandbox.run(&["ingest", "--all"]).expect_code(0);
    let journal = Connection::open(sandbox.path().join("state/highwater/journal.db"));
    let changed = journal.expect("a journal").execute(
        "UPDATE change SET profile = 'demo' WHERE table_name = 'staff'",
        [],
    );
    assert_eq!(changed.expect("updated"), 1);
    Some((database, sandbox))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_forgets_the_demos_entries_in_the_journal_and_no_others() {
    let Some((_database, sandbox)) = with_entries().await else {
        return;
    };
    assert_eq!(profiles(&sandbox), ["demo", "test"]);
    sandbox.run(&["demo", "reset"]).expect_code(0);
    assert_eq!(profiles(&sandbox), ["test"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_the_demos_name_keeps_its_entries() {
    let Some((_database, sandbox)) = with_entries().await else {
        return;
    };
    sandbox.append_config(
        "[profiles.demo.source]\nurl = \"postgres://\"\n[profiles.demo.objects]\nbucket = \"b\"",
    );
    let reset = sandbox.run(&["demo", "reset"]).expect_code(0);
    assert!(
        reset.stderr.contains("the configuration has a profile"),
        "{reset:?}"
    );
    assert_eq!(profiles(&sandbox), ["demo", "test"]);
}
