//! Backfills that are interrupted, and how they are found again.

use highwater::backend::backfill::{Backfill, BackfillPlan};
use highwater::backend::ingest::Outcome;
use highwater::backend::progress::{Context, Phase};

use super::{DAY, backfill, ingest, plan, range, rows, stages};
use crate::support::{self, Database, Stage, table};

/// The ids of the interrupted backfills of `payment`, each with the number of objects written and left.
async fn interrupted(stage: &Stage) -> Vec<(String, usize, usize)> {
    let found = stage.backend.interrupted_backfills(&table("payment")).await;
    let far = |plan: &BackfillPlan| (plan.id.to_string(), plan.there, plan.chunks.len());
    found.expect("a search").iter().map(far).collect()
}

/// Cancels a backfill once it has written an object; returns how many objects it had written in the end.
async fn break_off(stage: &Stage, plan: &BackfillPlan) -> usize {
    let context = Context::default();
    let (backend, planned, watched) = (stage.backend.clone(), plan.clone(), context.clone());
    let running = tokio::spawn(async move { backend.backfill(&planned, &watched).await });
    support::eventually("the first object", async || {
        context.progress.snapshot().objects > 0
    })
    .await;
    context.cancel.cancel();
    running.await.expect("no panic").objects.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_that_was_interrupted_is_found_again_until_it_has_come_to_its_end() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let whole = plan(&stage, &range(0, 9 * DAY)).await;
        assert_eq!(
            interrupted(&stage).await,
            [],
            "{}: it is planned",
            stage.name
        );
        let written = break_off(&stage, &whole).await;
        let id = whole.id.to_string();
        assert_eq!(
            interrupted(&stage).await,
            [(id.clone(), written, 9 - written)],
            "{}",
            stage.name
        );
        // Its range and its chunks are known without anybody naming them.
        let found = stage.backend.interrupted_backfills(&table("payment")).await;
        let rest = found.expect("a search").remove(0);
        let backfill_as_noted = Backfill {
            resume: Some(whole.id.clone()),
            ..whole.backfill.clone()
        };
        assert_eq!(rest.backfill, backfill_as_noted);
        assert_eq!(backfill(&stage, &rest).await.outcome, Outcome::Written);
        assert_eq!(
            interrupted(&stage).await,
            [],
            "{}: it has ended",
            stage.name
        );
        for (row, times) in stage.ids("payment").await {
            assert_eq!(times, if row <= 90 { 2 } else { 1 }, "row {row}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_whose_number_another_run_has_taken_is_not_there_though_it_was_claimed() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run("CREATE TABLE payment AS SELECT i AS id, to_timestamp(1700006400 + least(i, 2) * 43200) + i * interval '1 ms' AS last_updated FROM generate_series(0, 400000) i").await;
    let stage = Stage::local(&database).await;
    let stage = stage
        .with_setting("objects", "consumers = \"remove\"")
        .await;
    assert_eq!(ingest(&stage).await.outcome, Outcome::Written);
    let whole = plan(&stage, &range(0, DAY + 400)).await;
    assert_eq!(whole.chunks.len(), 2);
    // The second object is claimed, and the backfill is cancelled while its rows are copied.
    let context = Context::default();
    let (backend, planned, watched) = (stage.backend.clone(), whole.clone(), context.clone());
    let running = tokio::spawn(async move { backend.backfill(&planned, &watched).await });
    support::eventually("the second object", async || {
        let now = context.progress.snapshot();
        now.objects == 1 && now.phase == Phase::Copying
    })
    .await;
    context.cancel.cancel();
    assert_eq!(rows(&running.await.expect("no panic")), [2]);
    // Ingestion takes the number of that object, and consumers remove all objects.
    database
        .run("INSERT INTO payment VALUES (-1, now() - interval '1 h')")
        .await;
    let taken = ingest(&stage).await;
    assert_eq!(taken.objects[0].sequence_id.0, 3, "{taken:?}");
    let objects = stage.sandbox.path().join("objects/payment");
    std::fs::remove_dir_all(objects).expect("consumed");
    let found = stage.backend.interrupted_backfills(&table("payment")).await;
    let rest = found.expect("a search").remove(0);
    assert_eq!((rest.there, rest.chunks.len(), rest.rows), (1, 1, 399_998));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_wrote_everything_but_the_note_of_its_end_is_not_offered() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        // Days without rows are not written, and do not count as missing.
        let sparse = plan(&stage, &range(-5 * DAY, 2 * DAY)).await;
        assert_eq!(rows(&backfill(&stage, &sparse).await), [10, 10]);
        let journal = rusqlite::Connection::open(stage.sandbox.path().join("journal.db"));
        let forgotten = journal
            .expect("a journal")
            .execute("UPDATE backfill SET ended = NULL", []);
        assert_eq!(forgotten.expect("updated"), 1);
        let payment = table("payment");
        let begun = stage.backend.begun_backfill(&payment, &sparse.id);
        assert!(begun.await.expect("a journal").is_some(), "{}", stage.name);
        assert_eq!(interrupted(&stage).await, [], "{}", stage.name);
    }
}

/// Abandons a backfill, as a dead program does, once it is recorded as begun; it has written nothing by then,
/// because the table is locked.
async fn die_at_once(stage: &Stage, database: &Database, plan: &BackfillPlan) {
    let locker = database.client().await;
    let lock = "BEGIN; LOCK TABLE payment IN ACCESS EXCLUSIVE MODE";
    locker.batch_execute(lock).await.expect("locked");
    let payment = table("payment");
    let begun = support::eventually("the note", async || {
        let begun = stage.backend.begun_backfill(&payment, &plan.id).await;
        begun.expect("a journal").is_some()
    });
    let context = Context::default();
    tokio::select! {
        report = stage.backend.backfill(plan, &context) => panic!("{report:?}"),
        () = begun => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_died_before_its_first_object_is_gone_on_with_and_one_at_work_is_left_alone() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let whole = plan(&stage, &range(0, 3 * DAY)).await;
        die_at_once(&stage, &database, &whole).await;
        let id = whole.id.to_string();
        let found = interrupted(&stage).await;
        assert_eq!(found, [(id.clone(), 0, 3)], "{}", stage.name);
        // Somebody at work on the backfill holds its lock for as long.
        let name = format!("backfill-{id}.lock");
        let lock = stage.sandbox.path().join(name);
        let at_work = std::fs::File::create(&lock).expect("a lock");
        at_work.lock().expect("locked");
        assert_eq!(interrupted(&stage).await, [], "{}", stage.name);
        let mut again = whole.backfill.clone();
        again.resume = Some(whole.id.clone());
        let rest = plan(&stage, &again).await;
        let report = backfill(&stage, &rest).await;
        let message = report.error.map(|error| error.message).unwrap_or_default();
        assert!(message.contains("by another program"), "{message}");
        drop(at_work);
        assert_eq!(rows(&backfill(&stage, &rest).await), [10, 10, 10]);
        assert!(!lock.exists(), "nothing is left of the lock");
        assert_eq!(interrupted(&stage).await, [], "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_cancelled_before_its_first_object_is_not_offered() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let whole = plan(&stage, &range(0, 3 * DAY)).await;
        let context = Context::default();
        context.cancel.cancel();
        let report = stage.backend.backfill(&whole, &context).await;
        assert_eq!(report.outcome, Outcome::Skipped, "{report:?}");
        assert_eq!(interrupted(&stage).await, [], "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepared_transaction_hides_no_row_of_a_range() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let gid = support::unique("gid");
        let prepare = format!("BEGIN; CREATE TABLE t (); PREPARE TRANSACTION '{gid}'");
        database.run(&prepare).await;
        let whole = plan(&stage, &range(0, 9 * DAY)).await;
        assert_eq!(whole.rows, 90, "{}", stage.name);
        let written = break_off(&stage, &whole).await;
        let id = whole.id.to_string();
        let left = [(id, written, 9 - written)];
        assert_eq!(interrupted(&stage).await, left, "{}", stage.name);
        database.run(&format!("ROLLBACK PREPARED '{gid}'")).await;
        assert_eq!(interrupted(&stage).await, left, "{}", stage.name);
    }
}
