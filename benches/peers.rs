//! Other ways to get the same rows into a file, against the floor.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench peers
//! ```
//!
//! Only what is on this machine is measured: `psql`, which has the server print `row_to_json`.
//! `HIGHWATER_BENCH_ROWS` (1,000,000) and `HIGHWATER_BENCH_ROUNDS` (5) change the size.

mod floor;
mod ingestion;
mod payments;
mod setting;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use floor::throw_away;
use ingestion::{Ingestion, local};
use payments::TABLE;
use setting::{Result, median, variable};

fn main() -> Result<()> {
    let Some(url) = setting::server() else {
        return Ok(());
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(url))
}

async fn run(url: String) -> Result<()> {
    let rows = variable("HIGHWATER_BENCH_ROWS", 1_000_000)?;
    let client = payments::connect(&url, rows).await?;
    let binary = floor::binary_copy(TABLE, &floor::columns(&client, TABLE).await?);
    throw_away(&client, &binary).await?;
    let (mut floors, mut ingestions, mut copies) = (Vec::new(), Vec::new(), Vec::new());
    let mut memory = 0;
    for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
        let start = Instant::now();
        throw_away(&client, &binary).await?;
        floors.push(start.elapsed());
        let folder = tempfile::tempdir()?;
        let ingestion = Ingestion {
            url: &url,
            tables: &[TABLE],
            rows,
            objects: local(folder.path(), "objects"),
        };
        let taken = ingestion.run(folder.path())?;
        memory = memory.max(taken.memory);
        ingestions.push(taken.time);
        copies.push(psql(&url, folder.path())?);
    }
    let floor = median(floors).as_secs_f64();
    let tell = |name: &str, times: Vec<Duration>| {
        let seconds = median(times).as_secs_f64();
        println!(
            "{name:<15} {seconds:.3} s   {:.2} of the floor",
            seconds / floor
        );
    };
    println!("rows            {rows}");
    println!("floor           {floor:.3} s");
    tell("highwater", ingestions);
    println!("peak memory     {memory} KB");
    match copies.into_iter().collect::<Option<Vec<_>>>() {
        Some(copies) => tell("psql \\copy", copies),
        None => println!("psql            left out: there is none"),
    }
    Ok(())
}

/// Copies the lines into a file, as one would by hand; `None` where there is no psql.
fn psql(url: &str, folder: &Path) -> Result<Option<Duration>> {
    let file = folder.join("lines.jsonl");
    let copy = format!(
        "\\copy (SELECT row_to_json(t) FROM {TABLE} t) TO '{}'",
        file.display()
    );
    let start = Instant::now();
    let mut command = Command::new("psql");
    command
        .args(["--quiet", url, "-c", &copy])
        .stdout(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(Some(start.elapsed())),
        Ok(status) => Err(format!("psql ended with {status}").into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
