//! A whole `highwater ingest` over local stores against the floor: all rows of a table, also with compressed
//! bodies, and its newest rows, without an index to find them.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench ingest
//! ```
//!
//! The floor is the same rows as binary COPY with the bytes thrown away, measured in turn in the same run.
//! `HIGHWATER_BENCH_ROWS` (1,000,000) and `HIGHWATER_BENCH_ROUNDS` (5) change the size, and
//! `HIGHWATER_BENCH_COMPRESSION` ("none zstd gzip") says which compressions are measured.

mod floor;
mod ingestion;
mod payments;
mod setting;
mod whole;

use std::path::Path;
use std::time::Duration;

use ingestion::{Ingestion, Taken, local};
use payments::TABLE;
use setting::{Result, median, variable};
use whole::Whole;

/// How many of the newest rows are ingested separately.
const NEWEST: u64 = 1000;

fn main() -> Result<()> {
    let Some(url) = setting::server() else {
        return Ok(());
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(url))
}

async fn run(url: String) -> Result<()> {
    let rows = variable("HIGHWATER_BENCH_ROWS", 1_000_000)?;
    let compressions = std::env::var("HIGHWATER_BENCH_COMPRESSION");
    let compressions = compressions.unwrap_or_else(|_| "none zstd gzip".to_owned());
    let whole = Whole::of(url, rows).await?;

    println!("rows            {rows}");
    for compression in compressions.split_whitespace() {
        let (mut floors, mut ingestions) = (Vec::new(), Vec::new());
        for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
            floors.push(whole.extract(&whole.copy).await?);
            ingestions.push(ingest(&whole, compression)?);
        }
        println!("compression     {compression}");
        tell(floors, &ingestions);
    }
    newest(&whole).await
}

/// Measures the ingestion of the newest rows; its floor is reading the table once.
async fn newest(whole: &Whole) -> Result<()> {
    let after =
        format!("SELECT (max(last_updated) - {NEWEST} * interval '6 ms')::text FROM {TABLE}");
    let after: String = whole.client.query_one(&after, &[]).await?.get(0);
    let newest = whole.copy.replace(
        &format!("FROM {TABLE}"),
        &format!("FROM {TABLE} WHERE last_updated > '{after}'"),
    );
    let (mut floors, mut ingestions) = (Vec::new(), Vec::new());
    for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
        floors.push(whole.extract(&newest).await?);
        let folder = tempfile::tempdir()?;
        let ingestion = whole.ingestion(local(folder.path(), "objects"));
        begin_at(&ingestion, folder.path(), &after)?;
        ingestions.push(ingestion.run(folder.path())?);
    }
    println!("newest rows     {NEWEST}");
    tell(floors, &ingestions);
    Ok(())
}

/// Sets the stored timestamp before the first run in `folder`.
fn begin_at(ingestion: &Ingestion<'_>, folder: &Path, timestamp: &str) -> Result<()> {
    let set = ["params", "set", TABLE, "--timestamp", timestamp];
    let mut command = ingestion.command(folder, &set)?;
    let status = command
        .args(["--reason", "measuring", "--yes", "--quiet"])
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("params set ended with {status}").into())
    }
}

fn ingest(whole: &Whole, compression: &str) -> Result<Taken> {
    let folder = tempfile::tempdir()?;
    let objects = local(folder.path(), "objects");
    let objects = format!("compression = \"{compression}\"\n{objects}");
    whole.ingestion(objects).run(folder.path())
}

fn tell(floors: Vec<Duration>, ingestions: &[Taken]) {
    let floor = median(floors).as_secs_f64();
    let times = ingestions.iter().map(|taken| taken.time).collect();
    let ingestion = median(times).as_secs_f64();
    let memory = ingestions.iter().map(|taken| taken.memory).max();
    println!("floor           {floor:.3} s");
    println!("ingest          {ingestion:.3} s");
    println!("ingest/floor    {:.3}", ingestion / floor);
    println!("peak memory     {} KB", memory.unwrap_or_default());
}
