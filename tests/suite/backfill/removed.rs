//! Backfills of a table whose objects consumers remove after use.

use highwater::backend::ingest::Outcome;
use highwater::vocabulary::SequenceId;

use super::{DAY, backfill, ingest, plan, range, rows, stages};
use crate::support::{self, Database, Stage, table};

/// The stages of [`stages`], whose consumers remove objects and have removed the first one.
async fn consumed_stages(database: &Database) -> Vec<Stage> {
    let mut consumed = Vec::new();
    for stage in stages(database).await {
        let remove = "consumers = \"remove\"";
        consumed.push(stage.with_setting("objects", remove).await);
    }
    consumed
}

async fn consume(stage: &Stage, number: u64) {
    let key = format!("payment/payment_{number:08}.jsonl");
    stage.outsider().delete_object(&key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_goes_on_after_the_last_object_of_a_backfill_is_gone() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in consumed_stages(&database).await {
        let days = plan(&stage, &range(0, 2 * DAY)).await;
        assert_eq!(rows(&backfill(&stage, &days).await), [10, 10]);
        for number in 1..=3 {
            consume(&stage, number).await;
        }
        let report = ingest(&stage).await;
        let nothing = Outcome::NothingPending;
        assert_eq!(report.outcome, nothing, "{}: {report:?}", stage.name);
        // Another range, of which each object is gone before the next one is begun.
        let mut all = range(2 * DAY, 4 * DAY);
        for (from, number) in [(2, 4), (3, 5)] {
            all.from = super::at(from * DAY);
            all.to = super::at((from + 1) * DAY);
            let day = plan(&stage, &all).await;
            assert_eq!(rows(&backfill(&stage, &day).await), [10], "{}", stage.name);
            consume(&stage, number).await;
        }
        let stored = stage.backend.get_seq_id(&table("payment")).await;
        assert_eq!(stored.expect("recorded"), SequenceId(5));
    }
}
