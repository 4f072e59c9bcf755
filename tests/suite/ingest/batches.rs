//! What goes into a batch, and where batches are cut.

use highwater::backend::ingest::{IngestOptions, Outcome};
use highwater::vocabulary::SequenceId;

use super::{TABLE, at, each_once, ingest, written};
use crate::support::{self, Stage, table};

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_takes_everything_and_the_next_one_only_what_is_newer() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    for stage in Stage::all(&database).await {
        database.run("TRUNCATE payment; INSERT INTO payment SELECT i, 'x', '2024-05-16 10:00'::timestamp + i * interval '1 s' FROM generate_series(1, 100) i").await;
        assert_eq!(written(&ingest(&stage).await), [100], "{}", stage.name);
        let payment = table("payment");
        assert_eq!(
            stage
                .backend
                .get_timestamp(&payment)
                .await
                .expect("recorded"),
            at("2024-05-16 10:01:40")
        );
        assert_eq!(
            stage.backend.get_seq_id(&payment).await.expect("recorded"),
            SequenceId(1)
        );
        assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
        database.run("INSERT INTO payment VALUES (101, 'y', '2024-05-16 10:01:40.001'), (102, 'y', '2024-05-17')").await;
        let report = ingest(&stage).await;
        assert_eq!(written(&report), [2], "{}", stage.name);
        assert_eq!(report.objects[0].sequence_id, SequenceId(2));
        assert_eq!(report.objects[0].from, Some(at("2024-05-16 10:01:40")));
        assert_eq!(report.objects[0].to, at("2024-05-17"));
        each_once(&stage.ids("payment").await, 1..=102);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_cut_below_the_limit_and_never_between_equal_timestamps() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    // Groups of 2, 3, 7 and 1 rows with equal timestamps.
    database.run("INSERT INTO payment SELECT row_number() OVER (), 'x', '2024-05-16'::timestamp + g * interval '1 h'
         FROM unnest(ARRAY[2, 3, 7, 1]) WITH ORDINALITY AS groups(n, g), generate_series(1, n)",
    )
    .await;
    for stage in Stage::all(&database).await {
        let options = IngestOptions { max_rows: Some(4) };
        let plan = stage
            .backend
            .plan_ingest(&table("payment"), options)
            .await
            .expect("a plan");
        assert_eq!(
            plan.objects
                .iter()
                .map(|object| object.rows)
                .collect::<Vec<_>>(),
            [2, 3, 7, 1]
        );
        let report = stage.ingest("payment", options.max_rows).await;
        assert_eq!(written(&report), [2, 3, 7, 1], "{}", stage.name);
        assert_eq!(
            report
                .objects
                .iter()
                .map(|object| object.sequence_id.0)
                .collect::<Vec<_>>(),
            [1, 2, 3, 4]
        );
        let bounds: Vec<_> = report
            .objects
            .iter()
            .map(|object| (object.from, object.to))
            .collect();
        assert!(
            bounds.windows(2).all(|pair| pair[1].0 == Some(pair[0].1)),
            "the bounds meet: {bounds:?}"
        );
        each_once(&stage.ids("payment").await, 1..=13);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_larger_than_the_buffer_goes_up_in_parts() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, repeat('x', 1000), '2024-05-16'::timestamp + i * interval '1 ms' FROM generate_series(1, 20000) i").await;
    for stage in Stage::all(&database).await {
        let report = ingest(&stage).await;
        assert_eq!(written(&report), [20_000], "{}", stage.name);
        assert!(report.objects[0].bytes > 20 << 20, "more than one buffer");
        each_once(&stage.ids("payment").await, 1..=20_000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_body_holds_every_row_and_its_size_is_that_of_what_is_stored() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment SELECT i, repeat(md5(i::text), 20), '2024-05-16'::timestamp + i * interval '1 ms' FROM generate_series(1, 5000) i").await;
    for compression in ["gzip", "zstd"] {
        for format in ["jsonl", "json-array"] {
            for stage in Stage::all(&database).await {
                let settings = format!("compression = \"{compression}\"\nformat = \"{format}\"");
                let stage = stage.with_setting("objects", &settings).await;
                let case = format!("{compression}, {format}, {}", stage.name);
                let report = ingest(&stage).await;
                assert_eq!(written(&report), [5000], "{case}");
                each_once(&stage.ids("payment").await, 1..=5000);

                let listed = stage.backend.objects(&table("payment"), 1).await;
                let listed = listed.expect("a listing");
                assert_eq!(listed[0].bytes, report.objects[0].bytes, "{case}");
                assert!(listed[0].bytes < 1 << 20, "of 3.3 MB of rows: {case}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn null_infinite_and_future_rows_are_left_out() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    database.run("INSERT INTO payment VALUES (1, '', '2024-05-16'), (2, '', NULL), (3, '', 'infinity'), (4, '', '-infinity'), (5, '', '2999-01-01')").await;
    let stage = Stage::local(&database).await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    each_once(&stage.ids("payment").await, 1..=1);
}

#[tokio::test(flavor = "multi_thread")]
async fn naive_timestamps_are_those_of_the_profiles_zone() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(TABLE).await;
    // Before, within and after the hour that London repeats, and the hour that it skips.
    database.run("INSERT INTO payment VALUES (1, 'x', '2024-03-31 00:59'), (2, 'x', '2024-03-31 01:30'), (3, 'x', '2024-03-31 02:15'),
                                    (4, 'x', '2024-10-27 00:59'), (5, 'x', '2024-10-27 01:30'), (6, 'x', '2024-10-27 02:00')",
    )
    .await;
    let stage = Stage::local(&database)
        .await
        .with_setting("source", "timezone = \"Europe/London\"")
        .await;
    let report = stage.ingest("payment", Some(2)).await;
    assert_eq!(report.outcome, Outcome::Written, "{report:?}");
    each_once(&stage.ids("payment").await, 1..=6);
    let stored = stage
        .backend
        .get_timestamp(&table("payment"))
        .await
        .expect("recorded");
    assert_eq!(stored, at("2024-10-27T02:00:00Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_timestamp_columns_the_greatest_counts() {
    let Some(database) = support::postgres() else {
        return;
    };
    database
        .run("CREATE TABLE payment (id int, created timestamptz, last_updated timestamp)")
        .await;
    database
        .run("INSERT INTO payment VALUES (1, '2024-05-18Z', '2024-05-16'), (2, NULL, '2024-05-17')")
        .await;
    let change =
        "[profiles.test.tables.payment]\ntimestamp_columns = [\"created\", \"last_updated\"]";
    let stage = Stage::local(&database).await.configured(change).await;
    assert_eq!(written(&ingest(&stage).await), [2]);
    database
        .run(
            "INSERT INTO payment VALUES (3, '2024-05-17Z', '2024-05-19'), (4, '2024-05-17Z', NULL)",
        )
        .await;
    assert_eq!(
        written(&ingest(&stage).await),
        [1],
        "row 4 is older than the watermark"
    );
    let stored = stage
        .backend
        .get_timestamp(&table("payment"))
        .await
        .expect("recorded");
    assert_eq!(stored, at("2024-05-19"));
}
