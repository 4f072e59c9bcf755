//! Findings about the source. One pair of stores is enough, because the findings do not come from the
//! stores.

use highwater::backend::finding::{FindingCode, Severity};

use super::{TABLES, examine, has, ingest, insert, name, second};
use crate::support::{self, Database, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_no_watermark_passes_and_an_index_that_is_missing_are_told() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 5).await;
    database
        .run(
            "DROP INDEX payment_last_updated_idx;
         INSERT INTO payment VALUES (6, NULL), (7, 'infinity'), (8, '2999-01-01')",
        )
        .await;
    let stage = Stage::local(&database).await;
    ingest(&stage, "payment").await;
    let found = examine(&stage, &["payment", "payment_type"]).await;
    let unreachable = has(&found, FindingCode::RowsUnreachable).expect("rows");
    assert_eq!(
        unreachable.evidence.get("unreachable_rows"),
        Some(&3.into())
    );
    let index = has(&found, FindingCode::NoTimestampIndex).expect("no index");
    assert_eq!(index.finding.severity, Severity::Info);
    let statement = index
        .evidence
        .get("statement")
        .and_then(|text| text.as_str());
    let statement = statement.expect("a statement");
    assert_eq!(
        statement,
        "CREATE INDEX CONCURRENTLY ON \"public\".\"payment\" (\"last_updated\")"
    );
    database.run(statement).await;
    let found = examine(&stage, &["payment", "payment_type"]).await;
    assert_eq!(has(&found, FindingCode::NoTimestampIndex), None);
}

