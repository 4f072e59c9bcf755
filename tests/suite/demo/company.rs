//! What the demo contains: the trading company, its tables, and the work that goes on in it.

use std::path::Path;
use std::time::Instant;

use highwater::demo::{Preparation, Server, troubles};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

use super::{
    DEADLINE, State, connect, fresh, number, seed, start, start_seeded, there_are_binaries, until,
};

/// The company's tables that are not in trouble.
const TABLES: [&str; 11] = [
    "address",
    "counterparty",
    "currency",
    "department",
    "design",
    "payment",
    "payment_type",
    "purchase_order",
    "sales_order",
    "staff",
    "transaction",
];

/// A fully seeded demo, its server and a connection to its database; `None` (with a note) if there are no server
/// binaries.
async fn seeded() -> Option<(State, Server, Client)> {
    if !there_are_binaries() {
        return None;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start_seeded(&demo).await;
    let client = connect(&demo).await.unwrap();
    Some((state, server, client))
}

#[tokio::test]
async fn a_new_demo_holds_the_trading_company() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let begun = Instant::now();
    let server = start(&demo).await;
    assert!(!server.joined());
    let seeding = fresh(server.prepare().await.unwrap());
    let client = connect(&demo).await.unwrap();
    let two_hours_ago = "(now() AT TIME ZONE 'UTC' - interval '119 minutes')";
    for table in TABLES {
        let rows = number(&client, &format!("SELECT count(*) FROM {table}")).await;
        assert!(rows > 0, "{table} is empty");
        let newer = format!("SELECT count(*) FROM {table} WHERE last_updated > {two_hours_ago}");
        assert_eq!(
            number(&client, &newer).await,
            0,
            "{table} has recent rows already"
        );
    }
    assert!(seeding.ingestion("payment").is_some());
    assert!(
        seeding.ingestion("design").is_none(),
        "one table is never ingested"
    );
    let seeding = fresh(seeding.finish().await.unwrap());
    for table in troubles::TABLES {
        assert!(seeding.ingestion(table).is_some(), "{table} has a past");
        assert!(number(&client, &format!("SELECT count(*) FROM {table}")).await > 200);
    }
    assert!(seeding.ingestion("payment").is_none(), "not again");
    drop(seeding);
    seed(&server).await;
    eprintln!("made, started and seeded in {:?}", begun.elapsed());
    for table in [
        "sales_order",
        "purchase_order",
        "transaction",
        "payment",
        "counterparty",
        "address",
        "invoice",
        "refund",
        "supplier",
        "shipment",
        "stock_count",
    ] {
        let newer = format!("SELECT count(*) FROM {table} WHERE last_updated > {two_hours_ago}");
        assert!(
            number(&client, &newer).await > 0,
            "{table} has no recent rows"
        );
    }
    let future = "SELECT count(*) FROM payment WHERE last_updated > now() AT TIME ZONE 'UTC'";
    assert_eq!(number(&client, future).await, 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_companys_tables_are_typed_as_promised() {
    let Some((_state, server, client)) = seeded().await else {
        return;
    };
    let tables: Vec<String> = client
        .query(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
            &[],
        )
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let mut expected = [TABLES.as_slice(), troubles::TABLES.as_slice()].concat();
    expected.sort_unstable();
    assert_eq!(tables, expected);
    let stamped = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'
        AND column_name IN ('created_at', 'last_updated') AND data_type = 'timestamp without time zone'
        AND datetime_precision = 3 AND is_nullable = 'NO'";
    assert_eq!(
        number(&client, stamped).await,
        31,
        "all but that of stock_count"
    );
    let money = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'
        AND data_type = 'numeric' AND numeric_precision = 10 AND numeric_scale = 2";
    assert_eq!(number(&client, money).await, 6);
    let enums = "SELECT count(DISTINCT enumtypid) FROM pg_enum";
    assert_eq!(number(&client, enums).await, 2);
    let indexed = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%last_updated%'";
    assert_eq!(number(&client, indexed).await, 0);
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated";
    assert_eq!(number(&client, keys).await, 22);
    let broken_totals = "SELECT count(*) FROM payment JOIN transaction USING (transaction_id)
        JOIN sales_order USING (sales_order_id) WHERE payment_amount <> units_sold * unit_price";
    assert_eq!(number(&client, broken_totals).await, 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_seeding_that_was_broken_off_is_gone_on_with() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start(&demo).await;
    drop(server.prepare().await.unwrap());
    let client = connect(&demo).await.unwrap();
    let before = number(&client, "SELECT count(*) FROM payment").await;
    let seeding = fresh(server.prepare().await.unwrap());
    assert_eq!(
        number(&client, "SELECT count(*) FROM payment").await,
        before
    );
    drop(seeding.finish().await.unwrap());
    assert!(number(&client, "SELECT count(*) FROM payment").await > before);
    let seeding = fresh(server.prepare().await.unwrap());
    let before = number(&client, "SELECT count(*) FROM invoice").await;
    drop(seeding.finish().await.unwrap());
    assert!(number(&client, "SELECT count(*) FROM invoice").await > before);
    assert_eq!(seed(&server).await, 1, "what is left is the troubles");
    assert!(matches!(
        server.prepare().await.unwrap(),
        Preparation::Ready
    ));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_companys_work_goes_on_until_it_is_cancelled() {
    let Some((_state, server, client)) = seeded().await else {
        return;
    };
    let begun: i64 = number(&client, "SELECT (extract(epoch FROM now()) * 1000)::bigint").await;
    let cancel = CancellationToken::new();
    let writers = [
        server.write_in_background(cancel.clone()),
        server.write_in_background(cancel.clone()),
    ];
    let changed = format!(
        "SELECT sum((SELECT count(*) FROM payment WHERE last_updated > since) + (SELECT count(*) FROM sales_order WHERE last_updated > since)
            + (SELECT count(*) FROM staff WHERE last_updated > since))::bigint
         FROM (SELECT to_timestamp({begun} / 1000.0) AT TIME ZONE 'UTC') AS t (since)"
    );
    until("rows were changed", async || {
        number(&client, &changed).await >= 2
    })
    .await;
    let holders = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND application_name = 'demo-shop'";
    assert_eq!(number(&client, holders).await, 1, "one of the two writes");
    // When its connection is cut, the writer reconnects by itself.
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'demo-shop'";
    assert_eq!(number(&client, cut).await, 2);
    let before = number(&client, &changed).await;
    until("it writes again", async || {
        number(&client, &changed).await > before
    })
    .await;
    cancel.cancel();
    for writer in writers {
        tokio::time::timeout(DEADLINE, writer)
            .await
            .unwrap()
            .unwrap();
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn every_event_of_the_company_changes_rows() {
    let Some((_state, server, client)) = seeded().await else {
        return;
    };
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/writer");
    let mut run = 0;
    for entry in std::fs::read_dir(events).unwrap() {
        let path = entry.unwrap().path();
        let statement = std::fs::read_to_string(&path).unwrap();
        for _ in 0..20 {
            let rows = client.execute(statement.as_str(), &[]).await;
            assert!(matches!(rows, Ok(1)), "{}: {rows:?}", path.display());
        }
        run += 1;
    }
    assert_eq!(run, 9);
    server.stop().await.unwrap();
}
