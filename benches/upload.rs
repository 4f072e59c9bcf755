//! A whole `highwater ingest` into S3 against what the slower of its two ends needs: the floor of the extraction,
//! or the upload of the same bytes to the same server.
//!
//! ```text
//! HIGHWATER_BENCH_POSTGRES=postgres://user@127.0.0.1:5432/postgres \
//! HIGHWATER_BENCH_AWS=http://127.0.0.1:4566 cargo bench --bench upload
//! ```
//!
//! The bytes are uploaded from memory, in parts of the size that the program sends, and as many at once (three). If
//! `HIGHWATER_BENCH_PYTHON` names a Python with boto3, that also uploads them from a file, as `aws s3 cp` would.
//! `HIGHWATER_BENCH_ROWS` (1,000,000) and `HIGHWATER_BENCH_ROUNDS` (5) change the size.
//!
//! On two cores, what is measured is mostly how an emulator, the database and the program share them. Behind a
//! link that is slower than all three it is how well the program keeps the link busy. On Linux, as root:
//! `tc qdisc add dev lo root tbf rate 1200mbit burst 4mb latency 400ms`, the database over its Unix socket
//! (`postgres://user@%2Fvar%2Frun%2Fpostgresql:5432/postgres`), and afterwards `tc qdisc del dev lo root`.

mod emulator;
mod floor;
mod ingestion;
mod payments;
mod setting;
mod whole;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use ingestion::local;
use payments::TABLE;
use setting::{Result, median, variable};
use whole::Whole;

/// The size of a part, in bytes.
const PART: usize = 6 << 20;
/// Parts in flight at once.
const AT_ONCE: usize = 3;

/// Uploads a file, and prints the seconds it took, without the start of Python.
const BOTO3: &str = "
import sys, time, boto3
endpoint, file, bucket, key = sys.argv[1:]
client = boto3.client('s3', endpoint_url=endpoint, region_name='eu-west-2',
                      aws_access_key_id='test', aws_secret_access_key='test')
start = time.monotonic()
client.upload_file(file, bucket, key)
print(time.monotonic() - start)
";

fn main() -> Result<()> {
    let (Some(url), Some(endpoint)) = (setting::server(), emulator::endpoint()) else {
        return Ok(());
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(url, endpoint))
}

async fn run(url: String, endpoint: String) -> Result<()> {
    let rows = variable("HIGHWATER_BENCH_ROWS", 1_000_000)?;
    let whole = Whole::of(url, rows).await?;
    let (bucket, s3) = emulator::bucket(&endpoint).await?;
    let written = tempfile::tempdir()?;
    let file = write_locally(&whole, written.path())?;
    let body = Bytes::from(std::fs::read(&file)?);

    let (mut floors, mut uploads, mut ingestions) = (Vec::new(), Vec::new(), Vec::new());
    let mut copies = Vec::new();
    let mut memory = 0;
    for round in 0..variable("HIGHWATER_BENCH_ROUNDS", 5)? {
        floors.push(whole.extract(&whole.copy).await?);

        let start = Instant::now();
        upload(&s3, &bucket, &format!("floor-{round}"), &body).await?;
        uploads.push(start.elapsed());
        copies.extend(by_boto3(
            &endpoint,
            &file,
            &bucket,
            &format!("copy-{round}"),
        )?);

        let folder = tempfile::tempdir()?;
        let objects = format!(
            "bucket = \"{bucket}\"\nkey = \"{round}/{{table}}_{{seq}}\"\n{}",
            emulator::section(&endpoint)
        );
        let taken = whole.ingestion(objects).run(folder.path())?;
        memory = memory.max(taken.memory);
        ingestions.push(taken.time);
        emulator::empty(&s3, &bucket).await?;
    }
    let [floor, upload, ingestion] =
        [floors, uploads, ingestions].map(|times| median(times).as_secs_f64());
    println!("rows            {rows}");
    println!("bytes           {}", body.len());
    println!("floor           {floor:.3} s");
    println!("upload          {upload:.3} s");
    println!("ingest          {ingestion:.3} s");
    println!("ingest/slower   {:.3}", ingestion / floor.max(upload));
    println!("peak memory     {memory} KB");
    if copies.is_empty() {
        println!("boto3           left out: HIGHWATER_BENCH_PYTHON names no Python that has it");
    } else {
        let copy = median(copies).as_secs_f64();
        println!("boto3           {copy:.3} s");
        println!("ingest/boto3    {:.3}", ingestion / copy);
    }
    Ok(())
}

/// Writes the body of an ingestion into a file below `folder`.
fn write_locally(whole: &Whole, folder: &Path) -> Result<PathBuf> {
    let objects = local(folder, "objects");
    let objects = format!("key = \"{{table}}/{{seq}}\"\n{objects}");
    whole.ingestion(objects).run(folder)?;
    Ok(folder.join("objects").join(TABLE).join("1"))
}

/// The time boto3 takes to upload a file; `None` without a Python to run it.
fn by_boto3(endpoint: &str, file: &Path, bucket: &str, key: &str) -> Result<Option<Duration>> {
    let Some(python) = std::env::var_os("HIGHWATER_BENCH_PYTHON") else {
        return Ok(None);
    };
    let mut command = Command::new(python);
    command.args(["-c", BOTO3, endpoint]).arg(file);
    let ended = command.args([bucket, key]).output()?;
    if !ended.status.success() {
        return Err(String::from_utf8_lossy(&ended.stderr).into());
    }
    let seconds = String::from_utf8(ended.stdout)?.trim().parse()?;
    Ok(Some(Duration::from_secs_f64(seconds)))
}

async fn upload(s3: &Client, bucket: &str, key: &str, body: &Bytes) -> Result<()> {
    let create = s3.create_multipart_upload().bucket(bucket).key(key);
    let created = create.send().await?;
    let id = created.upload_id().ok_or("an upload without an id")?;
    let parts = (1..).zip(0..body.len().div_ceil(PART)).map(|(number, at)| {
        let bytes = body.slice(at * PART..body.len().min((at + 1) * PART));
        let part = s3.upload_part().bucket(bucket).key(key).upload_id(id);
        let sending = part
            .part_number(number)
            .body(ByteStream::from(bytes))
            .send();
        async move {
            let sent = sending.await?;
            let part = CompletedPart::builder().part_number(number);
            Ok::<_, aws_sdk_s3::Error>(part.set_e_tag(sent.e_tag).build())
        }
    });
    let parts = stream::iter(parts).buffered(AT_ONCE).try_collect().await?;
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts));
    let complete = s3.complete_multipart_upload().bucket(bucket).key(key);
    complete
        .upload_id(id)
        .multipart_upload(parts.build())
        .send()
        .await?;
    Ok(())
}
