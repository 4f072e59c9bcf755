//! A whole `highwater ingest --all` of many tables over local stores, and of small tables beside a huge one.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres cargo bench --bench tables
//! ```
//!
//! The ideal is what the cores and connections allow: the same rows extracted, encoded and thrown away, over as
//! many connections as the program ingests tables at once. The floor is the same without encoding.
//! `HIGHWATER_BENCH_TABLES` (100) tables of `HIGHWATER_BENCH_TABLE_ROWS` (10,000) rows each are measured, then some
//! of them again beside one of `HIGHWATER_BENCH_ROWS` (1,000,000), all of it `HIGHWATER_BENCH_ROUNDS` (5) times.

mod encode;
mod floor;
mod ingestion;
mod payments;
mod setting;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use encode::encode;
use floor::throw_away;
use highwater::backend::jsonl::LineEncoder;
use ingestion::{Ingestion, local};
use payments::TABLE;
use setting::{Result, median, session, variable};
use tokio::task::JoinSet;
use tokio_postgres::Client;

/// Tables that the program ingests at once by default.
const AT_ONCE: usize = 4;
/// Small tables beside the huge one.
const BESIDE: u64 = 20;

fn main() -> Result<()> {
    let Some(url) = setting::server() else {
        return Ok(());
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(url))
}

async fn run(url: String) -> Result<()> {
    let tables = variable("HIGHWATER_BENCH_TABLES", 100)?;
    let rows = variable("HIGHWATER_BENCH_TABLE_ROWS", 10_000)?;
    let client = payments::connect(&url, variable("HIGHWATER_BENCH_ROWS", 1_000_000)?).await?;
    make(&client, tables, rows).await?;
    let mut clients = Vec::new();
    for _ in 0..AT_ONCE {
        clients.push(Arc::new(session(&url).await?));
    }
    let names: Vec<String> = (0..tables).map(name).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let beside: Vec<&str> = names[..names.len().min(usize::try_from(BESIDE)?)]
        .iter()
        .map(String::as_str)
        .collect();
    let with_huge = [&[TABLE], &beside[..]].concat();

    let (mut floors, mut ideals, mut ingestions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut alone, mut together, mut memory) = (Vec::new(), Vec::new(), 0);
    for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
        floors.push(extract(&clients, &all, rows, Work::ThrowAway).await?);
        ideals.push(extract(&clients, &all, rows, Work::Encode).await?);
        let ingestion = ingest(&url, &all)?;
        ingestions.push(ingestion.whole);
        alone.push(ingest(&url, &beside)?.small);
        let with_huge = ingest(&url, &with_huge)?;
        together.push(with_huge.small);
        memory = memory.max(ingestion.memory).max(with_huge.memory);
    }
    let [floor, ideal, ingestion, alone, together] =
        [floors, ideals, ingestions, alone, together].map(|times| median(times).as_secs_f64());
    println!("tables          {tables} of {rows} rows");
    println!("floor           {floor:.3} s");
    println!("ideal           {ideal:.3} s");
    println!("ingest          {ingestion:.3} s");
    println!("ingest/ideal    {:.3}", ingestion / ideal);
    println!("{BESIDE} of them, until the last is written");
    println!("alone           {alone:.3} s");
    println!("beside a huge   {together:.3} s");
    println!("beside/alone    {:.3}", together / alone);
    println!("peak memory     {memory} KB");
    for table in names {
        let drop = format!("DROP TABLE {table}");
        client.batch_execute(&drop).await?;
    }
    Ok(())
}

fn name(table: u64) -> String {
    format!("highwater_bench_small_{table:03}")
}

/// Creates the small tables from the huge one.
async fn make(client: &Client, tables: u64, rows: u64) -> Result<()> {
    for table in (0..tables).map(name) {
        let statement = format!(
            "DROP TABLE IF EXISTS {table};
             CREATE UNLOGGED TABLE {table} AS SELECT * FROM {TABLE} LIMIT {rows};"
        );
        client.batch_execute(&statement).await?;
        let analyze = format!("VACUUM ANALYZE {table}");
        client.batch_execute(&analyze).await?;
    }
    Ok(())
}

/// What is done with the rows of a table.
#[derive(Clone, Copy)]
enum Work {
    ThrowAway,
    Encode,
}

/// Extracts the tables, as many at once as there are clients, each client in a task of its own.
async fn extract(
    clients: &[Arc<Client>],
    tables: &[&str],
    rows: u64,
    work: Work,
) -> Result<Duration> {
    let columns = floor::columns(&clients[0], tables[0]).await?;
    let start = Instant::now();
    let mut working = JoinSet::new();
    let share = tables.len().div_ceil(clients.len());
    for (client, tables) in clients.iter().zip(tables.chunks(share)) {
        let client = Arc::clone(client);
        let encoder = LineEncoder::new(columns.clone());
        let copies = tables
            .iter()
            .map(|table| floor::binary_copy(table, &columns));
        let copies: Vec<String> = copies.collect();
        working.spawn(async move {
            for copy in copies {
                match work {
                    Work::ThrowAway => throw_away(&client, &copy).await?,
                    Work::Encode => drop(encode(&client, &copy, &encoder, rows).await?),
                }
            }
            Ok(())
        });
    }
    working
        .join_all()
        .await
        .into_iter()
        .collect::<Result<()>>()?;
    Ok(start.elapsed())
}

/// The times of an ingestion, and its memory.
struct Took {
    whole: Duration,
    memory: u64,
    /// The time until the last object of a small table was written.
    small: Duration,
}

fn ingest(url: &str, tables: &[&str]) -> Result<Took> {
    let folder = tempfile::tempdir()?;
    let objects = format!(
        "key = \"{{table}}/{{seq}}\"\n{}",
        local(folder.path(), "objects")
    );
    let start = SystemTime::now();
    let ingestion = Ingestion {
        url,
        tables,
        rows: 1_000_000,
        objects,
    };
    let taken = ingestion.run(folder.path())?;
    let small = tables.iter().filter(|table| **table != TABLE);
    let written = small.map(|table| written(folder.path(), table));
    let last = written.collect::<Result<Vec<_>>>()?.into_iter().max();
    let small = last.ok_or("no small table")?.duration_since(start)?;
    Ok(Took {
        whole: taken.time,
        memory: taken.memory,
        small,
    })
}

fn written(folder: &Path, table: &str) -> Result<SystemTime> {
    let object = folder.join("objects").join(table).join("1");
    Ok(std::fs::metadata(object)?.modified()?)
}
