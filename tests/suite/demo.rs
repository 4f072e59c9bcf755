//! The built-in demo, over real servers: made, joined, left, killed, reset.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use highwater::demo::binaries::Search;
use highwater::demo::{Demo, DemoError, Preparation, Seeding, Server, Step, troubles};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio_postgres::{Client, NoTls};
use tokio_util::sync::CancellationToken;

use super::support::StateFolder;

/// How long anything may take before a test fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// The tables of the company that are well.
const TABLES: [&str; 11] = [
    "address",
    "counterparty",
    "currency",
    "department",
    "design",
    "payment",
    "payment_type",
    "purchase_order",
    "sales_order",
    "staff",
    "transaction",
];

/// A state folder of its own, whose server's files go with it.
pub struct State {
    folder: StateFolder,
}

impl State {
    pub fn new() -> Self {
        Self {
            folder: StateFolder::new(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn demo(&self) -> Demo {
        Demo::locate(self.path())
    }

    /// Where the server's own files are.
    fn cluster(&self) -> PathBuf {
        self.path().join("demo/cluster").canonicalize().unwrap()
    }

    fn server_pid(&self) -> Pid {
        let text = std::fs::read_to_string(self.cluster().join("postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
    }
}

/// Whether there are server binaries on this machine; says so if not, and fails where `tests/run` has
/// seen to it that there are.
pub fn there_are_binaries() -> bool {
    let mut folders = vec![PathBuf::from("/usr/bin")];
    folders.extend(std::env::var_os("HIGHWATER_POSTGRES_BIN").map(PathBuf::from));
    folders.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    for parent in [
        "/usr/lib/postgresql",
        "/usr",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/Applications/Postgres.app/Contents/Versions",
    ] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        folders.extend(entries.map(|entry| entry.path().join("bin")));
    }
    let found = folders.iter().any(|folder| folder.join("initdb").is_file());
    assert!(
        found || std::env::var_os("HIGHWATER_TEST_REQUIRED").is_none(),
        "no PostgreSQL server binaries"
    );
    if !found {
        // Not eprintln, which the test harness swallows for a test that passes.
        let _ = writeln!(
            std::io::stderr(),
            "left out: there are no PostgreSQL server binaries"
        );
    }
    found
}

const fn quietly(_: Step) {}

pub async fn start(demo: &Demo) -> Server {
    demo.start(&quietly).await.unwrap()
}

/// Starts and seeds to the end.
pub async fn start_seeded(demo: &Demo) -> Server {
    let server = start(demo).await;
    let _ = seed(&server).await;
    server
}

/// Seeds to the end, without ingesting anything; gives the seedings that this took.
pub async fn seed(server: &Server) -> usize {
    let mut seedings = 0;
    let mut preparation = server.prepare().await.unwrap();
    while let Preparation::Fresh(seeding) = preparation {
        preparation = seeding.finish().await.unwrap();
        seedings += 1;
    }
    seedings
}

/// The next seeding of a demo that is not complete.
fn fresh(preparation: Preparation) -> Seeding {
    match preparation {
        Preparation::Fresh(seeding) => *seeding,
        Preparation::Ready => panic!("it is complete"),
    }
}

pub async fn connect(demo: &Demo) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(&demo.url(), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

pub async fn number(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// Waits for a condition.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition().await {
        assert!(Instant::now() < deadline, "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn until_gone(pid: Pid) {
    until("the server is gone", async || {
        test_kill_process(pid).is_err()
    })
    .await;
}

#[tokio::test]
async fn a_new_demo_holds_the_trading_company() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let begun = Instant::now();
    let server = start(&demo).await;
    assert!(!server.joined());
    let seeding = fresh(server.prepare().await.unwrap());
    let client = connect(&demo).await.unwrap();
    let two_hours_ago = "(now() AT TIME ZONE 'UTC' - interval '119 minutes')";
    for table in TABLES {
        let rows = number(&client, &format!("SELECT count(*) FROM {table}")).await;
        assert!(rows > 0, "{table} is empty");
        let newer = format!("SELECT count(*) FROM {table} WHERE last_updated > {two_hours_ago}");
        assert_eq!(
            number(&client, &newer).await,
            0,
            "{table} has recent rows already"
        );
    }
    assert!(seeding.ingestion("payment").is_some());
    assert!(
        seeding.ingestion("design").is_none(),
        "one table is never ingested"
    );
    let seeding = fresh(seeding.finish().await.unwrap());
    for table in troubles::TABLES {
        assert!(seeding.ingestion(table).is_some(), "{table} has a past");
        assert!(number(&client, &format!("SELECT count(*) FROM {table}")).await > 200);
    }
    assert!(seeding.ingestion("payment").is_none(), "not again");
    drop(seeding);
    seed(&server).await;
    eprintln!("made, started and seeded in {:?}", begun.elapsed());
    for table in [
        "sales_order",
        "purchase_order",
        "transaction",
        "payment",
        "counterparty",
        "address",
        "invoice",
        "refund",
        "supplier",
        "shipment",
        "stock_count",
    ] {
        let newer = format!("SELECT count(*) FROM {table} WHERE last_updated > {two_hours_ago}");
        assert!(
            number(&client, &newer).await > 0,
            "{table} has no recent rows"
        );
    }
    let future = "SELECT count(*) FROM payment WHERE last_updated > now() AT TIME ZONE 'UTC'";
    assert_eq!(number(&client, future).await, 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_companys_tables_are_typed_as_promised() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start_seeded(&demo).await;
    let client = connect(&demo).await.unwrap();
    let tables: Vec<String> = client
        .query(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
            &[],
        )
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    let mut expected = [TABLES.as_slice(), troubles::TABLES.as_slice()].concat();
    expected.sort_unstable();
    assert_eq!(tables, expected);
    let stamped = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'
        AND column_name IN ('created_at', 'last_updated') AND data_type = 'timestamp without time zone'
        AND datetime_precision = 3 AND is_nullable = 'NO'";
    assert_eq!(
        number(&client, stamped).await,
        31,
        "all but that of stock_count"
    );
    let money = "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'
        AND data_type = 'numeric' AND numeric_precision = 10 AND numeric_scale = 2";
    assert_eq!(number(&client, money).await, 6);
    let enums = "SELECT count(DISTINCT enumtypid) FROM pg_enum";
    assert_eq!(number(&client, enums).await, 2);
    let indexed = "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%last_updated%'";
    assert_eq!(number(&client, indexed).await, 0);
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated";
    assert_eq!(number(&client, keys).await, 22);
    let broken_totals = "SELECT count(*) FROM payment JOIN transaction USING (transaction_id)
        JOIN sales_order USING (sales_order_id) WHERE payment_amount <> units_sold * unit_price";
    assert_eq!(number(&client, broken_totals).await, 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_demo_that_was_stopped_is_as_it_was_left() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start_seeded(&demo).await;
    let pid = state.server_pid();
    let client = connect(&demo).await.unwrap();
    client
        .batch_execute("UPDATE department SET manager = 'left here' WHERE department_id = 1")
        .await
        .unwrap();
    drop(client);
    server.stop().await.unwrap();
    assert!(
        test_kill_process(pid).is_err(),
        "the server still runs after stop"
    );

    let begun = Instant::now();
    let steps = std::sync::Mutex::new(Vec::new());
    let server = demo
        .start(&|step| steps.lock().unwrap().push(step))
        .await
        .unwrap();
    eprintln!("started warm in {:?}", begun.elapsed());
    assert!(matches!(
        server.prepare().await.unwrap(),
        Preparation::Ready
    ));
    assert_eq!(*steps.lock().unwrap(), [Step::Starting]);
    let client = connect(&demo).await.unwrap();
    let left = "SELECT count(*) FROM department WHERE manager = 'left here'";
    assert_eq!(number(&client, left).await, 1);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_program_joins_and_keeps_the_server_when_the_first_leaves() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let first = start_seeded(&demo).await;
    let pid = state.server_pid();
    let second = start(&demo).await;
    assert!(second.joined());
    first.stop().await.unwrap();
    let client = connect(&demo).await.unwrap();
    assert!(number(&client, "SELECT count(*) FROM staff").await > 0);
    assert_eq!(state.server_pid(), pid);
    second.stop().await.unwrap();
    assert!(
        test_kill_process(pid).is_err(),
        "the server outlives its last user"
    );
}

#[tokio::test]
async fn many_programs_at_once_share_one_server_and_one_seeding() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let programs = (0..6).map(|_| {
        let demo = demo.clone();
        async move {
            let server = start(&demo).await;
            let seedings = seed(&server).await;
            (server, seedings)
        }
    });
    let (servers, seedings): (Vec<_>, Vec<_>) = futures_util::future::join_all(programs)
        .await
        .into_iter()
        .unzip();
    assert_eq!(servers.iter().filter(|server| !server.joined()).count(), 1);
    assert_eq!(seedings.iter().sum::<usize>(), 3, "each stage once");
    let pid = state.server_pid();
    let stopped = futures_util::future::join_all(servers.into_iter().map(Server::stop)).await;
    assert!(stopped.iter().all(Result::is_ok), "{stopped:?}");
    assert!(test_kill_process(pid).is_err());
}

/// Programs that come and go without a pause: each must find a server, whoever had started it.
#[tokio::test]
async fn a_program_that_starts_while_another_leaves_finds_a_server() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    start_seeded(&demo).await.stop().await.unwrap();
    let programs = (0..3).map(|lane| {
        let demo = demo.clone();
        async move {
            for round in 0..12 {
                let server = start(&demo).await;
                let client = connect(&demo).await.unwrap();
                assert_eq!(number(&client, "SELECT count(*) FROM currency").await, 3);
                // Half of them go without a word, as a killed program does.
                if (lane + round) % 2 == 0 {
                    drop(server);
                } else {
                    server.stop().await.unwrap();
                }
            }
        }
    });
    futures_util::future::join_all(programs).await;
    until("the last server is gone", async || {
        connect(&demo).await.is_err()
    })
    .await;
}

#[tokio::test]
async fn a_seeding_that_was_broken_off_is_gone_on_with() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start(&demo).await;
    drop(server.prepare().await.unwrap());
    let client = connect(&demo).await.unwrap();
    let before = number(&client, "SELECT count(*) FROM payment").await;
    let seeding = fresh(server.prepare().await.unwrap());
    assert_eq!(
        number(&client, "SELECT count(*) FROM payment").await,
        before
    );
    drop(seeding.finish().await.unwrap());
    assert!(number(&client, "SELECT count(*) FROM payment").await > before);
    let seeding = fresh(server.prepare().await.unwrap());
    let before = number(&client, "SELECT count(*) FROM invoice").await;
    drop(seeding.finish().await.unwrap());
    assert!(number(&client, "SELECT count(*) FROM invoice").await > before);
    assert_eq!(seed(&server).await, 1, "what is left is the troubles");
    assert!(matches!(
        server.prepare().await.unwrap(),
        Preparation::Ready
    ));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_dies_with_a_program_that_is_killed() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let mut owner = Program::run(&state, "stay", &[]);
    owner.wait_for("ready");
    let pid = state.server_pid();
    owner.kill();
    until_gone(pid).await;
    // And the next one starts on what it left.
    let server = start(&state.demo()).await;
    assert!(!server.joined());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_stays_for_the_others_when_its_starter_is_killed() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let mut owner = Program::run(&state, "stay", &[]);
    owner.wait_for("ready");
    let pid = state.server_pid();
    let demo = state.demo();
    let server = start(&demo).await;
    assert!(server.joined());
    owner.kill();
    let client = connect(&demo).await.unwrap();
    assert!(number(&client, "SELECT count(*) FROM staff").await > 0);
    server.stop().await.unwrap();
    assert!(test_kill_process(pid).is_err());
}

#[tokio::test]
async fn a_server_that_was_killed_leaves_nothing_in_the_way_of_the_next() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start_seeded(&demo).await;
    let pid = state.server_pid();
    kill_process(pid, Signal::KILL).unwrap();
    until_gone(pid).await;
    drop(server);
    // As after a restart of the machine, when another process has got that id.
    let left = state.cluster().join("postmaster.pid");
    let text = std::fs::read_to_string(&left).unwrap();
    let rest = text.split_once('\n').unwrap().1;
    std::fs::write(&left, format!("{}\n{rest}", std::process::id())).unwrap();
    let server = start(&demo).await;
    let client = connect(&demo).await.unwrap();
    assert!(number(&client, "SELECT count(*) FROM payment").await > 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_reset_starts_over_but_not_under_somebodys_feet() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    demo.reset().await.unwrap();
    let server = start_seeded(&demo).await;
    std::fs::write(demo.parameters(), "values").unwrap();
    std::fs::create_dir_all(demo.objects().join("staff")).unwrap();
    let cluster = state.cluster();
    let refused = demo.reset().await.unwrap_err();
    assert!(matches!(refused, DemoError::InUse { .. }), "{refused}");
    assert!(connect(&demo).await.is_ok());
    // Without waiting for the server's end: the reset has to.
    drop(server);
    demo.reset().await.unwrap();
    assert!(!cluster.exists() && !demo.parameters().exists() && !demo.objects().exists());
    let server = start(&demo).await;
    assert!(matches!(
        server.prepare().await.unwrap(),
        Preparation::Fresh(_)
    ));
    server.stop().await.unwrap();
    demo.reset().await.unwrap();
}

#[tokio::test]
async fn the_companys_work_goes_on_until_it_is_cancelled() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start_seeded(&demo).await;
    let client = connect(&demo).await.unwrap();
    let begun: i64 = number(&client, "SELECT (extract(epoch FROM now()) * 1000)::bigint").await;
    let cancel = CancellationToken::new();
    let writers = [
        server.write_in_background(cancel.clone()),
        server.write_in_background(cancel.clone()),
    ];
    let changed = format!(
        "SELECT sum((SELECT count(*) FROM payment WHERE last_updated > since) + (SELECT count(*) FROM sales_order WHERE last_updated > since)
            + (SELECT count(*) FROM staff WHERE last_updated > since))::bigint
         FROM (SELECT to_timestamp({begun} / 1000.0) AT TIME ZONE 'UTC') AS t (since)"
    );
    until("rows were changed", async || {
        number(&client, &changed).await >= 2
    })
    .await;
    let holders = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND application_name = 'demo-shop'";
    assert_eq!(number(&client, holders).await, 1, "one of the two writes");
    // Cut off, the writer comes back by itself.
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'demo-shop'";
    assert_eq!(number(&client, cut).await, 2);
    let before = number(&client, &changed).await;
    until("it writes again", async || {
        number(&client, &changed).await > before
    })
    .await;
    cancel.cancel();
    for writer in writers {
        tokio::time::timeout(DEADLINE, writer)
            .await
            .unwrap()
            .unwrap();
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn every_event_of_the_company_changes_rows() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start_seeded(&demo).await;
    let client = connect(&demo).await.unwrap();
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/writer");
    let mut run = 0;
    for entry in std::fs::read_dir(events).unwrap() {
        let path = entry.unwrap().path();
        let statement = std::fs::read_to_string(&path).unwrap();
        for _ in 0..20 {
            let rows = client.execute(statement.as_str(), &[]).await;
            assert!(matches!(rows, Ok(1)), "{}: {rows:?}", path.display());
        }
        run += 1;
    }
    assert_eq!(run, 9);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_runs_as_nobody_when_the_program_is_root() {
    if !there_are_binaries() {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        eprintln!("left out: only root is refused by PostgreSQL");
        return;
    }
    let state = State::new();
    let server = start(&state.demo()).await;
    assert_ne!(std::fs::metadata(state.cluster()).unwrap().uid(), 0);
    let home = std::fs::metadata(state.cluster().parent().unwrap()).unwrap();
    assert_eq!(home.mode() & 0o777, 0o700);
    let process = format!("/proc/{}", state.server_pid().as_raw_nonzero());
    if Path::new(&process).exists() {
        assert_ne!(std::fs::metadata(process).unwrap().uid(), 0);
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_start_shows_the_end_of_its_log() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    start(&demo).await.stop().await.unwrap();
    std::fs::write(
        state.cluster().join("postgresql.conf"),
        "no_such_setting = 1\n",
    )
    .unwrap();
    let error = demo.start(&quietly).await.unwrap_err();
    assert!(matches!(error, DemoError::ServerEnded { .. }), "{error}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
fn without_binaries_the_message_says_what_to_install() {
    let state = State::new();
    let begun = Instant::now();
    // A proxy that is not there, so that nothing is fetched on any machine.
    let output = Program::run(
        &state,
        "without-binaries",
        &[("HTTPS_PROXY", "http://127.0.0.1:1")],
    )
    .finish();
    assert!(begun.elapsed() < Duration::from_mins(1));
    for part in [
        "PATH: nothing there",
        "postgresql-*/bin: nothing there",
        "Fetching them: ",
        "apt install postgresql",
        "dnf install postgresql-server",
        "brew install",
        "HIGHWATER_POSTGRES_BIN",
    ] {
        assert!(output.contains(part), "{part:?} is missing in: {output}");
    }
}

#[test]
fn a_cluster_of_another_version_is_not_touched() {
    let state = State::new();
    let cluster = state.path().join("demo/cluster");
    std::fs::create_dir_all(&cluster).unwrap();
    std::fs::write(cluster.join("PG_VERSION"), "12\n").unwrap();
    let output = Program::run(
        &state,
        "without-binaries",
        &[("HTTPS_PROXY", "http://127.0.0.1:1")],
    )
    .finish();
    assert!(output.contains("was made by PostgreSQL 12"), "{output}");
    assert!(output.contains("highwater demo reset"), "{output}");
    assert!(cluster.join("PG_VERSION").exists());
}

#[test]
fn a_named_folder_without_binaries_is_an_error_at_once() {
    let state = State::new();
    let output = Program::run(&state, "stay", &[("HIGHWATER_POSTGRES_BIN", "/nowhere")]).finish();
    assert!(
        output.contains("HIGHWATER_POSTGRES_BIN is /nowhere, which holds no postgres"),
        "{output}"
    );
}

/// This very test binary as another program on the demo.
struct Program {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

const ROLE: &str = "HIGHWATER_TEST_DEMO_ROLE";
const FOLDER: &str = "HIGHWATER_TEST_DEMO_STATE";

impl Program {
    fn run(state: &State, role: &str, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "demo::another_program", "--nocapture"])
            .env(ROLE, role)
            .env(FOLDER, state.path())
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    fn wait_for(&mut self, line: &str) {
        let mut read = String::new();
        while read.trim() != line {
            read.clear();
            assert!(
                self.output.read_line(&mut read).unwrap() > 0,
                "ended without saying {line}"
            );
        }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn finish(mut self) -> String {
        let mut output = String::new();
        self.output.read_to_string(&mut output).unwrap();
        self.child.wait().unwrap();
        output
    }
}

/// Not a test: what [`Program`] runs.
#[tokio::test]
async fn another_program() {
    let (Ok(role), Ok(folder)) = (std::env::var(ROLE), std::env::var(FOLDER)) else {
        return;
    };
    let demo = Demo::locate(Path::new(&folder));
    let demo = match role.as_str() {
        "stay" => demo,
        "without-binaries" => {
            demo.with_binaries(Search::only("", Path::new(&folder).join("cache")))
        }
        other => panic!("no role {other}"),
    };
    let server = match demo.start(&quietly).await {
        Ok(server) => server,
        Err(error) => {
            println!("{error}");
            return;
        }
    };
    seed(&server).await;
    println!("\nready");
    std::future::pending::<()>().await;
}
