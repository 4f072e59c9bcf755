//! Transactions that are committed in two phases.

use std::time::Duration;

use highwater::backend::ingest::Outcome;

use super::{TABLE, each_once, ingest};
use crate::support::{self, Stage};

/// As an application server does it, at a moment when another one is prepared already.
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_ingested_although_there_always_is_a_prepared_transaction() {
    const ROWS: i32 = 100;
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    let stage = Stage::local(&database).await;
    let gid = support::unique("gid");
    let writer = database.client().await;
    let writing = tokio::spawn(async move {
        let commit = |id: i32| format!("COMMIT PREPARED '{gid}-{id}'");
        for id in 1..=ROWS {
            let row = format!("INSERT INTO payment VALUES ({id}, 'x', now() AT TIME ZONE 'UTC')");
            let prepare = format!("BEGIN; {row}; PREPARE TRANSACTION '{gid}-{id}'");
            writer.batch_execute(&prepare).await.expect("prepared");
            if id > 1 {
                let commit = writer.batch_execute(&commit(id - 1)).await;
                commit.expect("committed");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let last = writer.batch_execute(&commit(ROWS)).await;
        last.expect("committed");
    });
    let mut meanwhile = 0;
    while !writing.is_finished() {
        let report = ingest(&stage).await;
        assert_ne!(report.outcome, Outcome::Failed, "{report:?}");
        meanwhile += usize::from(report.outcome == Outcome::Written);
    }
    writing.await.expect("no panic");
    // The last one may have been after the end.
    assert!(meanwhile > 1, "{meanwhile}");
    ingest(&stage).await;
    each_once(&stage.ids("payment").await, 1..=i64::from(ROWS));
}
