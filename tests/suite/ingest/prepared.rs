//! Transactions that are committed in two phases.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use highwater::backend::ingest::Outcome;

use super::{TABLE, each_once, ingest};
use crate::support::{self, Stage};

/// Like an application server, at a moment when another transaction is already prepared.
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_ingested_although_there_always_is_a_prepared_transaction() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let gid = support::unique("gid");
    let writer = database.client().await;
    let enough = Arc::new(AtomicBool::new(false));
    let is_enough = Arc::clone(&enough);
    let writing = tokio::spawn(async move {
        let commit = |id: i64| format!("COMMIT PREPARED '{gid}-{id}'");
        let mut id = 0;
        while !is_enough.load(Ordering::Relaxed) {
            id += 1;
            let row = format!("INSERT INTO payment VALUES ({id}, 'x', now() AT TIME ZONE 'UTC')");
            let prepare = format!("BEGIN; {row}; PREPARE TRANSACTION '{gid}-{id}'");
            writer.batch_execute(&prepare).await.expect("prepared");
            if id > 1 {
                let commit = writer.batch_execute(&commit(id - 1)).await;
                commit.expect("committed");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let last = writer.batch_execute(&commit(id)).await;
        last.expect("committed");
        id
    });
    let mut written = 0;
    let meanwhile = async {
        while written < 2 {
            let report = ingest(&stage).await;
            assert_ne!(report.outcome, Outcome::Failed, "{report:?}");
            written += usize::from(report.outcome == Outcome::Written);
        }
    };
    let in_time = tokio::time::timeout(Duration::from_mins(1), meanwhile).await;
    enough.store(true, Ordering::Relaxed);
    let rows = writing.await.expect("no panic");
    assert!(in_time.is_ok(), "{written} have written");
    ingest(&stage).await;
    each_once(&stage.ids("payment").await, 1..=rows);
}
