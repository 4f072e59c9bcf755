//! What a crashed or stale writer leaves behind, and that the next run recovers from it by itself.

use highwater::backend::{
    edits::Edit,
    ingest::{IngestOptions, IngestReport, Outcome},
    provenance::{Provenance, RunId},
};
use highwater::vocabulary::{SequenceId, Watermark};

use crate::support::{self, Database, Stage, table};

/// The values of `payment` to be set before the next run.
struct Left {
    timestamp: i64,
    sequence_id: u64,
    timestamp_by: Author,
}

/// The author of a value.
#[derive(Clone, Copy)]
enum Author {
    /// The run that wrote this object.
    RunOf(u64),
    Something,
}

fn at(second: i64) -> Watermark {
    Watermark::from_micros(1_700_000_000_000_000 + second * 1_000_000).expect("a timestamp")
}

/// Stages with one object for each of the ten rows of `payment`; row i is stamped with second i.
async fn stages(database: &Database) -> Vec<Stage> {
    database.run("CREATE TABLE payment AS SELECT i AS id, to_timestamp(1700000000 + i) AS last_updated FROM generate_series(1, 10) i").await;
    let stages = Stage::all(database).await;
    for stage in &stages {
        let report = ingest(stage, Some(1)).await;
        assert_eq!(report.objects.len(), 10, "{report:?}");
    }
    stages
}

async fn ingest(stage: &Stage, max_rows: Option<u64>) -> IngestReport {
    stage.ingest("payment", max_rows).await
}

async fn run_of(stage: &Stage, number: u64) -> Provenance {
    let objects = stage.backend.objects(&table("payment"), 100).await;
    let objects = objects.expect("a listing");
    let object = objects.iter().find(|object| object.sequence_id.0 == number);
    let run = object.and_then(|object| object.run.clone()).expect("a run");
    Provenance::Run {
        run: RunId::parse(&run).expect("a run id"),
        sequence_id: SequenceId(number),
    }
}

async fn leave(stage: &Stage, left: Left) {
    let payment = table("payment");
    let by = match left.timestamp_by {
        Author::RunOf(number) => run_of(stage, number).await,
        Author::Something => Provenance::Other,
    };
    stage
        .backend
        .write_timestamp(&payment, at(left.timestamp), &by)
        .await
        .expect("written");
    force(stage, left.sequence_id).await;
}

/// Sets the sequence id with an edit.
async fn force(stage: &Stage, sequence_id: u64) {
    let edit = Edit {
        table: table("payment"),
        timestamp: None,
        sequence_id: Some(SequenceId(sequence_id)),
        reason: "a test".to_owned(),
        force: true,
    };
    match stage.backend.plan_edit(&edit).await {
        Ok(plan) => stage.backend.apply_edit(&plan).await.expect("applied"),
        // It has this value already.
        Err(error) => assert!(
            error.to_string().contains("nothing would change"),
            "{error}"
        ),
    }
}

