//! One backfill, resumed on two machines at once, which do not see each other's locks.

use std::time::Duration;

use highwater::backend::{Backend, ingest::Outcome, journal::Journal, progress::Context};

use super::{DAY, backfill, plan, range, stages};
use crate::support::{self, Stage};

/// The same stage as seen from another machine, with its own journal.
async fn elsewhere(stage: &Stage) -> Backend {
    // The locks are kept beside the journal.
    let folder = stage.sandbox.path().join("elsewhere");
    std::fs::create_dir(&folder).expect("a folder");
    let journal = Journal::new(folder.join("journal.db"));
    Box::pin(Backend::open(stage.profile(), journal))
        .await
        .expect("a backend")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_chunk_is_written_by_both_of_two_machines() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let first = plan(&stage, &range(0, DAY)).await;
        assert_eq!(backfill(&stage, &first).await.outcome, Outcome::Written);
        let mut whole = range(0, 9 * DAY);
        whole.resume = Some(first.id.clone());
        whole.chunk = Duration::from_hours(6);
        let here = plan(&stage, &whole).await;
        let elsewhere = elsewhere(&stage).await;
        let there = elsewhere.plan_backfill(&whole).await.expect("a plan");
        let context = Context::default();
        let (one, other) = tokio::join!(
            backfill(&stage, &here),
            elsewhere.backfill(&there, &context)
        );
        assert_eq!((&one.error, &other.error), (&None, &None));
        for (id, times) in stage.ids("payment").await {
            let expected = if id <= 90 { 2 } else { 1 };
            assert_eq!(times, expected, "{}: row {id}", stage.name);
        }
    }
}
