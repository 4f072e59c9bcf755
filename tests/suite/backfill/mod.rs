//! Ranges that are read again, and tables that are written whole.

mod interrupted;
mod machines;
mod removed;

use std::time::Duration;

use highwater::backend::{
    Error,
    backfill::{Backfill, BackfillPlan, BackfillReport},
    edits::Edit,
    ingest::Outcome,
    progress::Context,
    source::Precision,
};
use highwater::vocabulary::{SequenceId, Watermark};

use crate::support::{self, Database, Stage, ingest_payment as ingest, table};

const DAY: i64 = 24 * 60 * 60;

fn at(second: i64) -> Watermark {
    Watermark::from_micros(1_700_006_400_000_000 + second * 1_000_000).expect("a timestamp")
}

/// Ten days with ten rows each, one every 1,000 seconds; row 1 is at second 0. Ingested as one object.
async fn stages(database: &Database) -> Vec<Stage> {
    database.run("CREATE TABLE payment AS SELECT d * 10 + i AS id, to_timestamp(1700006400 + d * 86400 + (i - 1) * 1000) AS last_updated FROM generate_series(0, 9) d, generate_series(1, 10) i").await;
    let stages = Stage::all(database).await;
    for stage in &stages {
        assert_eq!(ingest(stage).await.outcome, Outcome::Written);
    }
    stages
}

fn range(from: i64, to: i64) -> Backfill {
    Backfill {
        table: table("payment"),
        from: at(from),
        to: at(to),
        chunk: Duration::from_secs(DAY.unsigned_abs()),
        resume: None,
    }
}

async fn plan(stage: &Stage, backfill: &Backfill) -> BackfillPlan {
    stage.backend.plan_backfill(backfill).await.expect("a plan")
}

async fn backfill(stage: &Stage, plan: &BackfillPlan) -> BackfillReport {
    stage.backend.backfill(plan, &Context::default()).await
}

