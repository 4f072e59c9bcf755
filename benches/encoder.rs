//! The encoder against the floor, and against its own oracle.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench encoder
//! ```
//!
//! The floor is the same binary COPY with its bytes thrown away: no extraction over one connection
//! can be faster. The oracle is the server itself printing `row_to_json`. All are measured in turn
//! in one run, so that the ratios hold whatever else the machine does. `HIGHWATER_BENCH_ROWS`
//! (1,000,000) and `HIGHWATER_BENCH_ROUNDS` (5) change the size; the table is kept for the next
//! run.

mod encode;
mod floor;
mod payments;
mod setting;

use std::time::Instant;

use encode::encode;
use floor::throw_away;
use highwater::backend::jsonl::LineEncoder;
use payments::TABLE;
use setting::{Result, median, variable};

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
    let rows = variable("HIGHWATER_BENCH_ROWS", 1_000_000)?;
    let client = payments::connect(&url, rows).await?;
    let columns = floor::columns(&client, TABLE).await?;
    let binary = floor::binary_copy(TABLE, &columns);
    let oracle = format!("COPY (SELECT row_to_json(t) FROM {TABLE} t) TO STDOUT");
    let encoder = LineEncoder::new(columns);

    let (mut floors, mut encodings, mut oracles) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    throw_away(&client, &binary).await?;
    for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
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
    let [floor, encoding, oracle] = [floors, encodings, oracles].map(|t| median(t).as_secs_f64());
    println!("rows            {rows}");
    println!("bytes           {bytes} ({} a row)", bytes / rows.max(1));
    println!("floor           {floor:.3} s");
    println!("encoded         {encoding:.3} s");
    println!("row_to_json     {oracle:.3} s");
    println!("encoded/floor   {:.3}", encoding / floor);
    let memory = payments::peak_memory("self").unwrap_or_default();
    println!("peak memory     {memory} KB");
    Ok(())
}
