//! Sources whose open transactions cannot be seen: only settle protects. Rows that come later than that are lost,
//! and a finding says so beforehand.

use highwater::backend::finding::FindingCode;
use highwater::backend::ingest::{IngestOptions, Outcome};

use super::{TABLE, each_once, ingest, written};
use crate::support::{self, ClusterSettings, Database, Stage, eventually, table};

/// A statement that inserts a row now.
fn row(id: i32) -> String {
    format!("INSERT INTO payment VALUES ({id}, 'x', now() AT TIME ZONE 'UTC')")
}

/// The findings about the source that come with a plan.
async fn findings(stage: &Stage) -> Vec<(FindingCode, String)> {
    let options = IngestOptions::default();
    let plan = stage.backend.plan_ingest(&table("payment"), options).await;
    let findings = plan.expect("a plan").horizon.findings.into_iter();
    findings.map(|found| (found.code, found.message)).collect()
}

/// One transaction inserts row 1, another inserts row 2 and commits, a run follows, and only then the first
/// transaction commits. `arrived` waits until the source shows that many rows.
async fn late_commit(writer: &Database, stage: &Stage, arrived: impl AsyncFn(i64)) {
    let late = writer.client().await;
    let begin = format!("BEGIN; {}", row(1));
    late.batch_execute(&begin).await.expect("begun");
    writer.run(&row(2)).await;
    arrived(1).await;
    ingest(stage).await;
    late.batch_execute("COMMIT").await.expect("committed");
    arrived(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_sees_no_other_session_is_told_what_to_grant_and_settle_protects_it() {
    let Some(database) = support::postgres() else {
        return;
    };
    let role = support::unique("reader").replace('-', "_");
    let make = format!("{TABLE}; CREATE ROLE {role} LOGIN; GRANT SELECT ON payment TO {role}");
    database.run(&make).await;
    let at_once = async |_| {};
    let stage = |settle| {
        let stage = Stage::local(&database);
        let url = database.url().replace("postgres@", &format!("{role}@"));
        async move { stage.await.with_settle(settle).await.reading(&url).await }
    };

    let patient = stage("10min").await;
    late_commit(&database, &patient, at_once).await;
    let patient = patient.with_settle("0s").await;
    assert_eq!(
        written(&ingest(&patient).await),
        [2],
        "both were too young before"
    );
    each_once(&patient.ids("payment").await, 1..=2);

    database.run("TRUNCATE payment").await;
    let hasty = stage("0s").await;
    late_commit(&database, &hasty, at_once).await;
    assert_eq!(ingest(&hasty).await.outcome, Outcome::NothingPending);
    each_once(&hasty.ids("payment").await, std::iter::once(2));
    let found = findings(&hasty).await;
    assert_eq!(found[0].0, FindingCode::MissingPrivilege);
    let grant = format!("GRANT pg_read_all_stats TO \"{role}\"");
    assert!(found[0].1.contains(&grant), "{found:?}");

    // The remedy, word for word.
    database.run(&format!("TRUNCATE payment; {grant}")).await;
    let granted = stage("0s").await;
    assert_eq!(findings(&granted).await, []);
    late_commit(&database, &granted, at_once).await;
    assert_eq!(written(&ingest(&granted).await), [2]);
    each_once(&granted.ids("payment").await, 1..=2);
    database
        .run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_on_a_standby_holds_nothing_back() {
    let Some(primary) = support::cluster(&ClusterSettings::default()) else {
        return;
    };
    let database = primary.database();
    database.run(TABLE).await;
    let standby = primary.standby();
    let url = standby.url_of(&database);
    let reporting = support::connect(&url).await;
    let begun = reporting.batch_execute("BEGIN; SELECT 'a long report'");
    begun.await.expect("begun");
    database.run(&row(1)).await;
    let stage = Stage::local(&database).await.reading(&url).await;
    eventually("what is newer than the report is ingested", async || {
        ingest(&stage).await.outcome == Outcome::Written
    })
    .await;
    each_once(&stage.ids("payment").await, std::iter::once(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_cannot_see_the_primarys_transactions_and_settle_protects_it() {
    let Some(primary) = support::cluster(&ClusterSettings::default()) else {
        return;
    };
    let database = primary.database();
    database.run(TABLE).await;
    let standby = primary.standby();
    let url = standby.url_of(&database);
    let replica = support::connect(&url).await;
    let arrived = async |rows: i64| {
        // The standby is read up to its last commit, which is later than those of the rows once there has been
        // another commit.
        let reached = "SELECT count(*), coalesce(max(last_updated) < date_trunc('milliseconds',
                           pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC'), true) FROM payment";
        eventually("the standby has the rows and has gone on", async || {
            database.run("SELECT pg_current_xact_id()").await;
            let reached = replica.query_one(reached, &[]).await.expect("an answer");
            reached.get::<_, i64>(0) == rows && reached.get(1)
        })
        .await;
    };
    let stage = async |settle| {
        let stage = Stage::local(&database).await.with_settle(settle).await;
        stage.reading(&url).await
    };

    let patient = stage("10min").await;
    late_commit(&database, &patient, &arrived).await;
    let patient = patient.with_settle("0s").await;
    assert_eq!(
        written(&ingest(&patient).await),
        [2],
        "both were too young before"
    );
    each_once(&patient.ids("payment").await, 1..=2);

    database.run("TRUNCATE payment").await;
    arrived(0).await;
    let hasty = stage("0s").await;
    late_commit(&database, &hasty, &arrived).await;
    assert_eq!(ingest(&hasty).await.outcome, Outcome::NothingPending);
    each_once(&hasty.ids("payment").await, std::iter::once(2));
    let found = findings(&hasty).await;
    assert_eq!(found[0].0, FindingCode::StandbySource);
    assert!(found[0].1.contains("settle"), "{found:?}");
}

/// Replay stops after the commit of a row that is newer than one committed since.
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_a_standby_has_not_replayed_yet_are_not_passed() {
    let Some(primary) = support::cluster(&ClusterSettings::default()) else {
        return;
    };
    let database = primary.database();
    database.run(TABLE).await;
    let standby = primary.standby();
    let url = standby.url_of(&database);
    let replica = support::connect(&url).await;
    let count = async || {
        let counted = replica.query_one("SELECT count(*) FROM payment", &[]).await;
        counted.expect("a count").get::<_, i64>(0)
    };
    // Open for far less than settle.
    let late = database.client().await;
    let begin = format!("BEGIN; {}", row(1));
    late.batch_execute(&begin).await.expect("begun");
    database.run(&row(2)).await;
    eventually("the row has arrived", async || count().await == 1).await;
    let control = async |statement: &str| replica.batch_execute(statement).await.expect(statement);
    control("SELECT pg_wal_replay_pause()").await;
    late.batch_execute("COMMIT").await.expect("committed");
    let stage = Stage::local(&database).await.with_settle("2s").await;
    let stage = stage.reading(&url).await;
    let lagging = "SELECT clock_timestamp() - pg_last_xact_replay_timestamp() > interval '3 s'
                   AND pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()";
    eventually("the standby is behind by more than settle", async || {
        let row = replica.query_one(lagging, &[]).await.expect("an answer");
        row.get(0)
    })
    .await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    control("SELECT pg_wal_replay_resume()").await;
    eventually("both rows have arrived", async || count().await == 2).await;
    eventually("the standby hears of the primary", async || {
        database.run("SELECT pg_current_xact_id()").await;
        ingest(&stage).await.outcome == Outcome::Written
    })
    .await;
    each_once(&stage.ids("payment").await, 1..=2);
}
