//! Late commits: no row is lost, however long its transaction stays open.

use std::sync::Arc;

use highwater::backend::ingest::{IngestOptions, IngestReport, Outcome};
use highwater::backend::progress::Context;
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use super::{TABLE, each_once, ingest, written};
use crate::support::fault_proxy::{Fault, Operation, on};
use crate::support::{self, Database, FaultProxy, Stage, emulators, eventually, table};

async fn ingest_of(stage: &Stage, name: &str) {
    let (options, context) = (IngestOptions::default(), Context::default());
    let report = stage.backend.ingest(&table(name), options, &context).await;
    assert_ne!(report.outcome, Outcome::Failed, "{report:?}");
}

/// A statement that inserts a row now, in a transaction of its own.
fn row(id: i32) -> String {
    format!("INSERT INTO payment VALUES ({id}, 'x', now() AT TIME ZONE 'UTC')")
}

/// A session in a transaction that has not written anything yet.
async fn begun(database: &Database) -> Client {
    let client = database.client().await;
    run(&client, "BEGIN; SELECT now()").await;
    client
}

async fn run(client: &Client, statements: &str) {
    let ran = client.batch_execute(statements).await;
    ran.unwrap_or_else(|error| panic!("{statements}: {error:?}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_an_open_transaction_hold_the_horizon_and_are_not_lost() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let late = database.client().await;
    // It has no xid yet, because it has not written anything; it counts all the same.
    late.batch_execute("BEGIN; SELECT now()")
        .await
        .expect("a transaction");
    database.run("INSERT INTO payment VALUES (1, 'before', '2024-05-16'), (2, 'after', now() AT TIME ZONE 'UTC')").await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    let plan = stage
        .backend
        .plan_ingest(&table("payment"), IngestOptions::default())
        .await
        .expect("a plan");
    assert_eq!(plan.rows, 0);
    let holder = plan
        .horizon
        .holder
        .expect("somebody holds the horizon back");
    assert!(holder.query.contains("SELECT now()"), "{holder:?}");
    late.batch_execute("INSERT INTO payment VALUES (3, 'late', now() AT TIME ZONE 'UTC'); COMMIT")
        .await
        .expect("committed");
    assert_eq!(written(&ingest(&stage).await), [2]);
    each_once(&stage.ids("payment").await, 1..=3);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_across_several_runs_lose_nothing_in_whatever_order_they_end() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let first = begun(&database).await;
    database.run(&row(1)).await;
    let second = begun(&database).await;
    database.run(&row(2)).await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    run(&second, &format!("{}; COMMIT", row(3))).await;
    database.run(&row(4)).await;
    let third = begun(&database).await;
    run(&third, &row(5)).await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    run(&first, &format!("{}; COMMIT", row(6))).await;
    // Row 5 is still to come, and nothing newer may pass it.
    database.run(&row(7)).await;
    assert_eq!(written(&ingest(&stage).await), [5]);
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    run(&third, "COMMIT").await;
    assert_eq!(written(&ingest(&stage).await), [2]);
    each_once(&stage.ids("payment").await, 1..=7);
}

/// A run through `proxy` that is stopped while its object is being sent, long after its snapshot
/// was taken.
async fn standing_still(stage: &Stage, proxy: &FaultProxy) -> JoinHandle<IngestReport> {
    proxy.follow(&[on(Operation::PutObject, Fault::HoldRequest)]);
    let backend = stage.through(proxy).await.backend;
    let run = tokio::spawn(async move {
        let context = highwater::backend::progress::Context::default();
        let options = IngestOptions::default();
        backend.ingest(&table("payment"), options, &context).await
    });
    proxy.until_held().await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn what_commits_while_a_run_is_under_way_is_left_to_the_next() {
    let Some(database) = support::postgres().map(Arc::new) else {
        return;
    };
    for emulator in emulators() {
        database
            .run(&format!("DROP TABLE IF EXISTS payment; {TABLE}"))
            .await;
        database
            .run("INSERT INTO payment VALUES (1, 'old', '2024-05-16')")
            .await;
        let stage = Stage::emulated(&database, &emulator).await;
        let proxy = FaultProxy::before(&emulator).await;
        let open_before = begun(&database).await;
        run(&open_before, &row(2)).await;
        let under_way = standing_still(&stage, &proxy).await;
        let begun_during = begun(&database).await;
        run(&begun_during, &format!("{}; COMMIT", row(3))).await;
        run(&open_before, "COMMIT").await;
        database.run(&row(4)).await;
        proxy.release().await;
        let report = under_way.await.expect("no panic");
        assert_eq!(written(&report), [1], "{}", stage.name);
        assert_eq!(written(&ingest(&stage).await), [3], "{}", stage.name);
        each_once(&stage.ids("payment").await, 1..=4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_statement_that_takes_long_holds_the_horizon_without_a_begin() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let gate = database.client().await;
    run(&gate, "SELECT pg_advisory_lock(1)").await;
    let slow = database.client().await;
    let statement = "INSERT INTO payment SELECT 1, 'slow', now() AT TIME ZONE 'UTC'
                     FROM (SELECT pg_advisory_xact_lock(1)) gate";
    let inserting = tokio::spawn(async move { run(&slow, statement).await });
    eventually("the statement waits", async || {
        let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        gate.query_one(waits, &[])
            .await
            .expect("an answer")
            .get::<_, i64>(0)
            > 0
    })
    .await;
    database.run(&row(2)).await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    run(&gate, "SELECT pg_advisory_unlock(1)").await;
    inserting.await.expect("inserted");
    assert_eq!(written(&ingest(&stage).await), [2]);
    each_once(&stage.ids("payment").await, 1..=2);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_of_other_databases_and_of_those_to_be_ignored_hold_nothing() {
    let (Some(database), Some(other)) = (support::postgres(), support::postgres()) else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let _elsewhere = begun(&other).await;
    database.run(&row(1)).await;
    assert_eq!(written(&ingest(&stage).await), [1]);

    let dumping = begun(&database).await;
    run(&dumping, "SET application_name = 'pg_dump'").await;
    database.run(&row(2)).await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    let ignore = "horizon_ignore = [\"pg_dump\"]";
    let stage = stage.with_setting("source", ignore).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    let _writing = begun(&database).await;
    database.run(&row(3)).await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_vacuum_nor_an_index_that_is_built_concurrently_holds_anything() {
    let Some(database) = support::postgres() else {
        return;
    };
    let other = "CREATE TABLE other (id int); CREATE INDEX ON other (id);
                 INSERT INTO other SELECT generate_series(1, 50000)";
    database.run(&format!("{TABLE}; {other}")).await;
    let ignore = "horizon_ignore = [\"in the way\"]";
    let stage = Stage::local(&database).await;
    let stage = stage.with_setting("source", ignore).await;
    for (id, statement) in [
        (1, "VACUUM other"),
        (2, "CREATE INDEX CONCURRENTLY ON other (id)"),
        (3, "REINDEX TABLE CONCURRENTLY other"),
    ] {
        // Building an index waits for transactions that have written to the table, and this vacuum
        // is slowed down.
        let other = database.client().await;
        let name = "SET application_name = 'in the way'";
        run(&other, name).await;
        run(&other, "BEGIN; INSERT INTO other VALUES (0)").await;
        let worker = database.client().await;
        let slowly = "SET vacuum_cost_delay = '100ms'; SET vacuum_cost_limit = 1";
        run(&worker, slowly).await;
        let pid = worker.query_one("SELECT pg_backend_pid()", &[]).await;
        let pid: i32 = pid.expect("itself").get(0);
        let at_work = tokio::spawn(async move { worker.batch_execute(statement).await });
        let begun = "SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum WHERE pid = $1)
                     OR EXISTS (SELECT FROM pg_stat_progress_create_index WHERE pid = $1 AND command LIKE '%CONC%')";
        let watcher = database.client().await;
        eventually("it is at work", async || {
            let row = watcher.query_one(begun, &[&pid]).await;
            row.expect("an answer").get(0)
        })
        .await;
        database.run(&row(id)).await;
        assert_eq!(written(&ingest(&stage).await), [1], "{statement}");
        assert!(!at_work.is_finished(), "{statement}");
        run(&watcher, &format!("SELECT pg_cancel_backend({pid})")).await;
        run(&other, "COMMIT").await;
        // Either result will do: it may have been cancelled or not.
        let _ = at_work.await.expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_has_got_our_name_holds_rows_back_as_any_other_does() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    // As if a pooler had handed on a session that was ours.
    for (held, name) in [(2, "highwater"), (3, "highwater (session)")] {
        let writer = begun(&database).await;
        run(&writer, &format!("SET application_name = '{name}'")).await;
        run(&writer, &row(1)).await;
        database.run(&row(held)).await;
        let outcome = ingest(&stage).await.outcome;
        assert_eq!(outcome, Outcome::NothingPending, "{name}");
        run(&writer, "ROLLBACK").await;
        assert_eq!(written(&ingest(&stage).await), [1], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_rows_back_is_named_where_they_are_shown() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let holder = begun(&database).await;
    let who = "SELECT pg_backend_pid(), to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')
               FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    let found = holder.query_one(who, &[]).await.expect("itself");
    let (pid, since): (i32, String) = (found.get(0), found.get(1));
    run(&holder, "SELECT 'is it me?'").await;
    database.run(&row(1)).await;
    let status = stage
        .sandbox
        .run(&["status", "--exact", "--output", "json"]);
    let status = status.expect_code(0);
    let payment = &status.json()[0];
    assert_eq!(payment["held_rows"], 1, "{payment}");
    assert_eq!(payment["pending_rows"], 0, "{payment}");
    assert_eq!(payment["findings"], serde_json::json!(["horizon-held"]));
    let named =
        format!("pid {pid}, user postgres, in a transaction since {since}: SELECT 'is it me?'");
    assert!(status.stderr.contains(&named), "{named}: {status:#?}");
    let doctor = stage.sandbox.run(&["doctor", "--output", "json"]);
    assert!(doctor.stdout.contains(&named), "{named}: {doctor:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_transaction_is_prepared_nothing_is_ingested_and_it_is_named() {
    let (Some(database), Some(other)) = (support::postgres(), support::postgres()) else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("INSERT INTO payment VALUES (1, 'x', '2024-05-16')")
        .await;
    let stage = Stage::local(&database).await;
    let prepare = async |database: &Database, work: &str| {
        let gid = support::unique("gid");
        let statements = format!("BEGIN; {work}; PREPARE TRANSACTION '{gid}'");
        database.run(&statements).await;
        gid
    };
    let elsewhere = prepare(&other, "CREATE TABLE t ()").await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    other.run(&format!("ROLLBACK PREPARED '{elsewhere}'")).await;

    // Prepared later than its row's timestamp: the row is older than anything known of the
    // transaction.
    let insert = "INSERT INTO payment VALUES (2, 'x', '2024-05-17')";
    let kept = prepare(&database, insert).await;
    let dropped = prepare(&database, &row(3)).await;
    database.run(&row(4)).await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    let status = stage.sandbox.run(&["status"]).expect_code(0);
    let first = kept.clone().min(dropped.clone());
    assert!(status.stderr.contains(&first), "{status:#?}");
    database
        .run(&format!("ROLLBACK PREPARED '{dropped}'"))
        .await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    database.run(&format!("COMMIT PREPARED '{kept}'")).await;
    assert_eq!(written(&ingest(&stage).await), [2]);
    each_once(&stage.ids("payment").await, [1, 2, 4].into_iter());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_timestamp_is_rounded_down_below_the_start_of_its_transaction_is_not_lost() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run(
            "CREATE DOMAIN stamp AS timestamptz(0);
             CREATE TABLE payment (id int, last_updated timestamptz(0));
             CREATE TABLE staff (id int, last_updated stamp)",
        )
        .await;
    let stage = Stage::local(&database).await;
    let late = database.client().await;
    // A transaction that began where rounding to a second rounds down.
    let early = "SELECT extract(microseconds FROM now()) % 1000000 BETWEEN 50000 AND 450000";
    loop {
        run(&late, "BEGIN").await;
        let row = late.query_one(early, &[]).await.expect("the time");
        if row.get(0) {
            break;
        }
        run(&late, "ROLLBACK").await;
    }
    let second = late
        .query_one("SELECT date_trunc('second', now())::text", &[])
        .await
        .expect("the time");
    let second: String = second.get(0);
    for name in ["payment", "staff"] {
        database
            .run(&format!("INSERT INTO {name} VALUES (1, '{second}')"))
            .await;
        ingest_of(&stage, name).await;
        run(&late, &format!("INSERT INTO {name} VALUES (2, now())")).await;
    }
    run(&late, "COMMIT").await;
    for name in ["payment", "staff"] {
        eventually("both rows are ingested", async || {
            ingest_of(&stage, name).await;
            stage.ids(name).await.len() == 2
        })
        .await;
        each_once(&stage.ids(name).await, 1..=2);
    }
}