/// A stage in which rows are timed by `At`, read in this zone, and the rows of table `two` by `a`
/// and `b`.
async fn timed_by_at(database: &Database, zone: &str) -> Stage {
    let line = format!("timezone = \"{zone}\"\ntimestamp_columns = [\"At\"]");
    let stage = Stage::local(database).await;
    let stage = stage.with_setting("source", &line).await;
    stage
        .configured("[profiles.test.tables.two]\ntimestamp_columns = [\"a\", \"b\"]")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_for_rows_out_of_reach_brings_them_back_whatever_the_column_is() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run("CREATE TABLE naive (id int, \"At\" timestamp);
         CREATE TABLE zoned (id int, \"At\" timestamptz);
         CREATE TABLE two (id int, a timestamp, b timestamptz);
         INSERT INTO naive VALUES (1, NULL), (2, 'infinity'), (3, '-infinity'), (4, '2999-01-01'), (5, '2024-01-01');
         INSERT INTO zoned SELECT * FROM naive;
         INSERT INTO two VALUES (1, NULL, NULL);",
    )
    .await;
    for zone in ["UTC", "Europe/London"] {
        let stage = timed_by_at(&database, zone).await;
        for table in ["naive", "zoned"] {
            let found = examine(&stage, &[table]).await;
            let unreachable = has(&found, FindingCode::RowsUnreachable).expect("rows");
            let statement = unreachable
                .evidence
                .get("statement")
                .and_then(|text| text.as_str())
                .expect("a statement");
            let client = database.client().await;
            let changed = client.execute(statement, &[]).await.expect("it runs");
            assert_eq!(changed, 4, "{zone}: {statement}");
            let found = examine(&stage, &[table]).await;
            assert_eq!(has(&found, FindingCode::RowsUnreachable), None);
            let again = format!("UPDATE {table} SET \"At\" = 'infinity' WHERE id < 5");
            database.run(&again).await;
        }
        let found = examine(&stage, &["two"]).await;
        let unreachable = has(&found, FindingCode::RowsUnreachable).expect("rows");
        assert_eq!(unreachable.evidence.get("statement"), None, "of which?");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_for_the_index_works_for_whatever_the_condition_is() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run(
            "CREATE TABLE one (id int, \"At\" timestamp);
         CREATE TABLE two (id int, a timestamp, b timestamptz);
         CREATE TABLE parts (id int, \"At\" timestamp) PARTITION BY RANGE (id);
         CREATE TABLE part PARTITION OF parts DEFAULT;",
        )
        .await;
    for zone in ["UTC", "Europe/London"] {
        let stage = timed_by_at(&database, zone).await;
        let tables = ["one", "two", "parts"];
        let found = examine(&stage, &tables).await;
        for diagnosis in &found.diagnoses {
            assert_eq!(
                diagnosis.code(),
                FindingCode::NoTimestampIndex,
                "{diagnosis:?}"
            );
            let statement = diagnosis
                .evidence
                .get("statement")
                .and_then(|text| text.as_str());
            let statement = statement.expect("a statement");
            // GREATEST over both kinds is not immutable in every zone; PostgreSQL would refuse the
            // index.
            let client = database.client().await;
            let made = client.batch_execute(statement).await;
            assert!(made.is_ok(), "{zone}: {statement}: {made:?}");
        }
        assert_eq!(examine(&stage, &tables).await.diagnoses, [], "{zone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_ahead_of_the_table_matters_unless_the_newest_object_says_the_same() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 20).await;
    let stage = Stage::local(&database).await;
    ingest(&stage, "payment").await;
    let found = examine(&stage, &["payment"]).await;
    assert_eq!(has(&found, FindingCode::TimestampAheadOfTable), None);
    database.run("DELETE FROM payment WHERE id > 15").await;
    let found = examine(&stage, &["payment"]).await;
    let ahead = has(&found, FindingCode::TimestampAheadOfTable).expect("ahead");
    assert_eq!(ahead.finding.severity, Severity::Info);
    assert_eq!(ahead.evidence.get("newest_row"), Some(&second(15).into()));
    let timestamp = name(&stage, "payment", "timestamp");
    stage
        .outsider()
        .put_parameter(&timestamp, &second(60))
        .await;
    let found = examine(&stage, &["payment"]).await;
    let ahead = has(&found, FindingCode::TimestampAheadOfTable).expect("ahead");
    assert_eq!(ahead.finding.severity, Severity::Warning);
    // Back to the end of the object, not to the newest row that is left.
    let back = format!("params set payment --timestamp {}", second(20));
    let step = ahead.next_step().expect("a next step");
    assert!(step.contains(&back), "{step}");
    // Never forwards.
    stage
        .outsider()
        .put_parameter(&timestamp, &second(18))
        .await;
    let found = examine(&stage, &["payment"]).await;
    let ahead = has(&found, FindingCode::TimestampAheadOfTable).expect("ahead");
    let back = format!("params set payment --timestamp {}", second(15));
    let step = ahead.next_step().expect("a next step");
    assert!(step.contains(&back), "{step}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_is_not_where_the_timestamp_should_be() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 20).await;
    let stage = Stage::local(&database).await;
    ingest(&stage, "payment").await;
    let range = [
        "--from",
        "2024-05-16T10:00:03Z",
        "--to",
        "2024-05-16T10:00:09Z",
    ];
    let words = [&["backfill", "payment", "--yes"][..], &range].concat();
    stage.sandbox.run(&words).expect_code(0);
    database.run("DELETE FROM payment WHERE id > 15").await;
    let found = examine(&stage, &["payment"]).await;
    let ahead = has(&found, FindingCode::TimestampAheadOfTable).expect("ahead");
    assert_eq!(ahead.finding.severity, Severity::Info, "{ahead:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_format_that_cannot_hold_what_the_column_has_is_told_before_it_stops_anything() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run(
            "CREATE TABLE payment (id int, last_updated timestamp);
         CREATE TABLE payment_type (id int, last_updated timestamp(3));
         INSERT INTO payment VALUES (1, '2024-05-16 10:00:00.123');",
        )
        .await;
    let stage = Stage::local(&database).await;
    let format = "timestamp_format = \"%Y-%m-%d %H:%M:%S%.3f\"";
    let stage = stage.with_setting("parameters", format).await;
    let lossy = FindingCode::TimestampFormatLosesPrecision;
    let found = examine(&stage, &["payment_type"]).await;
    assert_eq!(has(&found, lossy), None, "milliseconds are all it has");
    let found = examine(&stage, &["payment"]).await;
    let warned = has(&found, lossy).expect("a warning");
    assert_eq!(warned.finding.severity, Severity::Warning);
    let of_status = stage.status("payment").await.findings();
    assert_eq!(
        of_status.first(),
        Some(&warned.finding),
        "status says the same"
    );
    assert_eq!(stage.status("payment_type").await.findings(), []);
    database
        .run("INSERT INTO payment VALUES (2, '2024-05-16 10:00:00.123456')")
        .await;
    let found = examine(&stage, &["payment"]).await;
    let stops = has(&found, lossy).expect("an error");
    assert_eq!(stops.finding.severity, Severity::Error);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_nobody_ingests_for_a_day_are_stale() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    insert(&database, 1, 5).await;
    let stage = Stage::local(&database).await;
    ingest(&stage, "payment").await;
    insert(&database, 6, 9).await;
    let found = examine(&stage, &["payment"]).await;
    assert_eq!(
        has(&found, FindingCode::Stale),
        None,
        "an object has just been written"
    );
    let object = stage
        .sandbox
        .path()
        .join("objects/payment/payment_00000001.jsonl");
    let file = std::fs::File::options()
        .append(true)
        .open(object)
        .expect("there");
    let day = std::time::Duration::from_hours(25);
    file.set_modified(std::time::SystemTime::now() - day)
        .expect("set");
    let found = examine(&stage, &["payment"]).await;
    let old = has(&found, FindingCode::Stale).expect("stale");
    assert_eq!(old.finding.severity, Severity::Warning);
    assert_eq!(old.evidence.get("pending_rows"), Some(&4.into()));
    assert_eq!(
        old.evidence.get("oldest_pending_row"),
        Some(&second(6).into())
    );
    let lately = "UPDATE payment SET last_updated = now() AT TIME ZONE 'UTC' - interval '1 hour' WHERE id > 5";
    database.run(lately).await;
    let found = examine(&stage, &["payment"]).await;
    assert_eq!(
        has(&found, FindingCode::Stale),
        None,
        "the schedule may not have come round"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_rows_back_is_named_and_a_privilege_that_is_missing_with_its_grant() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    database
        .run("ALTER TABLE payment ALTER last_updated SET DEFAULT now()")
        .await;
    let stage = Stage::local(&database).await;
    let holder = database.client().await;
    let begun = "BEGIN; SELECT 1";
    holder.batch_execute(begun).await.expect("begun");
    database.run("INSERT INTO payment VALUES (1)").await;
    let found = examine(&stage, &["payment"]).await;
    let held = has(&found, FindingCode::HorizonHeld).expect("held");
    assert_eq!(held.evidence.get("user"), Some(&"postgres".into()));
    assert_eq!(held.evidence.get("query"), Some(&begun.into()));
    assert!(held.evidence.get("pid").is_some());

    let role = support::unique("reader").replace('-', "_");
    database
        .run(&format!(
            "CREATE ROLE {role} LOGIN; GRANT SELECT ON payment_type TO {role}"
        ))
        .await;
    let config = std::fs::read_to_string(stage.sandbox.config_file()).expect("a file");
    stage
        .sandbox
        .write_config(&config.replace("postgres://postgres@", &format!("postgres://{role}@")));
    let stage = stage.configured("").await;
    let found = examine(&stage, &["payment", "payment_type"]).await;
    let missing: Vec<&str> = found
        .diagnoses
        .iter()
        .filter(|one| one.code() == FindingCode::MissingPrivilege)
        .map(|one| one.finding.message.as_str())
        .collect();
    let grant = format!("GRANT pg_read_all_stats TO \"{role}\"");
    assert!(
        missing.iter().any(|text| text.contains(&grant)),
        "{missing:#?}"
    );
    assert!(
        missing.iter().any(|text| text.contains("payment")),
        "{missing:#?}"
    );
    drop(holder);
    drop(stage);
    database
        .run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}
