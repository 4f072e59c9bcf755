//! The encoder against the floor, and against its own oracle.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench encoder
//! ```
//!
//! The floor is the same binary COPY with its bytes thrown away: no extraction over one connection
//! can be faster. The oracle is the server printing `row_to_json` itself. All are measured in turn
//! in one run, so that the ratios hold whatever else the machine does. `HIGHWATER_BENCH_ROWS`
//! (1,000,000) and `HIGHWATER_BENCH_ROUNDS` (5) change the size; the table stays for the next run.

use std::error::Error;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use highwater::backend::jsonl::{
    BodyWriter, COLUMNS_QUERY, Column, LineEncoder, SESSION_SETTINGS, TupleReader,
};
use highwater::config::{BodyFormat, Compression};
use tokio_postgres::{Client, NoTls};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const TABLE: &str = "highwater_bench_encoder";

/// The encoded bytes are handed on in parts of this size, as an upload does.
const PART: usize = 8 << 20;

const CREATE: &str = "
DROP TABLE IF EXISTS highwater_bench_encoder;
DROP TYPE IF EXISTS highwater_bench_status;
CREATE TYPE highwater_bench_status AS ENUM ('draft', 'open', 'paid', 'cancelled');
CREATE UNLOGGED TABLE highwater_bench_encoder (
    payment_id int, account bigint, amount numeric(10,2), description text, city varchar(40),
    settled bool, created_at timestamp(3), last_updated timestamp(3), booked_at timestamptz,
    reference uuid, due date, rate float8, details jsonb, status highwater_bench_status
)";

const FILL: &str = r#"
INSERT INTO highwater_bench_encoder
SELECT n, n * 7919::bigint, (n % 1000000) / 100.0,
       'Payment no. ' || n || E' for the "spring" order\n' || md5(n::text),
       (ARRAY['Zürich', 'Leeds', 'São Paulo', 'Manchester'])[1 + n % 4],
       n % 3 = 0, timestamp '2024-01-01' + n * interval '1.234 s',
       timestamp '2024-05-16' + n * interval '1.001 s', timestamptz '2024-06-01Z' + n * interval '7 ms',
       md5(n::text)::uuid, date '2024-01-01' + n % 1000, n / 7.0::float8,
       jsonb_build_object('sku', 'A-' || n, 'qty', n % 10, 'tags', '["new"]'::jsonb),
       (ARRAY['draft', 'open', 'paid', 'cancelled'])[1 + n % 4]::highwater_bench_status
FROM generate_series(1, $1::bigint) AS series(n)"#;

fn main() -> Result<()> {
    let Ok(url) = std::env::var("HIGHWATER_BENCH_POSTGRES") else {
        println!("left out: HIGHWATER_BENCH_POSTGRES names no server");
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async { tokio::spawn(run(url)).await? })
}

async fn run(url: String) -> Result<()> {
    let (rows, rounds) = (
        variable("HIGHWATER_BENCH_ROWS", 1_000_000)?,
        variable("HIGHWATER_BENCH_ROUNDS", 5)?,
    );
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(connection);
    prepare(&client, rows).await?;
    let columns = columns(&client).await?;
    let selected: Vec<String> = columns.iter().map(Column::select_expression).collect();
    let binary = format!(
        "COPY (SELECT {} FROM {TABLE}) TO STDOUT (FORMAT binary)",
        selected.join(", ")
    );
    let oracle = format!("COPY (SELECT row_to_json(t) FROM {TABLE} t) TO STDOUT");
    let encoder = LineEncoder::new(columns);

    let (mut floors, mut encodings, mut oracles) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    throw_away(&client, &binary).await?;
    for _ in 0..rounds {
        let start = Instant::now();
        throw_away(&client, &binary).await?;
        floors.push(start.elapsed());

        let start = Instant::now();
        bytes = encode(&client, &binary, &encoder, rows).await?;
        encodings.push(start.elapsed());

        let start = Instant::now();
        throw_away(&client, &oracle).await?;
        oracles.push(start.elapsed());
    }
    let (floor, encoding, oracle) = (median(floors), median(encodings), median(oracles));
    println!("rows            {rows}");
    println!("bytes           {bytes} ({} a row)", bytes / rows.max(1));
    println!("floor           {:.3} s", floor.as_secs_f64());
    println!("encoded         {:.3} s", encoding.as_secs_f64());
    println!("row_to_json     {:.3} s", oracle.as_secs_f64());
    println!(
        "encoded/floor   {:.3}",
        encoding.as_secs_f64() / floor.as_secs_f64()
    );
    println!("peak memory     {}", peak_memory()?);
    Ok(())
}

fn variable(name: &str, default: u64) -> Result<u64> {
    std::env::var(name).map_or(Ok(default), |value| Ok(value.parse()?))
}

/// Makes the table, unless one of this size is there from an earlier run.
async fn prepare(client: &Client, rows: u64) -> Result<()> {
    for (name, value) in SESSION_SETTINGS {
        client
            .batch_execute(&format!("SET {name} = '{value}'"))
            .await?;
    }
    let count = format!("SELECT count(*) FROM {TABLE}");
    let there = client.query_one(&count, &[]).await;
    let rows = i64::try_from(rows)?;
    if there.is_ok_and(|row| row.get::<_, i64>(0) == rows) {
        return Ok(());
    }
    client.batch_execute(CREATE).await?;
    client.execute(FILL, &[&rows]).await?;
    client
        .batch_execute(&format!("VACUUM ANALYZE {TABLE}"))
        .await?;
    Ok(())
}

async fn columns(client: &Client) -> Result<Vec<Column>> {
    let relation = client
        .query_one("SELECT $1::text::regclass::oid", &[&TABLE])
        .await?
        .get::<_, u32>(0);
    let rows = client.query(COLUMNS_QUERY, &[&relation]).await?;
    Ok(rows
        .iter()
        .map(Column::from_catalog)
        .collect::<std::result::Result<_, _>>()?)
}

async fn throw_away(client: &Client, copy: &str) -> Result<()> {
    let mut stream = pin!(client.copy_out(copy).await?);
    while stream.try_next().await?.is_some() {}
    Ok(())
}

/// Encodes every row, and returns the size of the lines in bytes.
async fn encode(client: &Client, copy: &str, encoder: &LineEncoder, rows: u64) -> Result<u64> {
    let mut stream = pin!(client.copy_out(copy).await?);
    let mut reader = TupleReader::new(encoder.columns().len());
    let mut body = BodyWriter::new(BodyFormat::Jsonl, Compression::None)?;
    let mut part = Vec::new();
    let mut bytes = 0;
    while let Some(chunk) = stream.try_next().await? {
        reader.push(chunk);
        while let Some(tuple) = reader.next_tuple()? {
            body.write_row(encoder, tuple)?;
        }
        if body.ready() >= PART {
            part = body.take(part);
            bytes += std::hint::black_box(&part).len() as u64;
        }
    }
    reader.finish()?;
    assert_eq!(body.rows(), rows, "every row arrives");
    bytes += body.finish()?.len() as u64;
    Ok(bytes)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The most memory this process has had resident at once, as Linux reports it.
fn peak_memory() -> Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.unwrap_or("unknown").trim().to_owned())
}
