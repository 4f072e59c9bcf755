//! A database whose clock has been set back.

use highwater::backend::{
    finding::FindingCode, progress::Context, provenance::Provenance, source::Cut, write::Run,
};
use highwater::vocabulary::{SequenceId, Watermark};

use super::{TABLES, diagnosis};
use crate::support::{self, Stage, table};

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_stamped_before_the_clock_is_there_again_are_told_of() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLES).await;
    // In whole milliseconds, which is what the column holds.
    let hour = (Watermark::now().micros() / 1000 + 3_600_000) * 1000;
    let later = Watermark::from_micros(hour).expect("an hour from now");
    database
        .run(&format!(
            "INSERT INTO payment VALUES (1, '{later}'::timestamptz AT TIME ZONE 'UTC')"
        ))
        .await;
    let stage = Stage::local(&database).await;
    let (backend, payment) = (&stage.backend, table("payment"));
    // Ingested as it would have been when the clock showed that time.
    let read = backend.collect_table_data(&payment, None, later.successor());
    let cut = Cut {
        after: None,
        to: later,
        rows: 1,
    };
    let (run, number) = (Run::new(Context::default()), SequenceId(1));
    let (rows, contents) = (read.await.expect("rows"), cut.into());
    let written = backend.write_table_data_to_s3(&payment, rows, &contents, number, &run);
    written.await.expect("written");
    let by = Provenance::Run {
        run: run.id,
        sequence_id: number,
    };
    let timestamp = backend.write_timestamp(&payment, later, &by).await;
    timestamp.expect("written");
    let sequence_id = backend.write_seq_id(&payment, number, &by).await;
    sequence_id.expect("written");
    let found = diagnosis(&stage).await;
    assert_eq!(found.code(), FindingCode::TimestampInFuture);
    assert_eq!(found.repairs, []);
    let step = found.next_step().unwrap_or_default();
    assert!(step.contains("the clock was set back"), "{found:#?}");
}
