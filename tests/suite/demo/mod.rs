//! The built-in demo, with real servers: created, joined, left, killed, reset.

mod binaries;
mod company;
#[cfg(all(feature = "fetch-postgres", target_os = "linux"))]
mod fetching;
mod program;
mod server;
mod sharing;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use highwater::demo::{Demo, Preparation, Seeding, Server, Step};
use rustix::process::{Pid, test_kill_process};
use tokio_postgres::{Client, NoTls};

use super::support::{self, StateFolder};

/// How long anything may take before a test fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// A separate state folder, whose server's files are removed with it.
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

    /// The folder of the server's own files.
    fn cluster(&self) -> PathBuf {
        self.path().join("demo/cluster").canonicalize().unwrap()
    }

    fn server_pid(&self) -> Pid {
        let text = std::fs::read_to_string(self.cluster().join("postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
    }
}

/// Whether this machine has server binaries; if not, prints so, or fails if `tests/run` has made sure that there
/// are some.
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
        support::say("left out: there are no PostgreSQL server binaries");
    }
    found
}

const fn quietly(_: Step) {}

pub async fn start(demo: &Demo) -> Server {
    demo.start(&quietly).await.unwrap()
}

/// Starts the demo and seeds it to the end.
pub async fn start_seeded(demo: &Demo) -> Server {
    let server = start(demo).await;
    let _ = seed(&server).await;
    server
}

/// Seeds to the end, without ingesting anything; returns the number of seedings that this took.
pub async fn seed(server: &Server) -> usize {
    let mut seedings = 0;
    let mut preparation = server.prepare().await.unwrap();
    while let Preparation::Fresh(seeding) = preparation {
        preparation = seeding.finish().await.unwrap();
        seedings += 1;
    }
    seedings
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

/// The next seeding of a demo that is not complete.
fn fresh(preparation: Preparation) -> Seeding {
    match preparation {
        Preparation::Fresh(seeding) => *seeding,
        Preparation::Ready => panic!("it is complete"),
    }
}
