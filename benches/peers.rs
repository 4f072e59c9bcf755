//! Other ways of getting the same rows into a file, against the floor.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres \
//! HIGHWATER_BENCH_PEERS=/path/to/python cargo bench --bench peers
//! ```
//!
//! Only programs that exist on this machine are measured, each as a whole process: `psql`, which has the server
//! print `row_to_json`, and `DuckDB` and `dlt`, if `HIGHWATER_BENCH_PEERS` names a Python with the packages of
//! `benches/peers/requirements.txt`. `HIGHWATER_BENCH_ROWS` (1,000,000) and `HIGHWATER_BENCH_ROUNDS` (5) change the
//! size; `dlt`, which takes minutes, runs only in the first round.

mod floor;
mod ingestion;
mod payments;
mod setting;
mod whole;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use ingestion::{Taken, local};
use payments::TABLE;
use setting::{Result, median, variable};
use whole::Whole;

/// One way, and what it took each time.
struct Way {
    name: &'static str,
    rounds: u64,
    /// The program that writes into a folder; `None` if it is not installed.
    command: fn(&str, &Path) -> Option<Command>,
    taken: Vec<Taken>,
}

const fn way(name: &'static str, rounds: u64, command: fn(&str, &Path) -> Option<Command>) -> Way {
    Way {
        name,
        rounds,
        command,
        taken: Vec::new(),
    }
}

fn main() -> Result<()> {
    let Some(url) = setting::server() else {
        return Ok(());
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(url))
}

async fn run(url: String) -> Result<()> {
    let rows = variable("HIGHWATER_BENCH_ROWS", 1_000_000)?;
    let rounds = variable("HIGHWATER_BENCH_ROUNDS", 5)?;
    let whole = Whole::of(url.clone(), rows).await?;
    let (mut floors, mut own) = (Vec::new(), way("highwater", rounds, |_, _| None));
    let mut peers = [
        way("psql \\copy", rounds, psql),
        way("duckdb", rounds, |url, folder| {
            script("by_duckdb.py", url, folder)
        }),
        way("dlt", 1, |url, folder| script("by_dlt.py", url, folder)),
    ];
    for round in 0..rounds {
        floors.push(whole.extract(&whole.copy).await?);
        let folder = tempfile::tempdir()?;
        let ingestion = whole.ingestion(local(folder.path(), "objects"));
        own.taken.push(ingestion.run(folder.path())?);
        for peer in &mut peers {
            let folder = tempfile::tempdir()?;
            if round < peer.rounds
                && let Some(mut command) = (peer.command)(&url, folder.path())
            {
                command.stdout(Stdio::null()).stderr(Stdio::null());
                peer.taken.push(Taken::by(&mut command)?);
            }
        }
    }
    let floor = median(floors).as_secs_f64();
    println!("rows            {rows}");
    println!("floor           {floor:.3} s");
    for way in std::iter::once(own).chain(peers) {
        tell(&way, floor);
    }
    Ok(())
}

fn tell(way: &Way, floor: f64) {
    let name = way.name;
    let Some(memory) = way.taken.iter().map(|taken| taken.memory).max() else {
        println!("{name:<15} left out: it is not there");
        return;
    };
    let times: Vec<Duration> = way.taken.iter().map(|taken| taken.time).collect();
    let seconds = median(times).as_secs_f64();
    let ratio = seconds / floor;
    println!("{name:<15} {seconds:.3} s   {ratio:.2} of the floor   {memory} KB");
}

/// Copies the lines into a file, as one would do by hand.
fn psql(url: &str, folder: &Path) -> Option<Command> {
    let there = Command::new("psql").arg("--version").output();
    there.is_ok_and(|there| there.status.success()).then(|| {
        let copy = format!(
            "\\copy (SELECT row_to_json(t) FROM {TABLE} t) TO '{}'",
            folder.join("lines.jsonl").display()
        );
        let mut command = Command::new("psql");
        command.args(["--quiet", url, "-c", &copy]);
        command
    })
}

/// Runs one of the scripts in `benches/peers`.
fn script(name: &str, url: &str, folder: &Path) -> Option<Command> {
    let python = std::env::var_os("HIGHWATER_BENCH_PEERS")?;
    let scripts: PathBuf = [env!("CARGO_MANIFEST_DIR"), "benches", "peers"]
        .iter()
        .collect();
    let mut command = Command::new(python);
    command
        .arg(scripts.join(name))
        .args([url, TABLE])
        .arg(folder);
    Some(command)
}
