//! A whole `highwater ingest` against the floor: the process with its connections, horizon, count,
//! commit and both parameter writes, over local stores.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench ingest
//! ```
//!
//! The floor is the same rows as binary COPY with the bytes thrown away, measured in turn in the same
//! run. `HIGHWATER_BENCH_ROWS` (1,000,000) and `HIGHWATER_BENCH_ROUNDS` (5) change the size.

mod floor;
mod payments;
mod setting;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use floor::throw_away;
use payments::TABLE;
use setting::{Result, median, variable};

/// How often the process's memory is looked at; what Linux reports is a maximum, so that only its
/// last moments can be missed.
const LOOK: Duration = Duration::from_millis(5);

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
    let (mut floors, mut ingestions) = (Vec::new(), Vec::new());
    let mut memory = 0;
    throw_away(&client, &binary).await?;
    for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
        let start = Instant::now();
        throw_away(&client, &binary).await?;
        floors.push(start.elapsed());

        let folder = tempfile::tempdir()?;
        let mut command = ingest(folder.path(), &url, rows)?;
        let start = Instant::now();
        memory = memory.max(watch(command.spawn()?)?);
        ingestions.push(start.elapsed());
    }
    let [floor, ingestion] = [floors, ingestions].map(|times| median(times).as_secs_f64());
    println!("rows            {rows}");
    println!("floor           {floor:.3} s");
    println!("ingest          {ingestion:.3} s");
    println!("ingest/floor    {:.3}", ingestion / floor);
    println!("peak memory     {memory} KB");
    Ok(())
}

/// The command, with configuration and state of its own in `folder`.
fn ingest(folder: &Path, url: &str, rows: u64) -> Result<Command> {
    let file = folder.join("config.toml");
    let store = |name: &str| {
        format!(
            "store = \"local\"\npath = \"{}\"\n",
            folder.join(name).display()
        )
    };
    let config = format!(
        "[profiles.bench.source]\nurl = \"{url}\"\n\
         [profiles.bench.parameters]\n{}[profiles.bench.objects]\n{}max_rows_per_object = {rows}\n",
        store("parameters.db"),
        store("objects")
    );
    std::fs::write(&file, config)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_highwater"));
    command
        .args(["--config".as_ref(), file.as_os_str()])
        .args(["ingest", TABLE, "--quiet"])
        .env("XDG_STATE_HOME", folder)
        .stdout(Stdio::null());
    Ok(command)
}

/// Waits for the process; returns the most memory it had.
fn watch(mut process: Child) -> Result<u64> {
    let id = process.id().to_string();
    let mut memory = 0;
    loop {
        memory = memory.max(payments::peak_memory(&id).unwrap_or_default());
        if let Some(status) = process.try_wait()? {
            return if status.success() {
                Ok(memory)
            } else {
                Err(format!("ingest ended with {status}").into())
            };
        }
        std::thread::sleep(LOOK);
    }
}
