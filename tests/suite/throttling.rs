//! A parameter store that allows three writes a second, like an AWS account by default.

use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{self, Database, Emulator, Sandbox, unique};

/// Writes of parameters allowed per second, and at once after a pause.
const LIMIT: f64 = 3.0;

const REFUSAL: &[u8] = br#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;

/// An emulator's SSM behind a limit on `PutParameter`, for all connections together.
struct Throttled {
    endpoint: String,
    account: Arc<Account>,
}

struct Account {
    upstream: String,
    bucket: Mutex<(f64, Instant)>,
    written: AtomicU32,
    refused: AtomicU32,
    /// The number of reads still to be refused.
    unread: AtomicU32,
}

impl Throttled {
    async fn before(emulator: &Emulator) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let upstream = emulator.endpoint().trim_start_matches("http://");
        let account = Arc::new(Account {
            upstream: upstream.to_owned(),
            bucket: Mutex::new((LIMIT, Instant::now())),
            written: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            unread: AtomicU32::new(0),
        });
        let serving = Arc::clone(&account);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let account = Arc::clone(&serving);
                // A client that goes away is of no concern to the account.
                tokio::spawn(async move { account.answer(client).await });
            }
        });
        Self { endpoint, account }
    }

    fn counts(&self) -> (u32, u32) {
        let count = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
        (count(&self.account.written), count(&self.account.refused))
    }
}

impl Account {
    /// Handles one request, then closes the connection.
    async fn answer(&self, mut client: TcpStream) -> std::io::Result<()> {
        let request = read_request(&mut client).await?;
        let head = String::from_utf8_lossy(&request);
        if head.contains("AmazonSSM.PutParameter") {
            if !self.allows_a_write() {
                self.refused.fetch_add(1, Ordering::Relaxed);
                return refuse(&mut client).await;
            }
            self.written.fetch_add(1, Ordering::Relaxed);
        }
        if head.contains("AmazonSSM.GetParameters") && self.refuses_a_read() {
            return refuse(&mut client).await;
        }
        let mut upstream = TcpStream::connect(&self.upstream).await?;
        let line = request.iter().position(|byte| *byte == b'\n').unwrap_or(0) + 1;
        upstream.write_all(&request[..line]).await?;
        upstream.write_all(b"Connection: close\r\n").await?;
        upstream.write_all(&request[line..]).await?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).await?;
        client.write_all(&answer).await
    }

    fn refuses_a_read(&self) -> bool {
        let left = |left: u32| left.checked_sub(1);
        let taken = self
            .unread
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        taken.is_ok()
    }

    fn allows_a_write(&self) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, at) = *bucket;
        let now = Instant::now();
        let tokens = (now - at).as_secs_f64().mul_add(LIMIT, tokens).min(LIMIT);
        let allowed = tokens >= 1.0;
        *bucket = (if allowed { tokens - 1.0 } else { tokens }, now);
        allowed
    }
}

async fn refuse(client: &mut TcpStream) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.1\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        REFUSAL.len()
    );
    client.write_all(head.as_bytes()).await?;
    client.write_all(REFUSAL).await
}

async fn read_request(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut request = Vec::new();
    while whole(&request).is_none_or(|length| request.len() < length) {
        if client.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    Ok(request)
}

/// The length of head and body, once the head is complete.
fn whole(request: &[u8]) -> Option<usize> {
    let head = request.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| {
        let length = line.strip_prefix("content-length:")?;
        length.trim().parse::<usize>().ok()
    });
    Some(head + length.unwrap_or(0))
}

async fn tables(database: &Database, count: usize) {
    let client = database.client().await;
    for table in 0..count {
        let statements = format!(
            "CREATE TABLE t{table} (id int PRIMARY KEY, last_updated timestamp);
             INSERT INTO t{table} SELECT i, '2024-05-16'::timestamp + i * interval '1 s' FROM generate_series(1, 5) i"
        );
        client.batch_execute(&statements).await.expect("a table");
    }
}

async fn sandbox(database: &Database, emulator: &Emulator, throttled: &Throttled) -> Sandbox {
    let bucket = unique("throttling");
    emulator.create_bucket(&bucket).await;
    let mut sandbox = Sandbox::emulated(database, emulator, &bucket, &unique("throttling"));
    sandbox.set("AWS_ENDPOINT_URL_SSM", &throttled.endpoint);
    sandbox
}

