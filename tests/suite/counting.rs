//! Counts the rows of many tables: few requests, and no table that keeps the others waiting.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use highwater::backend::{
    progress::Context,
    source::Precision,
    status::{PartValue, StatusPart},
};
use highwater::vocabulary::TableName;
use tokio_postgres::Client;

use crate::support::{self, Stage, table};

/// More tables than are counted with one request.
const TABLES: u64 = 40;

async fn make(client: &Client) -> Vec<TableName> {
    let mut names = Vec::new();
    for i in 0..TABLES {
        let statement = format!(
            "CREATE TABLE t{i:02} AS SELECT n AS id, now() - interval '1 h' AS last_updated
             FROM generate_series(1, {i}) n"
        );
        client.batch_execute(&statement).await.expect("a table");
        names.push(table(&format!("t{i:02}")));
    }
    names
}

/// Pending rows by table, as they arrive.
#[derive(Default)]
struct Counts(Mutex<BTreeMap<String, Result<u64, String>>>);

impl Counts {
    fn add(&self, part: StatusPart) {
        if let PartValue::Rows(rows) = part.value {
            let pending = rows.map(|rows| rows.pending).map_err(|e| e.to_string());
            let mut counts = self.0.lock().expect("no panic");
            let before = counts.insert(part.table.to_string(), pending);
            assert_eq!(before, None, "{} was counted twice", part.table);
        }
    }

    fn all(&self) -> BTreeMap<String, Result<u64, String>> {
        self.0.lock().expect("no panic").clone()
    }
}

async fn count(stage: &Stage, names: &[TableName], precision: Precision, counts: &Counts) {
    let (tell, context) = (|part| counts.add(part), Context::default());
    let status = stage.backend.status(names, precision, &context, &tell);
    status.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_a_group_gets_its_own_count() {
    let Some(database) = support::postgres() else {
        return;
    };
    let client = database.client().await;
    let mut names = make(&client).await;
    names.push(table("is_not_there"));
    let stage = Stage::local(&database).await;
    for precision in [Precision::Estimate, Precision::Exact] {
        let counts = Counts::default();
        count(&stage, &names, precision, &counts).await;
        let mut counts = counts.all();
        let missing = counts.remove("is_not_there").expect("an answer");
        assert!(missing.is_err(), "{missing:?}");
        let expected = (0..TABLES).map(|i| (format!("t{i:02}"), Ok(i)));
        assert_eq!(counts, expected.collect());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_somebody_alters_keeps_no_other_waiting() {
    let Some(database) = support::postgres() else {
        return;
    };
    let client = database.client().await;
    let names = make(&client).await;
    let stage = Stage::local(&database).await;
    let locking = "BEGIN; LOCK TABLE t05 IN ACCESS EXCLUSIVE MODE";
    client.batch_execute(locking).await.expect("locked");
    let counts = Counts::default();
    let status = count(&stage, &names, Precision::Exact, &counts);
    let others = async {
        while counts.all().len() < names.len() - 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(!counts.all().contains_key("t05"));
        client.batch_execute("ROLLBACK").await.expect("unlocked");
    };
    let both = async { futures_util::join!(status, others) };
    let both = tokio::time::timeout(Duration::from_mins(1), both);
    both.await.expect("the others are counted meanwhile");
    assert_eq!(counts.all().get("t05"), Some(&Ok(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_stays_locked_is_told_after_a_while() {
    let Some(database) = support::postgres() else {
        return;
    };
    let client = database.client().await;
    for statement in [
        "CREATE TABLE payment (id int, last_updated timestamp)",
        "BEGIN; LOCK TABLE payment IN ACCESS EXCLUSIVE MODE",
    ] {
        client.batch_execute(statement).await.expect(statement);
    }
    let stage = Stage::local(&database).await;
    let payment = [table("payment")];
    let counts = Counts::default();
    let status = count(&stage, &payment, Precision::Estimate, &counts);
    let told = tokio::time::timeout(Duration::from_mins(1), status);
    told.await.expect("it does not wait for ever");
    let locked = counts.all().remove("payment").expect("an answer");
    assert!(locked.is_err(), "{locked:?}");
    let run = stage.sandbox.run(&["status", "payment"]).expect_code(1);
    assert!(run.stderr.contains("somebody holds a lock"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_parties_that_are_down_both_are_told() {
    let Some(database) = support::postgres() else {
        return;
    };
    // A port that was free a moment ago: nobody answers there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let endpoint = format!("http://127.0.0.1:{port}");
    let stage = Stage::unreachable(&database, &endpoint).await;
    let stage = stage
        .reading(&format!("postgres://nobody@127.0.0.1:{port}/nothing"))
        .await;
    let failed = Mutex::new(Vec::new());
    let tell = |part: StatusPart| {
        let error = match part.value {
            PartValue::Stored(Err(error)) | PartValue::Rows(Err(error)) => error.to_string(),
            PartValue::Newest(Err(_)) => return,
            other => panic!("{other:?}"),
        };
        failed.lock().expect("no panic").push(error);
    };
    let (tables, context) = ([table("payment")], Context::default());
    let status = stage
        .backend
        .status(&tables, Precision::Exact, &context, &tell);
    status.await;
    let failed = failed.into_inner().expect("no panic");
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert!(failed[0].contains("parameter store"), "{failed:?}");
    assert!(failed[1].contains("PostgreSQL"), "{failed:?}");
}
