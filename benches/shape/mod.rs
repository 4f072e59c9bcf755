//! Encodes tables of a given shape, against their floor and their oracle.

use std::time::Instant;

use highwater::backend::jsonl::LineEncoder;
use tokio_postgres::Client;

use crate::encode::encode;
use crate::floor::{self, throw_away};
use crate::setting::{self, Result, median, variable};

/// Rows that differ from those of an ordinary table in one respect.
pub struct Shape {
    pub name: &'static str,
    /// Statements that run before the table is created.
    pub before: &'static str,
    /// The select list that makes a row from its number n.
    pub row: String,
    pub rows: u64,
}

pub fn shape(name: &'static str, rows: u64, row: &str) -> Shape {
    Shape {
        name,
        before: "",
        row: row.to_owned(),
        rows,
    }
}

/// Measures one shape after the other, and prints a line for each.
pub fn measure_all(shapes: Vec<Shape>) -> Result<()> {
    let Some(url) = setting::server() else {
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async { tokio::spawn(run(url, shapes)).await? })
}

async fn run(url: String, shapes: Vec<Shape>) -> Result<()> {
    let client = setting::session(&url).await?;
    println!(
        "{:<26} {:>9} {:>9} {:>9} {:>11}  of floor  of row_to_json",
        "", "rows", "floor", "encoded", "row_to_json"
    );
    for shape in shapes {
        measure(&client, &shape).await?;
    }
    Ok(())
}

async fn measure(client: &Client, shape: &Shape) -> Result<()> {
    const TABLE: &str = "highwater_bench_shape";
    let Shape {
        name,
        before,
        row,
        rows,
    } = shape;
    let make = format!(
        "DROP TABLE IF EXISTS {TABLE}; DROP TYPE IF EXISTS highwater_bench_type; {before};
         CREATE UNLOGGED TABLE {TABLE} AS SELECT {row} FROM generate_series(1, {rows}) AS series(n)"
    );
    client.batch_execute(&make).await?;
    client
        .batch_execute(&format!("VACUUM ANALYZE {TABLE}"))
        .await?;
    let columns = floor::columns(client, TABLE).await?;
    let selected = floor::binary_copy(TABLE, &columns);
    let plain = format!("COPY (SELECT * FROM {TABLE}) TO STDOUT (FORMAT binary)");
    let printed = format!("COPY (SELECT row_to_json(t) FROM {TABLE} t) TO STDOUT");
    let encoder = LineEncoder::new(columns);
    let (mut floors, mut encodings, mut oracles) = (Vec::new(), Vec::new(), Vec::new());
    throw_away(client, &plain).await?;
    for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
        let start = Instant::now();
        throw_away(client, &plain).await?;
        floors.push(start.elapsed());
        let start = Instant::now();
        encode(client, &selected, &encoder, *rows).await?;
        encodings.push(start.elapsed());
        let start = Instant::now();
        throw_away(client, &printed).await?;
        oracles.push(start.elapsed());
    }
    let [floor, encoding, oracle] =
        [floors, encodings, oracles].map(|times| median(times).as_secs_f64());
    println!(
        "{name:<26} {rows:>9} {floor:>7.3} s {encoding:>7.3} s {oracle:>9.3} s  {:>8.2}  {:>14.2}",
        encoding / floor,
        encoding / oracle
    );
    Ok(())
}
