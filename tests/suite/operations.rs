//! The seven core operations, over PostgreSQL and every pair of stores.

use highwater::backend::{
    error::Error,
    find_latest_timestamp,
    jsonl::Row,
    progress::Context,
    provenance::Provenance,
    source::{Cut, DEFAULT_TIMESTAMP_COLUMNS},
    write::Run,
};
use highwater::vocabulary::{SequenceId, Watermark};

use crate::support::{self, Database, Stage, table};

fn at(text: &str) -> Watermark {
    highwater::vocabulary::watermark::read(text, chrono_tz::Tz::UTC).expect("a timestamp")
}

fn edit() -> Provenance {
    Provenance::Edit {
        by: "tester".to_owned(),
        reason: "a test".to_owned(),
    }
}

async fn payments(database: &Database) {
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE TABLE payment (id int, amount numeric(10,2), last_updated timestamp(3));
             INSERT INTO payment VALUES (1, 1.50, '2024-05-16 10:00'), (2, 2.25, '2024-05-16 11:00'),
                                        (3, NULL, '2024-05-16 12:00'), (4, 4, NULL)",
        )
        .await
        .expect("a table");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_is_not_recorded_until_it_is_written_and_then_read_back() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in Stage::all(&database).await {
        let backend = &stage.backend;
        let payment = table("payment");
        let error = backend
            .get_timestamp(&payment)
            .await
            .expect_err("nothing is recorded");
        assert!(
            matches!(error, Error::NotRecorded { .. }),
            "{}: {error:?}",
            stage.name
        );
        assert!(error.to_string().contains("timestamp"), "{error}");
        let first = backend
            .write_timestamp(&payment, at("2024-05-16T10:50:30.123456Z"), &edit())
            .await
            .expect("written");
        let second = backend
            .write_timestamp(&payment, at("2024-05-17"), &edit())
            .await
            .expect("written");
        assert_eq!(second, first.next(), "{}", stage.name);
        assert_eq!(
            backend.get_timestamp(&payment).await.expect("recorded"),
            at("2024-05-17")
        );
        let other = backend.get_timestamp(&table("payment_type")).await;
        assert!(
            matches!(other, Err(Error::NotRecorded { .. })),
            "{}: another table",
            stage.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequence_id_is_stored_only_if_it_is_exactly_one_more() {
    let Some(database) = support::postgres() else {
        return;
    };
    for stage in Stage::all(&database).await {
        let backend = &stage.backend;
        let payment = table("payment");
        let missing = backend.get_seq_id(&payment).await;
        assert!(
            matches!(missing, Err(Error::NotRecorded { .. })),
            "{}: {missing:?}",
            stage.name
        );
        let second = backend.write_seq_id(&payment, SequenceId(2), &edit()).await;
        assert!(
            matches!(second, Err(Error::NotRecorded { .. })),
            "{}: {second:?}",
            stage.name
        );
        backend
            .write_seq_id(&payment, SequenceId(1), &edit())
            .await
            .expect("the first");
        backend
            .write_seq_id(&payment, SequenceId(2), &edit())
            .await
            .expect("one more");
        for given in [0, 1, 2, 4, 100] {
            let error = backend
                .write_seq_id(&payment, SequenceId(given), &edit())
                .await
                .expect_err("a gap");
            let Error::SequenceGap {
                stored,
                given: refused,
                ..
            } = error
            else {
                panic!("{}: {error:?}", stage.name)
            };
            assert_eq!(
                (stored, refused),
                (Some(SequenceId(2)), SequenceId(given)),
                "{}",
                stage.name
            );
        }
        assert_eq!(
            backend.get_seq_id(&payment).await.expect("recorded"),
            SequenceId(2)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn collecting_streams_the_rows_newer_than_the_watermark_with_their_columns() {
    let Some(database) = support::postgres() else {
        return;
    };
    payments(&database).await;
    let stage = Stage::local(&database).await;
    let collect = |after| {
        stage
            .backend
            .collect_table_data(&PAYMENT, after, at("2024-05-16T12:00"))
    };
    let mut all = collect(None).await.expect("rows");
    let names: Vec<String> = all
        .columns()
        .iter()
        .map(|column| column.name.clone())
        .collect();
    assert_eq!(names, ["id", "amount", "last_updated"]);
    let mut rows = 0;
    while let Some(row) = all.next().await.expect("a row") {
        assert_eq!(row.columns().len(), 3);
        rows += 1;
    }
    assert_eq!(
        rows, 2,
        "12:00 is not before 12:00, and NULL is newer than nothing"
    );
    let mut newer = collect(Some(at("2024-05-16T10:00"))).await.expect("rows");
    let row = newer.next().await.expect("a row").expect("one row");
    assert_eq!(row.field(0), Some(&2_i32.to_be_bytes()[..]));
    assert!(newer.next().await.expect("the end").is_none());
}

static PAYMENT: std::sync::LazyLock<highwater::vocabulary::TableName> =
    std::sync::LazyLock::new(|| table("payment"));

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_table_or_column_is_an_error_that_names_it() {
    let Some(database) = support::postgres() else {
        return;
    };
    payments(&database).await;
    let stage = Stage::local(&database).await;
    let Err(error) = stage
        .backend
        .collect_table_data(&table("paymnt"), None, at("2024-05-17"))
        .await
    else {
        panic!("there is no such table");
    };
    assert!(
        matches!(&error, Error::UnknownTable { table, .. } if table.name() == "paymnt"),
        "{error:?}"
    );
    let stage = stage
        .configured("[profiles.test.tables.payment]\ntimestamp_columns = [\"updated\"]")
        .await;
    let Err(error) = stage
        .backend
        .collect_table_data(&PAYMENT, None, at("2024-05-17"))
        .await
    else {
        panic!("there is no such column");
    };
    assert!(
        matches!(&error, Error::UnknownColumn { column, .. } if column == "updated"),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("last_updated"),
        "says what there is: {error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_timestamp_is_the_greatest_of_the_named_columns() {
    let Some(database) = support::postgres() else {
        return;
    };
    let client = database.client().await;
    client
        .batch_execute(
            "CREATE TABLE t (id int, created timestamptz, last_updated timestamp);
             INSERT INTO t VALUES (1, '2024-05-16 23:00+00', '2024-05-16 10:00'), (2, NULL, '2024-05-16 11:00'),
                                  (3, 'infinity', '2024-05-16 09:00')",
        )
        .await
        .expect("a table");
    let stage = Stage::local(&database).await;
    let name = table("t");
    let mut rows = stage
        .backend
        .collect_table_data(&name, None, at("2024-05-17"))
        .await
        .expect("rows");
    let columns = rows.columns().clone();
    let mut tuples: Vec<Vec<u8>> = Vec::new();
    while let Some(row) = rows.next().await.expect("a row") {
        tuples.push(row.tuple().to_vec());
    }
    let latest = |named: &[&str]| {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        let rows = tuples
            .iter()
            .map(|tuple| Row::parse(&columns, tuple).expect("a row"));
        find_latest_timestamp(&name, rows, &named, chrono_tz::Tz::UTC)
    };
    assert_eq!(
        latest(&DEFAULT_TIMESTAMP_COLUMNS).expect("found"),
        Some(at("2024-05-16T11:00"))
    );
    assert_eq!(
        latest(&["last_updated", "created"]).expect("found"),
        Some(at("2024-05-16T23:00"))
    );
    assert!(
        matches!(latest(&["changed"]), Err(Error::UnknownColumn { column, .. }) if column == "changed")
    );
    assert!(matches!(latest(&["id"]), Err(Error::NotATimestamp { column, .. }) if column == "id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_written_as_one_object_and_its_key_exists_only_once() {
    let Some(database) = support::postgres() else {
        return;
    };
    payments(&database).await;
    for stage in Stage::all(&database).await {
        let backend = &stage.backend;
        let cut = Cut {
            after: None,
            to: at("2024-05-16T12:00"),
            rows: 3,
        };
        let write = async |cut: &Cut, run: &Run| {
            let rows = backend
                .collect_table_data(&PAYMENT, None, at("2024-05-16T12:00:00.000001Z"))
                .await?;
            backend
                .write_table_data_to_s3(&PAYMENT, rows, &(*cut).into(), SequenceId(1), run)
                .await
        };
        let wrong = Cut { rows: 4, ..cut };
        let error = write(&wrong, &Run::new(Context::default()))
            .await
            .expect_err("not the rows that were counted");
        assert!(
            matches!(
                error,
                Error::CountMismatch {
                    counted: 4,
                    encoded: 3,
                    ..
                }
            ),
            "{}: {error:?}",
            stage.name
        );
        let earlier = Cut {
            to: at("2024-05-16T11:30"),
            ..cut
        };
        let error = write(&earlier, &Run::new(Context::default())).await;
        assert!(
            matches!(error, Err(Error::NewestMismatch { encoded, .. }) if encoded == Some(cut.to)),
            "{}: {error:?}",
            stage.name
        );
        let run = Run::new(Context::default());
        let written = write(&cut, &run).await.expect("written");
        assert_eq!(written.key.as_str(), "payment/payment_00000001.jsonl");
        let mut lines = backend
            .read_object(&written.key, 10)
            .await
            .expect("readable")
            .lines;
        lines.sort();
        assert_eq!(
            lines,
            [
                r#"{"id":1,"amount":1.50,"last_updated":"2024-05-16T10:00:00"}"#,
                r#"{"id":2,"amount":2.25,"last_updated":"2024-05-16T11:00:00"}"#,
                r#"{"id":3,"amount":null,"last_updated":"2024-05-16T12:00:00"}"#,
            ],
            "{}",
            stage.name
        );
        let again = write(&cut, &Run::new(Context::default()))
            .await
            .expect_err("the key exists");
        assert!(
            matches!(&again, Error::ObjectExists { key, .. } if key == &written.key),
            "{}: {again:?}",
            stage.name
        );
        let shorter = Cut {
            to: at("2024-05-16T11:00"),
            rows: 2,
            ..cut
        };
        let rows = backend
            .collect_table_data(&PAYMENT, None, at("2024-05-16T11:00:00.000001Z"))
            .await
            .expect("rows");
        let other_bounds = backend
            .write_table_data_to_s3(&PAYMENT, rows, &shorter.into(), SequenceId(1), &run)
            .await;
        assert!(
            matches!(other_bounds, Err(Error::ObjectExists { .. })),
            "{}: an object of the same run with other rows: {other_bounds:?}",
            stage.name
        );
        let lost_response = write(&cut, &run).await.expect("this run's own object");
        assert_eq!(lost_response.key, written.key, "{}", stage.name);
    }
}