async fn run(sandbox: Arc<Sandbox>, words: Vec<String>) -> serde_json::Value {
    let run = tokio::task::spawn_blocking(move || sandbox.run(&words).expect_code(0).json());
    run.await.expect("the run is waited for")
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_tables_are_ingested_in_spite_of_an_account_that_throttles() {
    let Some(database) = support::postgres() else {
        return;
    };
    tables(&database, 40).await;
    for emulator in support::emulators() {
        let throttled = Throttled::before(&emulator).await;
        let sandbox = Arc::new(sandbox(&database, &emulator, &throttled).await);
        // The limit of a server that is not Amazon's is unknown, so all writes that can be in
        // flight at once run into it.
        let line = "ingest --all --concurrency 16 --output json";
        let start = Instant::now();
        let reports = run(Arc::clone(&sandbox), words(line)).await;
        let reports = reports.as_array().expect("an array");
        assert_eq!(reports.len(), 40);
        for report in reports {
            assert_eq!(report["outcome"], "written", "{report}");
        }
        let (written, refused) = throttled.counts();
        let name = emulator.name();
        eprintln!(
            "{name}: {written} writes, {refused} throttled, {:?}",
            start.elapsed()
        );
        assert_eq!(written, 80, "each of two values once");
        assert!(refused > 0, "the limit was felt");
        let again = run(sandbox, words("status --output json")).await;
        for status in again.as_array().expect("an array") {
            assert_eq!(status["state"], "up-to-date", "{status}");
            assert_eq!(status["sequence_id"], 1, "{status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_are_throttled_for_a_while_get_through_soon() {
    let Some(database) = support::postgres() else {
        return;
    };
    tables(&database, 1).await;
    for emulator in support::emulators() {
        let throttled = Throttled::before(&emulator).await;
        let sandbox = Arc::new(sandbox(&database, &emulator, &throttled).await);
        // Once, and more often than a single request is tried.
        for refused in [1, 9] {
            throttled.account.unread.store(refused, Ordering::Relaxed);
            let start = Instant::now();
            let status = run(Arc::clone(&sandbox), words("status --output json")).await;
            assert_eq!(status[0]["state"], "never-ingested", "{status}");
            assert_eq!(throttled.account.unread.load(Ordering::Relaxed), 0);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(10), "{refused} times: {took:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_keep_to_the_rate_of_the_account_are_not_throttled() {
    let Some(database) = support::postgres() else {
        return;
    };
    tables(&database, 12).await;
    for emulator in support::emulators() {
        let throttled = Throttled::before(&emulator).await;
        let sandbox = sandbox(&database, &emulator, &throttled).await;
        let text = std::fs::read_to_string(sandbox.config_file()).expect("a configuration");
        sandbox.write_config(
            &text.replace("store = \"ssm\"", "store = \"ssm\"\nwrites_per_second = 3"),
        );
        let start = Instant::now();
        let line = "ingest --all --concurrency 16 --output json";
        run(Arc::new(sandbox), words(line)).await;
        let (written, refused) = throttled.counts();
        let name = emulator.name();
        eprintln!(
            "{name}: {written} writes, {refused} throttled, {:?}",
            start.elapsed()
        );
        assert_eq!(written, 24);
        assert!(refused <= 2, "{refused} were throttled");
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "{:?}",
            start.elapsed()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_share_the_limit_of_an_account_all_get_through() {
    let Some(database) = support::postgres() else {
        return;
    };
    tables(&database, 16).await;
    for emulator in support::emulators() {
        let throttled = Throttled::before(&emulator).await;
        let sandbox = sandbox(&database, &emulator, &throttled).await;
        let start = Instant::now();
        let processes: Vec<_> = (0..4)
            .map(|process| {
                let tables: Vec<String> = (0..4).map(|t| format!("t{}", process * 4 + t)).collect();
                let line = format!("ingest {} --output json", tables.join(" "));
                sandbox
                    .command(&words(&line))
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .expect("a process")
            })
            .collect();
        for process in processes {
            let ended = tokio::task::spawn_blocking(|| process.wait_with_output()).await;
            let ended = ended.expect("waited for").expect("an end");
            assert!(ended.status.success(), "{ended:?}");
        }
        let (written, refused) = throttled.counts();
        let name = emulator.name();
        eprintln!(
            "{name}: {written} writes, {refused} throttled, {:?}",
            start.elapsed()
        );
        assert_eq!(written, 32);
    }
}
