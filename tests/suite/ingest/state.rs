//! Stored values that do not match the objects: which ones stop a run, and which are honoured.

use highwater::backend::{
    edits::{Consequence, Edit},
    provenance::Provenance,
};
use highwater::vocabulary::{SequenceId, Watermark};

use super::{TABLE, at, ingest, stopped, written};
use crate::support::{self, Stage, table};

#[tokio::test(flavor = "multi_thread")]
async fn state_that_only_an_operator_may_resolve_stops_with_its_finding() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 h' FROM generate_series(1, 10) i").await;
    for stage in Stage::all(&database).await {
        let backend = &stage.backend;
        let payment = table("payment");
        backend
            .write_timestamp(&payment, at("2024-05-16"), &Provenance::Other)
            .await
            .expect("written");
        assert_eq!(
            stopped(&ingest(&stage).await),
            "sequence-missing",
            "{}",
            stage.name
        );
        backend
            .write_seq_id(&payment, SequenceId(1), &Provenance::Other)
            .await
            .expect("written");
        assert_eq!(
            stopped(&ingest(&stage).await),
            "sequence-ahead",
            "{}",
            stage.name
        );
    }
    for stage in Stage::all(&database).await {
        let payment = table("payment");
        assert_eq!(written(&ingest(&stage).await), [10]);
        stage
            .backend
            .write_timestamp(&payment, at("2024-05-16"), &Provenance::Other)
            .await
            .expect("written");
        assert_eq!(
            stopped(&ingest(&stage).await),
            "timestamp-mismatch",
            "{}: edited outside",
            stage.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deliberate_edit_is_honoured() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 h' FROM generate_series(1, 10) i").await;
    for stage in Stage::all(&database).await {
        assert_eq!(written(&ingest(&stage).await), [10]);
        let edit = Edit {
            table: table("payment"),
            timestamp: Some(at("2024-05-16 07:00")),
            sequence_id: None,
            reason: "again".to_owned(),
            force: false,
        };
        let plan = stage.backend.plan_edit(&edit).await.expect("a plan");
        assert_eq!(
            plan.consequence,
            Some(Consequence::ReIngests(3)),
            "{}",
            stage.name
        );
        stage.backend.apply_edit(&plan).await.expect("applied");
        let error = stage
            .backend
            .apply_edit(&plan)
            .await
            .expect_err("the value has moved");
        assert!(error.is_interference(), "{error:?}");
        assert_eq!(written(&ingest(&stage).await), [3], "{}", stage.name);
    }
}

/// Moves the timestamp with an edit, always for the same reason.
async fn move_to(stage: &Stage, timestamp: &str) {
    let edit = Edit {
        table: table("payment"),
        timestamp: Some(at(timestamp)),
        sequence_id: None,
        reason: "again".to_owned(),
        force: false,
    };
    let plan = stage.backend.plan_edit(&edit).await.expect("a plan");
    stage.backend.apply_edit(&plan).await.expect("applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_stores_after_an_edit_is_not_taken_for_it() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, 'x', '2024-05-16'::timestamp + i * interval '1 h' FROM generate_series(1, 10) i").await;
    for stage in Stage::all(&database).await {
        assert_eq!(written(&ingest(&stage).await), [10]);
        // Two edits by the same person for the same reason are still two edits.
        move_to(&stage, "2024-05-16 07:00").await;
        move_to(&stage, "2024-05-16 05:00").await;
        assert_eq!(written(&ingest(&stage).await), [5], "{}", stage.name);
        move_to(&stage, "2024-05-16 06:00").await;
        // SSM keeps the Description if a write gives none.
        let profile = support::profile(&stage.sandbox);
        let name = profile.timestamp_parameter(&table("payment"));
        let name = name.expect("a name").to_string();
        let outsider = stage.outsider();
        outsider.put_parameter(&name, "2024-05-16 08:00:00").await;
        let report = ingest(&stage).await;
        assert_eq!(stopped(&report), "timestamp-mismatch", "{}", stage.name);
        move_to(&stage, "2024-05-16 09:00").await;
        assert_eq!(written(&ingest(&stage).await), [1], "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_past_the_horizon_or_the_clock_says_that_what_comes_until_then_is_skipped() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run(
            "INSERT INTO payment VALUES (1, 'x', '2024-05-16'), (2, 'x', now() AT TIME ZONE 'UTC')",
        )
        .await;
    let stage = Stage::local(&database).await.with_settle("10min").await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    // Below the horizon, above it, and later than the clock.
    for (seconds, expected) in [
        (-3600, Consequence::Nothing),
        (-60, Consequence::Overtakes(0)),
        (60, Consequence::Outruns(1)),
    ] {
        let edit = Edit {
            table: table("payment"),
            timestamp: Watermark::from_micros(Watermark::now().micros() + seconds * 1_000_000),
            sequence_id: None,
            reason: "oops".to_owned(),
            force: false,
        };
        let plan = stage.backend.plan_edit(&edit).await.expect("a plan");
        let consequence = plan.consequence.expect("the timestamp moves");
        assert_eq!(consequence, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watermark_in_the_future_stops_the_table_instead_of_silencing_it() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database
        .run("INSERT INTO payment VALUES (1, 'x', '2024-05-16')")
        .await;
    let stage = Stage::local(&database).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    let edit = Provenance::Edit {
        by: "tester".to_owned(),
        reason: "a slip".to_owned(),
    };
    let future = at("2999-01-01");
    stage
        .backend
        .write_timestamp(&table("payment"), future, &edit)
        .await
        .expect("written");
    assert_eq!(stopped(&ingest(&stage).await), "timestamp-in-future");
}