async fn values(stage: &Stage) -> (Watermark, u64) {
    let payment = table("payment");
    (
        stage
            .backend
            .get_timestamp(&payment)
            .await
            .expect("recorded"),
        stage
            .backend
            .get_seq_id(&payment)
            .await
            .expect("recorded")
            .0,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crashed_or_stale_writer_leaves_is_put_right_and_reported() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        for (what, left) in [
            ("a crash after the commit", (9, 9, Author::RunOf(9))),
            ("a crash between the two writes", (10, 9, Author::RunOf(10))),
            ("a stale writer of both", (4, 4, Author::RunOf(4))),
            ("a stale sequence id", (10, 4, Author::RunOf(10))),
            ("a stale timestamp", (4, 10, Author::RunOf(4))),
        ] {
            let what = format!("{}: {what}", stage.name);
            let (timestamp, sequence_id, timestamp_by) = left;
            leave(
                &stage,
                Left {
                    timestamp,
                    sequence_id,
                    timestamp_by,
                },
            )
            .await;
            let seen = stage.status("payment").await;
            assert_eq!(seen.counts().expect("counts").pending, 0, "{what}");
            assert_eq!(
                seen.state().map(highwater::backend::status::State::as_str),
                Some("up-to-date"),
                "{what}"
            );
            let plan = stage
                .backend
                .plan_ingest(&table("payment"), IngestOptions::default())
                .await
                .expect("a plan");
            assert_eq!((plan.rows, plan.recovers.len()), (0, 1), "{what}: {plan:?}");
            let report = ingest(&stage, None).await;
            assert_eq!(
                report.outcome,
                Outcome::NothingPending,
                "{what}: {report:?}"
            );
            assert_eq!(report.recovered.len(), 1, "{what}: {report:?}");
            assert_eq!(values(&stage).await, (at(10), 10), "{what}");
            let again = ingest(&stage, None).await;
            assert!(again.recovered.is_empty(), "{what}: {again:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_very_first_run_is_put_right() {
    let Some(database) = support::postgres() else {
        return;
    };
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE TABLE payment AS SELECT 1 AS id, now() - interval '1 h' AS last_updated",
        )
        .await
        .expect("the statements run");
    for stage in Stage::all(&database).await {
        let stage = stage.with_setting("parameters", "# before the crash").await;
        assert_eq!(ingest(&stage, None).await.outcome, Outcome::Written);
        // The same objects, with parameters that nobody has written.
        let written = values(&stage).await;
        let text = std::fs::read_to_string(stage.sandbox.config_file()).expect("a configuration");
        let text = match stage.name.as_str() {
            "local" => text.replace("/parameters.db", "/others.db"),
            _ => text.replace("/{table}/", "/{table}/others/"),
        };
        stage.sandbox.write_config(&text);
        let stage = stage.configured("").await;
        let report = ingest(&stage, None).await;
        assert_eq!(report.outcome, Outcome::NothingPending, "{report:?}");
        assert_eq!(report.recovered.len(), 1, "{report:?}");
        assert_eq!(values(&stage).await, written, "{}", stage.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_something_else_wrote_is_left_for_the_operator_also_after_a_crash() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let left = Left {
            timestamp: 4,
            sequence_id: 9,
            timestamp_by: Author::Something,
        };
        leave(&stage, left).await;
        let report = ingest(&stage, None).await;
        assert_eq!(
            report.error.expect("stopped").code,
            "timestamp-mismatch",
            "{}",
            stage.name
        );
        assert_eq!(values(&stage).await, (at(4), 9));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_a_run_writes_over_at_the_same_moment_is_honoured() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        let payment = table("payment");
        let stored = stage.backend.stored(&payment).await.expect("recorded");
        let edit = Edit {
            table: payment.clone(),
            timestamp: Some(at(7)),
            sequence_id: None,
            reason: "again".to_owned(),
            force: false,
        };
        let plan = stage.backend.plan_edit(&edit).await.expect("a plan");
        stage.backend.apply_edit(&plan).await.expect("applied");
        // A run that read the values before the edit, and writes now.
        let read = stored.timestamp.map(|at| at.version);
        let run = run_of(&stage, 10).await;
        let error = stage
            .backend
            .write_timestamp_after(&payment, at(10), read, &run)
            .await
            .expect_err("an edit was made meanwhile");
        assert!(error.is_interference(), "{error}");
        assert_eq!(values(&stage).await.0, at(7), "{}", stage.name);
        let report = ingest(&stage, None).await;
        assert_eq!(
            report.objects.first().map(|object| object.rows),
            Some(3),
            "{report:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_were_skipped_on_purpose_stay_free() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in stages(&database).await {
        force(&stage, 500).await;
        let codes: Vec<_> = stage
            .status("payment")
            .await
            .findings()
            .iter()
            .map(|finding| finding.code.as_str())
            .collect();
        assert!(codes.contains(&"object-gap"), "{}: {codes:?}", stage.name);
        let client = database.client().await;
        client
            .batch_execute("INSERT INTO payment SELECT max(id) + 1, max(last_updated) + interval '1 s' FROM payment")
            .await
            .expect("inserted");
        let report = ingest(&stage, None).await;
        assert_eq!(report.outcome, Outcome::Written, "{report:?}");
        assert_eq!(values(&stage).await.1, 501, "{}", stage.name);
    }
}
