//! Tables whose rows are in other tables: partitions and inheritance.

use highwater::backend::ingest::Outcome;

use super::{each_once, ingest, written};
use crate::support::{self, Database, Stage};

/// Two levels of partitions.
const PARTITIONED: &str = "
CREATE TABLE payment (id int, region text, note text, last_updated timestamp(3), PRIMARY KEY (id, region))
    PARTITION BY LIST (region);
CREATE TABLE payment_north PARTITION OF payment FOR VALUES IN ('north');
CREATE TABLE payment_south PARTITION OF payment FOR VALUES IN ('south') PARTITION BY HASH (id);
CREATE TABLE payment_south_0 PARTITION OF payment_south FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE payment_south_1 PARTITION OF payment_south FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO payment
SELECT i, CASE WHEN i % 3 = 0 THEN 'north' ELSE 'south' END, 'x', '2024-05-16'::timestamp + i * interval '1 s'
FROM generate_series(1, 3000) i";

/// Bytes on disk and number of rows of the table `payment`: as known to the product, and as asked of each of its
/// parts.
async fn sizes(stage: &Stage, database: &Database) -> [[u64; 2]; 2] {
    const ASKED: &str = "
        SELECT sum(pg_relation_size(oid))::int8 + sum(pg_relation_size(nullif(reltoastrelid, 0)))::int8,
               (SELECT count(*) FROM payment)
        FROM pg_class WHERE relname LIKE 'payment%' AND relkind = 'r'";
    let tables = stage.backend.tables().await.expect("tables");
    let payment = tables.iter().find(|table| table.name.name() == "payment");
    let payment = payment.expect("the table");
    let estimated = payment.estimated_rows.expect("it was analyzed");
    let client = database.client().await;
    let asked = client.query_one(ASKED, &[]).await.expect("the sizes");
    let asked = [0, 1].map(|column| asked.get::<_, i64>(column).unsigned_abs());
    [[payment.bytes, estimated], asked]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partitioned_table_is_one_table_and_its_partitions_are_none() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(PARTITIONED).await;
    for stage in Stage::all(&database).await {
        let tables = stage.backend.tables().await.expect("tables");
        let names: Vec<_> = tables.iter().map(|table| table.name.to_string()).collect();
        assert_eq!(names, ["payment"], "{}", stage.name);
        assert_eq!(written(&ingest(&stage).await), [3000], "{}", stage.name);
        each_once(&stage.ids("payment").await, 1..=3000);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_is_added_is_read_as_well_and_one_that_is_taken_away_no_more() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(PARTITIONED).await;
    let stage = Stage::local(&database).await;
    assert_eq!(written(&ingest(&stage).await), [3000]);
    database
        .run(
            "CREATE TABLE payment_east PARTITION OF payment FOR VALUES IN ('east');
             INSERT INTO payment VALUES (3001, 'east', 'x', '2024-05-17'), (3002, 'north', 'x', '2024-05-17');
             ALTER TABLE payment DETACH PARTITION payment_north",
        )
        .await;
    assert_eq!(written(&ingest(&stage).await), [1]);
    each_once(&stage.ids("payment").await, 1..=3001);
    assert_eq!(ingest(&stage).await.outcome, Outcome::NothingPending);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_a_table_is_that_of_its_partitions_and_of_long_values() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(PARTITIONED).await;
    // Random, so that they do not compress, and long, so that they are stored out of line.
    database
        .run(
            "INSERT INTO payment
             SELECT i, 'south', (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 200) j),
                    '2024-05-17'::timestamp + i * interval '1 s'
             FROM generate_series(4001, 4100) i",
        )
        .await;
    let stage = Stage::local(&database).await;
    // Not the partitioned table itself: only an operator ever analyzes that.
    database
        .run("VACUUM ANALYZE payment_north, payment_south_0, payment_south_1")
        .await;
    let [known, asked] = sizes(&stage, &database).await;
    assert_eq!(known, asked);
    assert!(known[0] > 700_000, "{known:?}");
    database.run("VACUUM ANALYZE payment").await;
    assert_eq!(sizes(&stage, &database).await[0], asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_a_table_is_that_of_its_heirs_as_well() {
    let Some(database) = support::postgres() else {
        return;
    };
    database.run(super::TABLE).await;
    database
        .run(
            "CREATE TABLE payment_old (reason text) INHERITS (payment);
             INSERT INTO payment SELECT i, 'x', '2024-05-16' FROM generate_series(1, 1000) i;
             INSERT INTO payment_old SELECT i, 'x', '2024-05-16' FROM generate_series(1001, 3000) i",
        )
        .await;
    database.run("VACUUM ANALYZE payment, payment_old").await;
    let stage = Stage::local(&database).await;
    let [known, asked] = sizes(&stage, &database).await;
    assert_eq!(known, asked);
    assert_eq!(known[1], 3000);
}
