//! The most memory that `highwater ingest` takes, by the number of rows, into local stores and into an S3 emulator.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres \
//! HIGHWATER_BENCH_AWS=http://127.0.0.1:4566 cargo bench --bench memory
//! ```
//!
//! Each run has at most 64 MB, enforced by the system. `HIGHWATER_BENCH_SIZES` ("10000 100000 1000000") lists the
//! numbers of rows to try, and `HIGHWATER_BENCH_ROUNDS` (3) says how often.

mod emulator;
mod ingestion;
mod payments;
mod setting;

use ingestion::{Ingestion, local};
use payments::TABLE;
use setting::{Result, median, variable};

fn main() -> Result<()> {
    let (Some(url), Some(endpoint)) = (setting::server(), emulator::endpoint()) else {
        return Ok(());
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(url, endpoint))
}

async fn run(url: String, endpoint: String) -> Result<()> {
    let sizes = std::env::var("HIGHWATER_BENCH_SIZES");
    let sizes = sizes.unwrap_or_else(|_| "10000 100000 1000000".to_owned());
    let (bucket, client) = emulator::bucket(&endpoint).await?;
    println!("{:>10} {:>22} {:>22}", "rows", "local stores", "S3");
    for rows in sizes.split_whitespace() {
        let rows: u64 = rows.parse()?;
        payments::connect(&url, rows).await?;
        let folder = tempfile::tempdir()?;
        let local = format!(
            "key = \"{{round}}/{{table}}_{{seq}}\"\n{}",
            local(folder.path(), "objects")
        );
        let s3 = format!(
            "bucket = \"{bucket}\"\nkey = \"{rows}/{{round}}/{{table}}_{{seq}}\"\n{}",
            emulator::section(&endpoint)
        );
        println!(
            "{rows:>10} {} {}",
            taken(&url, rows, &local)?,
            taken(&url, rows, &s3)?
        );
        emulator::empty(&client, &bucket).await?;
    }
    Ok(())
}

/// The most memory over several runs, and the median of their times.
fn taken(url: &str, rows: u64, objects: &str) -> Result<String> {
    let (mut memory, mut times) = (0, Vec::new());
    for round in 0..variable("HIGHWATER_BENCH_ROUNDS", 3)? {
        let folder = tempfile::tempdir()?;
        let ingestion = Ingestion {
            url,
            tables: &[TABLE],
            rows,
            objects: objects.replace("{round}", &round.to_string()),
        };
        let taken = ingestion.run(folder.path())?;
        memory = memory.max(taken.memory);
        times.push(taken.time);
    }
    let seconds = median(times).as_secs_f64();
    Ok(format!("{memory:>9} KB {seconds:>7.3} s"))
}
