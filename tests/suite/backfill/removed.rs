//! Backfills of a table whose consumers remove objects after use.

use highwater::backend::backfill::BackfillPlan;
use highwater::backend::objects::Kind;
use highwater::backend::write::{Batch, Run};
use highwater::backend::{ingest::Outcome, progress::Context};
use highwater::vocabulary::SequenceId;

use super::{DAY, backfill, ingest, plan, range, rows, stages};
use crate::support::{self, Database, Stage, table};

/// The stages of [`stages`], with consumers that remove objects and have removed the first one.
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
        // Another range, in which each object is gone before the next one is begun.
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

/// Claims the next object for the only chunk of a plan, for a run that dies before writing it.
async fn claim_and_die(stage: &Stage, plan: &BackfillPlan) {
    let (backend, payment) = (&stage.backend, table("payment"));
    let chunk = &plan.chunks[0];
    let watermark = backend.get_timestamp(&payment).await.expect("recorded");
    let batch = Batch {
        kind: Kind::Backfill,
        from: Some(chunk.from),
        to: chunk.to,
        watermark,
        rows: chunk.rows + 1,
        backfill: Some(plan.id.clone()),
    };
    let after = Some(chunk.from.predecessor());
    let rows = backend.collect_table_data(&payment, after, chunk.to).await;
    let (rows, run) = (rows.expect("rows"), Run::new(Context::default()));
    let number = chunk.sequence_id;
    let died = backend.write_table_data_to_s3(&payment, rows, &batch, number, &run);
    died.await.expect_err("not as many rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_that_another_run_had_claimed_first_is_there_though_its_object_is_gone() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in consumed_stages(&database).await {
        let day = plan(&stage, &range(0, DAY)).await;
        claim_and_die(&stage, &day).await;
        assert_eq!(rows(&backfill(&stage, &day).await), [10], "{}", stage.name);
        consume(&stage, 2).await;
        let mut again = day.backfill.clone();
        again.resume = Some(day.id.clone());
        let rest = plan(&stage, &again).await;
        assert_eq!((rest.there, rest.rows), (1, 0), "{}: {rest:?}", stage.name);
        // A number that ingestion has written instead does not count as there.
        again.from = super::at(DAY);
        again.to = super::at(2 * DAY);
        let next = plan(&stage, &again).await;
        claim_and_die(&stage, &next).await;
        let insert = "INSERT INTO payment VALUES (101, to_timestamp(1700006400 + 10 * 86400))";
        database.run(insert).await;
        assert_eq!(ingest(&stage).await.objects[0].sequence_id.0, 3);
        consume(&stage, 3).await;
        assert_eq!(plan(&stage, &again).await.rows, 10, "{}", stage.name);
        database.run("DELETE FROM payment WHERE id = 101").await;
    }
}
