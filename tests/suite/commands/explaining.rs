//! What commands print besides their results: why a name matches no table, why nothing was ingested.

use serde_json::json;

use super::{one, shop};

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_something_that_is_not_read_says_what_it_is() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    database
        .run(
            "CREATE VIEW recent AS SELECT * FROM staff;
             CREATE MATERIALIZED VIEW kept AS SELECT * FROM staff;
             CREATE TABLE event (id int, last_updated timestamp) PARTITION BY RANGE (id);
             CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10);
             CREATE TABLE sales.lead (id int, last_updated timestamp);",
        )
        .await;
    let names = ["recent", "kept", "event_1", "sales.lead", "nothing"];
    let told = sandbox.run(&[["status"].as_slice(), &names].concat());
    let told = told.expect_code(1).stderr;
    let mut errors = told.lines().filter(|line| line.starts_with("error: "));
    for why in [
        "recent among the selected tables of the source; it is a view, and only tables are read",
        "kept among the selected tables of the source; it is a materialized view, and only tables are read",
        "event_1 among the selected tables of the source; it is a partition, and its rows are those of its table",
        "sales.lead among the selected tables of the source; the profile leaves it out",
        "nothing among the selected tables of the source",
    ] {
        let error = errors.next();
        assert_eq!(error, Some(&*format!("error: there is no table {why}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_selects_nothing_says_so() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    let text = std::fs::read_to_string(sandbox.config_file()).expect("a configuration");
    let settle = "settle = \"0s\"";
    sandbox.write_config(&text.replace(settle, &format!("{settle}\ntables = [\"sale.*\"]")));
    // For commands that only look, this is no failure; those that look after all tables would do nothing for ever,
    // unnoticed.
    for (words, code) in [
        (["status"].as_slice(), 0),
        (&["ingest", "--all"], 2),
        (&["doctor"], 2),
        (&["check"], 1),
    ] {
        let words = [words, &["--output", "json"]].concat();
        let run = sandbox.run(&words).expect_code(code);
        let told = "the profile selects none of the 3 tables of the source: see source.tables";
        assert!(run.stderr.contains(told), "{run:?}");
        assert_eq!(run.json() == json!([]), code != 1, "{run:?}");
    }
    database.run("DROP TABLE payment, staff, design").await;
    let empty = sandbox.run(&["ingest", "--all"]).expect_code(0).stderr;
    assert!(empty.contains("the source has no table"), "{empty}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingestion_that_finds_nothing_says_what_is_held_back() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    let nothing = one(&sandbox, &["ingest", "design"]);
    assert_eq!(nothing["outcome"], "nothing-pending");
    let quiet = sandbox.run(&["ingest", "design"]).expect_code(0);
    assert_eq!(quiet.stderr, "");
    database
        .run("INSERT INTO design VALUES (1, now() AT TIME ZONE 'UTC' + interval '1 hour')")
        .await;
    for words in [
        ["ingest", "design"].as_slice(),
        &["ingest", "design", "--dry-run"],
    ] {
        let run = sandbox.run(words).expect_code(0);
        let told = "design: 1 row held back, at or above the horizon, ";
        assert!(run.stderr.starts_with(told), "{run:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_counts_where_the_planner_cannot_tell_one_row_from_none() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    sandbox.run(&["ingest", "payment"]).expect_code(0);
    database
        .run(
            "ANALYZE payment;
             DO $$ BEGIN
                 EXECUTE format('ALTER DATABASE %I SET seq_page_cost = 1000000', current_database());
             END $$",
        )
        .await;
    let idle = one(&sandbox, &["status", "payment"]);
    assert_eq!(
        (&idle["pending_rows"], &idle["pending_exact"]),
        (&0.into(), &true.into())
    );
    assert_eq!(idle["state"], "up-to-date");
    database
        .run("UPDATE payment SET last_updated = '2024-05-17'; ANALYZE payment")
        .await;
    let busy = one(&sandbox, &["status", "payment"]);
    assert_eq!(busy["pending_exact"], false, "{busy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_for_the_password_that_does_not_end_is_named_while_it_is_waited_for() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let quick = sandbox.run(&["status"]).expect_code(0);
    let file = std::fs::read_to_string(sandbox.config_file()).expect("a configuration");
    let source = "[profiles.test.source]";
    let slow = format!("{source}\npassword_command = [\"sh\", \"-c\", \"sleep 4; echo s3cret\"]");
    sandbox.write_config(&file.replace(source, &slow));
    let slow = sandbox.run(&["status"]).expect_code(0);
    assert_eq!(slow.stdout, quick.stdout);
    let told = "waiting for the password of source.password_command: sh ";
    assert!(
        slow.stderr.contains(told) && !quick.stderr.contains(told),
        "{slow:?}"
    );
    assert!(!slow.stderr.contains("s3cret"), "{slow:?}");
}
