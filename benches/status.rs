//! The status of a thousand tables: the whole `highwater status` against what the servers need for it.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres \
//! HIGHWATER_BENCH_AWS=http://127.0.0.1:4566 cargo bench --bench status
//! ```
//!
//! The floor is the sum of three times, each for nothing but requests over open connections: two parameters of
//! every table, ten per request; the newest object of every table and the one after it; the pending rows of every
//! table. `HIGHWATER_BENCH_TABLES` (1,000) and `HIGHWATER_BENCH_ROUNDS` (5) change the size. The endpoint is an
//! emulator of SSM and S3: nothing in it is cleaned up.

mod emulator;
mod setting;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use highwater::backend::aws::{Aws, Limits};
use highwater::backend::objects::ObjectStore as _;
use highwater::backend::objects::s3::S3Store;
use highwater::backend::parameters::ParameterStore as _;
use highwater::backend::parameters::ssm::SsmStore;
use highwater::vocabulary::{ObjectKey, ParameterName};
use setting::{Result, median, session, variable};
use tokio_postgres::Client;

/// Concurrent requests about objects.
const AT_ONCE: usize = 32;

fn main() -> Result<()> {
    let (Some(url), Some(endpoint)) = (setting::server(), emulator::endpoint()) else {
        return Ok(());
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(url, endpoint))
}

/// What is asked about: tables, parameters and objects that nobody else uses.
struct Bench {
    tables: u64,
    bucket: String,
    parameters: SsmStore,
    objects: S3Store,
    client: Client,
}

async fn run(url: String, endpoint: String) -> Result<()> {
    let tables = variable("HIGHWATER_BENCH_TABLES", 1000)?;
    let id = std::process::id();
    let client = session(&url).await?;
    let database = format!("highwater_bench_{id}");
    let create = format!("CREATE DATABASE {database}");
    client.batch_execute(&create).await?;
    let mut source = url::Url::parse(&url)?;
    source.set_path(&database);
    let (bucket, s3) = emulator::bucket(&endpoint).await?;
    let bench = Bench::make(tables, source.as_str(), &endpoint, bucket).await?;
    let folder = tempfile::tempdir()?;
    let config = configuration(folder.path(), source.as_str(), &endpoint, &bench.bucket)?;
    // Measured in the state of tables that have been ingested once.
    highwater(folder.path(), &config, &["ingest", "--all"])?;

    let (mut statuses, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
        floors.push(bench.floor().await?);
        let start = Instant::now();
        highwater(folder.path(), &config, &["status"])?;
        statuses.push(start.elapsed());
    }
    let mut parts = [Duration::ZERO; 3];
    for (place, part) in parts.iter_mut().enumerate() {
        *part = median(floors.iter().map(|floor| floor[place]).collect());
    }
    let [parameters, objects, rows] = parts.map(|part| part.as_secs_f64());
    let floor = parameters + objects + rows;
    let status = median(statuses).as_secs_f64();
    println!("tables          {tables}");
    println!("parameters      {parameters:.3} s");
    println!("objects         {objects:.3} s");
    println!("rows            {rows:.3} s");
    println!("floor           {floor:.3} s");
    println!("status          {status:.3} s");
    println!("status/floor    {:.3}", status / floor);
    emulator::empty(&s3, &bench.bucket).await?;
    drop(bench);
    let drop = format!("DROP DATABASE {database} WITH (FORCE)");
    Ok(client.batch_execute(&drop).await?)
}

impl Bench {
    async fn make(tables: u64, source: &str, endpoint: &str, bucket: String) -> Result<Self> {
        let client = session(source).await?;
        for table in 0..tables {
            let statement = format!(
                "CREATE TABLE {} AS SELECT n AS id, md5(n::text) AS note,
                        now() - interval '1 h' + n * interval '1 s' AS last_updated
                 FROM generate_series(1, 10) n",
                name(table)
            );
            client.batch_execute(&statement).await?;
        }
        let aws = Aws::from_loader(emulator::loader(endpoint), Limits::default()).await;
        Ok(Self {
            tables,
            parameters: SsmStore::new(&aws),
            objects: S3Store::new(&aws, &bucket),
            bucket,
            client,
        })
    }

    /// The three parts of the floor, each measured by itself.
    async fn floor(&self) -> Result<[Duration; 3]> {
        let names = (0..self.tables).flat_map(|table| {
            ["timestamp", "sequence_id"].map(|which| {
                ParameterName::new(format!("/{}/{}/{which}", self.bucket, name(table)))
            })
        });
        let names: Vec<ParameterName> = names.collect();
        let start = Instant::now();
        self.parameters.get(&names).await?;
        let parameters = start.elapsed();

        let keys = (0..self.tables).flat_map(|table| {
            [1, 2].map(|number| {
                let table = name(table);
                ObjectKey::new(format!("{table}/{table}_{number:08}.jsonl"))
            })
        });
        let start = Instant::now();
        let heads = stream::iter(keys)
            .map(|key| async move { self.objects.head(&key).await })
            .buffer_unordered(AT_ONCE);
        let heads: Vec<_> = heads.try_collect().await?;
        let objects = start.elapsed();
        assert_eq!(heads.len() as u64, self.tables * 2);

        let counts = (0..self.tables).map(|table| {
            let table = name(table);
            format!("SELECT count(*) FROM {table} WHERE last_updated > now();")
        });
        let start = Instant::now();
        self.client
            .simple_query(&counts.collect::<String>())
            .await?;
        Ok([parameters, objects, start.elapsed()])
    }
}

fn name(table: u64) -> String {
    format!("t{table:04}")
}

fn configuration(folder: &Path, source: &str, endpoint: &str, bucket: &str) -> Result<String> {
    let file = folder.join("config.toml");
    let config = format!(
        "[profiles.bench]\nenv = \"{bucket}\"\n\
         [profiles.bench.source]\nurl = \"{source}\"\n\
         {}\
         [profiles.bench.parameters]\ntimestamp = \"/{{env}}/{{table}}/timestamp\"\n\
         sequence_id = \"/{{env}}/{{table}}/sequence_id\"\n\
         [profiles.bench.objects]\nbucket = \"{bucket}\"\n",
        emulator::section(endpoint)
    );
    std::fs::write(&file, config)?;
    Ok(file.display().to_string())
}

fn highwater(folder: &Path, config: &str, words: &[&str]) -> Result<()> {
    let status = Command::new(env!("CARGO_BIN_EXE_highwater"))
        .args(["--config", config, "--quiet", "--output", "json"])
        .args(words)
        .env("XDG_STATE_HOME", folder)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .stdout(Stdio::null())
        .status()?;
    if status.success() {
        return Ok(());
    }
    Err(format!("highwater {} ended with {status}", words.join(" ")).into())
}
