//! The encoder over rows that are wide or awkward, each shape against its own floor.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench shapes
//! ```
//!
//! The floor is `SELECT *` of the same rows as binary COPY, thrown away: what the server does for a type
//! without an encoder of its own, which is sent as the text of `to_json`, counts against the encoder.
//! `HIGHWATER_BENCH_ROUNDS` (5) is how often each is measured, in turn.

mod encode;
mod floor;
mod setting;

use std::time::Instant;

use encode::encode;
use floor::throw_away;
use highwater::backend::jsonl::LineEncoder;
use setting::{Result, median, variable};
use tokio_postgres::Client;

/// Rows that differ from those of a usual table in one way.
struct Shape {
    name: &'static str,
    /// Statements before the table is made.
    before: &'static str,
    /// What a row is selected from the number n.
    row: String,
    rows: u64,
}

fn shape(name: &'static str, rows: u64, row: &str) -> Shape {
    Shape {
        name,
        before: "",
        row: row.to_owned(),
        rows,
    }
}

fn wide() -> String {
    let column = |i: usize| match i % 4 {
        0 => format!("n + {i} AS c{i}"),
        1 => format!("md5(n::text) AS c{i}"),
        2 => format!("(n % 1000000) / 100.0 AS c{i}"),
        _ => format!("timestamp '2024-05-16' + n * interval '1 ms' AS c{i}"),
    };
    (0..200).map(column).collect::<Vec<_>>().join(", ")
}

fn nested(depth: usize) -> String {
    format!(
        r#"(repeat('{{"level": [1, "two", ', {depth}) || n || repeat(']}}', {depth}))::jsonb AS a"#
    )
}

fn shapes() -> Vec<Shape> {
    let nulls: Vec<String> = (0..14).map(|i| format!("NULL::int AS c{i}")).collect();
    vec![
        shape("200 columns", 20_000, &wide()),
        shape(
            "texts of 1 MB",
            100,
            r#"repeat(md5(n::text) || ' "quoted" ', 25000) AS a"#,
        ),
        shape(
            "bytea of 1 MB",
            100,
            "decode(repeat(md5(n::text), 65536), 'hex') AS a",
        ),
        shape("jsonb, 50 levels deep", 30_000, &nested(50)),
        shape(
            "numerics of 1,000 digits",
            50_000,
            "(repeat((1 + n % 9)::text, 990) || '.5')::numeric AS a",
        ),
        shape("nothing but NULL", 1_000_000, &nulls.join(", ")),
        shape(
            "arrays of int",
            200_000,
            "ARRAY[n, n + 1, NULL, n + 3, n + 4, n + 5, n + 6, n + 7] AS a",
        ),
        shape(
            "arrays of text",
            200_000,
            r#"ARRAY['spring', 'a "b"', md5(n::text), NULL, 'e'] AS a"#,
        ),
        shape(
            "intervals",
            500_000,
            "n * interval '1 day 3 s' AS a, n * interval '1.5 s' AS b",
        ),
        shape(
            "inet",
            500_000,
            "('10.0.' || n % 256 || '.7/24')::inet AS a, '2001:db8::1'::inet AS b",
        ),
        shape(
            "ranges",
            200_000,
            "int4range(n::int, n::int + 5) AS a, tstzrange('2024-05-16', '2024-05-16'::timestamptz + n * interval '1 s') AS b",
        ),
        Shape {
            before: "CREATE TYPE highwater_bench_address AS (street text, number int, since date)",
            ..shape(
                "composites",
                200_000,
                "ROW('High Street ' || n, n, '2024-05-16')::highwater_bench_address AS a",
            )
        },
    ]
}

fn main() -> Result<()> {
    let Some(url) = setting::server() else {
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async { tokio::spawn(run(url)).await? })
}

async fn run(url: String) -> Result<()> {
    let client = setting::session(&url).await?;
    println!(
        "{:<26} {:>9} {:>9} {:>9}  ratio",
        "", "rows", "floor", "encoded"
    );
    for shape in shapes() {
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
        "DROP TABLE IF EXISTS {TABLE}; DROP TYPE IF EXISTS highwater_bench_address; {before};
         CREATE UNLOGGED TABLE {TABLE} AS SELECT {row} FROM generate_series(1, {rows}) AS series(n)"
    );
    client.batch_execute(&make).await?;
    client
        .batch_execute(&format!("VACUUM ANALYZE {TABLE}"))
        .await?;
    let columns = floor::columns(client, TABLE).await?;
    let selected = floor::binary_copy(TABLE, &columns);
    let plain = format!("COPY (SELECT * FROM {TABLE}) TO STDOUT (FORMAT binary)");
    let encoder = LineEncoder::new(columns);
    let (mut floors, mut encodings) = (Vec::new(), Vec::new());
    throw_away(client, &plain).await?;
    for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
        let start = Instant::now();
        throw_away(client, &plain).await?;
        floors.push(start.elapsed());
        let start = Instant::now();
        encode(client, &selected, &encoder, *rows).await?;
        encodings.push(start.elapsed());
    }
    let [floor, encoding] = [floors, encodings].map(|times| median(times).as_secs_f64());
    let ratio = encoding / floor;
    println!("{name:<26} {rows:>9} {floor:>7.3} s {encoding:>7.3} s  {ratio:.2}");
    Ok(())
}