fn rows(report: &BackfillReport) -> Vec<u64> {
    report.objects.iter().map(|object| object.rows).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_written_again_chunk_by_chunk_and_the_watermark_stays() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let payment = table("payment");
        let watermark = stage
            .backend
            .get_timestamp(&payment)
            .await
            .expect("recorded");
        // From the last two rows of day 0 up to, but not including, the third row of day 3.
        let plan = plan(&stage, &range(8_000, 3 * DAY + 2_000)).await;
        assert_eq!(plan.rows, 2 + 10 + 10 + 2, "{}: {plan:?}", stage.name);
        let report = backfill(&stage, &plan).await;
        assert_eq!(report.outcome, Outcome::Written, "{report:?}");
        assert_eq!(rows(&report).iter().sum::<u64>(), 24, "{report:?}");
        let numbers: Vec<u64> = report.objects.iter().map(|o| o.sequence_id.0).collect();
        assert_eq!(numbers, (2..2 + numbers.len() as u64).collect::<Vec<_>>());
        let stored = stage.backend.stored(&payment).await.expect("recorded");
        assert_eq!(stored.timestamp.map(|at| at.value), Some(watermark));
        assert_eq!(
            stored.sequence_id.map(|id| id.value),
            report.objects.last().map(|object| object.sequence_id)
        );
        for (id, times) in stage.ids("payment").await {
            assert_eq!(
                times,
                if (9..=32).contains(&id) { 2 } else { 1 },
                "row {id}"
            );
        }
        // Ingestion continues as if nothing had happened.
        assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_of_more_rows_than_an_object_may_have_becomes_several() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let few = "max_rows_per_object = 4";
        let stage = stage.with_setting("objects", few).await;
        let mut days = range(0, 2 * DAY);
        let first = plan(&stage, &days).await;
        let planned: Vec<u64> = first.chunks.iter().map(|chunk| chunk.rows).collect();
        assert_eq!(planned, [4, 4, 2, 4, 4, 2], "{}", stage.name);
        let report = backfill(&stage, &first).await;
        assert_eq!(rows(&report), planned, "{report:?}");
        for pair in report.objects.windows(2) {
            assert_eq!(Some(pair[0].to), pair[1].from, "no time between them");
        }
        for (id, times) in stage.ids("payment").await {
            assert_eq!(times, if id <= 20 { 2 } else { 1 }, "row {id}");
        }
        days.resume = Some(first.id);
        assert_eq!(plan(&stage, &days).await.chunks, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_backfill_is_resumed_with_what_is_not_there() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        // Three chunks of a backfill whose program died, in the last chunk between the commit and the writing of
        // the sequence id.
        let first = plan(&stage, &range(0, 3 * DAY)).await;
        assert_eq!(rows(&backfill(&stage, &first).await), [10, 10, 10]);
        let edit = Edit {
            table: table("payment"),
            timestamp: None,
            sequence_id: Some(SequenceId(3)),
            reason: "as a dead run left it".to_owned(),
            force: true,
        };
        let edit = stage.backend.plan_edit(&edit).await.expect("a plan");
        stage.backend.apply_edit(&edit).await.expect("applied");
        let mut whole = range(0, 6 * DAY);
        whole.resume = Some(first.id.clone());
        let rest = plan(&stage, &whole).await;
        assert_eq!((rest.there, rest.rows), (3, 30), "{}: {rest:?}", stage.name);
        assert_eq!(rest.id, first.id);
        let report = backfill(&stage, &rest).await;
        assert_eq!(rows(&report), [10, 10, 10], "{report:?}");
        assert_eq!(report.recovered.len(), 1, "{report:?}");
        assert_eq!(report.objects[0].sequence_id, SequenceId(5));
        for (id, times) in stage.ids("payment").await {
            assert_eq!(times, if id <= 60 { 2 } else { 1 }, "row {id}");
        }
        // Nothing is left to be resumed, even if the chunks are cut differently.
        whole.chunk = Duration::from_hours(7);
        let done = plan(&stage, &whole).await;
        assert_eq!((done.there, done.rows), (6, 0));
        let report = backfill(&stage, &done).await;
        assert_eq!(report.outcome, Outcome::NothingPending);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_backfill_has_written_is_still_to_be_written_by_this_one() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let first = plan(&stage, &range(0, DAY)).await;
        assert_eq!(rows(&backfill(&stage, &first).await), [10]);
        let other = plan(&stage, &range(0, 3 * DAY)).await;
        assert_eq!(rows(&backfill(&stage, &other).await), [10, 10, 10]);
        let mut longer = range(0, 2 * DAY);
        longer.resume = Some(first.id);
        let rest = plan(&stage, &longer).await;
        assert_eq!((rest.there, rest.rows), (1, 10), "{}: {rest:?}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ingestions_is_refused() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let end = 9 * DAY + 9_000;
        for (backfill, what) in [
            (range(0, end + 2), "beyond the watermark"),
            (range(10, 10), "is empty"),
            (range(20, 10), "ends before it begins"),
        ] {
            let error = stage.backend.plan_backfill(&backfill).await;
            let error = error.expect_err("refused").to_string();
            assert!(error.contains(what), "{}: {error}", stage.name);
        }
        let mut unknown = range(0, DAY);
        unknown.resume = Some("20240516T105030-1f3a5c7e".parse().expect("an id"));
        let error = stage.backend.plan_backfill(&unknown).await;
        assert!(matches!(error, Err(Error::Range(_))), "{error:?}");
        // A range that ends just after the watermark still ends with the row at the watermark.
        let mut last = range(9 * DAY, end);
        last.to = at(end).successor();
        assert_eq!(plan(&stage, &last).await.rows, 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_backfill_leaves_whole_objects_only() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let plan = plan(&stage, &range(0, 9 * DAY)).await;
        let context = Context::default();
        let watched = context.clone();
        let backend = stage.backend.clone();
        let planned = plan.clone();
        let running = tokio::spawn(async move { backend.backfill(&planned, &watched).await });
        support::eventually("the first object", async || {
            context.progress.snapshot().objects > 0
        })
        .await;
        context.cancel.cancel();
        let first = running.await.expect("no panic");
        let mut again = plan.backfill.clone();
        again.resume = Some(plan.id.clone());
        let rest = self::plan(&stage, &again).await;
        assert_eq!(rest.there, first.objects.len(), "{}", stage.name);
        let report = backfill(&stage, &rest).await;
        assert_eq!(first.objects.len() + report.objects.len(), 9, "{report:?}");
        for (id, times) in stage.ids("payment").await {
            assert_eq!(times, if id <= 90 { 2 } else { 1 }, "row {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_written_whole_has_one_object_for_each_run() {
    let Some(database) = support::postgres() else {
        return;
    };
    let client = database.client().await;
    client
        .batch_execute("CREATE TABLE currency (code text PRIMARY KEY); INSERT INTO currency VALUES ('EUR'), ('GBP')")
        .await
        .expect("the statements run");
    for stage in Stage::all(&database).await {
        let stage = stage
            .configured("[profiles.test.tables.currency]\nmode = \"snapshot\"")
            .await;
        let currency = table("currency");
        let run = async || stage.ingest("currency", None).await;
        for (number, rows) in [(1, 2), (2, 2)] {
            let lines = stage
                .backend
                .preview(&currency, 10)
                .await
                .expect("a preview");
            assert_eq!(lines.lines.len(), 2, "{}", stage.name);
            let report = run().await;
            assert_eq!(
                report.outcome,
                Outcome::Written,
                "{}: {report:?}",
                stage.name
            );
            assert_eq!(report.objects[0].sequence_id, SequenceId(number));
            assert_eq!(report.objects[0].rows, rows);
        }
        let stored = stage.backend.stored(&currency).await.expect("values");
        assert_eq!(stored.timestamp, None);
        assert_eq!(stored.sequence_id.map(|id| id.value), Some(SequenceId(2)));
        // A table may be empty, and then so is its object.
        client
            .batch_execute("DELETE FROM currency")
            .await
            .expect("deleted");
        let report = run().await;
        assert_eq!(report.objects[0].rows, 0, "{}: {report:?}", stage.name);
        let key = &report.objects[0].key;
        let first = stage.backend.read_object(key, 10).await.expect("a body");
        assert!(first.lines.is_empty() && !first.is_cut, "{first:?}");
        client
            .batch_execute("INSERT INTO currency VALUES ('EUR'), ('GBP')")
            .await
            .expect("inserted");
        let states = std::sync::Mutex::new(Vec::new());
        let found = |part: highwater::backend::status::StatusPart| {
            states.lock().expect("no panic").push(format!("{part:?}"));
        };
        let tables = [currency.clone()];
        stage
            .backend
            .status(&tables, Precision::Exact, &Context::default(), &found)
            .await;
        let states = states.into_inner().expect("no panic").join("\n");
        assert!(!states.contains("Err("), "{states}");
        let backfill = Backfill {
            table: currency.clone(),
            ..range(0, DAY)
        };
        let error = stage.backend.plan_backfill(&backfill).await;
        assert!(matches!(error, Err(Error::Range(_))), "{error:?}");
    }
}
