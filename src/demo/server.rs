//! The life of the server: started by the first program, joined by the others, stopped with the last.
//!
//! Three things decide it. The kernel releases all of them when a process ends, however it ends:
//!
//! - **`users.lock`**: held shared by every program. A program that can hold it exclusively is the only one: when
//!   it leaves, it waits for the server's end, and `demo reset` may delete the files.
//! - **`server.lock`**: held exclusively by the program that starts the server, then inherited by the server itself
//!   (as its standard output). If it is free, no server is running.
//! - **the lifeline**: a FIFO that every program holds open for writing. Its reader is the guard, a few lines of
//!   shell (`assets/demo/guard.sh`) that started the server. At end of file, when the last program has gone, it
//!   shuts the server down.
//!
//! So the server outlives the program that started it as long as others use it, and no longer. A parent-death
//! signal could not do that: it would end the server while others still use it, exists only on Linux, and is tied
//! to a thread.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::process::Child;
use tokio::task::JoinHandle;
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;

use super::binaries::{Binaries, Search, Wanted};
use super::connection::{self, Answer};
use super::error::DemoError;
use super::identity::Identity;
use super::layout::{Layout, remove};
use super::lifeline::{self, Found, Lifeline};
use super::locks::{lock_server, open_lock, server_ended, try_lock, try_lock_shared};
use super::seed::{self, Preparation};
use super::{Demo, Step, cluster, writer};

/// Runs the server and stops it when the lifeline ends.
const GUARD: &str = include_str!("../../assets/demo/guard.sh");

/// How long another program may take to start or end the server.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long the server may take to answer, including recovery after it was killed.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How long the server may take to stop: after 5 s, the guard forces an immediate shutdown.
const STOPPED_WITHIN: Duration = Duration::from_secs(15);

/// Pause between two checks of a condition that cannot be waited for.
const TICK: Duration = Duration::from_millis(5);

/// A running server of the demo, which stays as long as this is held.
///
/// [`Server::stop`] waits until the server has ended, if no other program uses it. Dropping this releases the
/// server as well, but does not wait.
#[derive(Debug)]
pub struct Server {
    layout: Layout,
    config: Config,
    users: File,
    lifeline: Lifeline,
    /// The guard, if this program started it.
    guard: Option<Child>,
}

impl Server {
    /// Whether another program started the server.
    #[must_use]
    pub const fn joined(&self) -> bool {
        self.guard.is_none()
    }

    /// Seeds the database, unless that has been done before.
    ///
    /// # Errors
    /// [`DemoError::Database`], or [`DemoError::Busy`] if another program takes too long to seed.
    pub async fn prepare(&self) -> Result<Preparation, DemoError> {
        seed::prepare(&self.config, &self.layout).await
    }

    /// Lets the company work: adds and updates a few rows a second until `cancel` is cancelled. If several programs
    /// use one demo, only one of them writes at a time.
    pub fn write_in_background(&self, cancel: CancellationToken) -> JoinHandle<()> {
        writer::spawn(&self.config, cancel)
    }

    /// Releases the server and, if no other program uses it, waits until it has stopped.
    ///
    /// # Errors
    /// [`DemoError::LeftBehind`] if it does not stop; [`DemoError::Io`].
    pub async fn stop(self) -> Result<(), DemoError> {
        let Self {
            layout,
            users,
            lifeline,
            guard,
            ..
        } = self;
        // Released first: turning a shared lock into an exclusive one takes two steps anyway (flock(2)), and of two
        // programs that leave at the same time, one finds itself alone.
        users
            .unlock()
            .map_err(DemoError::io("unlocking", &layout.users_lock()))?;
        let alone = try_lock(&users, &layout.users_lock())?;
        drop(lifeline);
        if alone {
            wait_until_stopped(&layout).await?;
            if let Some(mut guard) = guard {
                guard
                    .wait()
                    .await
                    .map_err(DemoError::io("waiting for the guard of", layout.root()))?;
            }
        }
        Ok(())
    }
}

async fn lock_shared(layout: &Layout, deadline: Instant) -> Result<File, DemoError> {
    let path = layout.users_lock();
    let file = open_lock(&path)?;
    while !try_lock_shared(&file, &path)? {
        if Instant::now() > deadline {
            return Err(busy(layout.root()));
        }
        tokio::time::sleep(TICK).await;
    }
    Ok(file)
}

/// Starts the server of a demo, or joins the running one.
pub(super) async fn start(
    demo: &Demo,
    tell: &(dyn Fn(Step) + Send + Sync),
) -> Result<Server, DemoError> {
    let layout = &demo.layout;
    let identity = Identity::of_server()?;
    layout.create()?;
    let mut deadline = Instant::now() + PATIENCE;
    let users = lock_shared(layout, deadline).await?;
    let mut binaries: Option<Binaries> = None;
    loop {
        let other = others_server(layout).await?;
        if let Other::Answers(lifeline) = other {
            return Ok(Server {
                layout: layout.clone(),
                config: connection::config(layout),
                users,
                lifeline,
                guard: None,
            });
        }
        // Before the lock is taken, so that others need not wait while binaries are downloaded.
        let binaries = if let Some(found) = &binaries {
            found
        } else {
            let found = find_binaries(&demo.search, layout, identity, tell).await?;
            // The time for the download does not count: no other program was being waited for.
            deadline = Instant::now() + PATIENCE;
            binaries.insert(found)
        };
        if let Some(lock) = lock_server(layout)? {
            return launch(layout, binaries, identity, lock, users, tell).await;
        }
        if Instant::now() > deadline {
            return Err(match other {
                Other::Unwatched => left_behind(layout),
                Other::Answers(_) | Other::None => busy(layout.root()),
            });
        }
        tokio::time::sleep(TICK).await;
    }
}

/// The server that another program has started, if there is one.
enum Other {
    Answers(Lifeline),
    /// It may be running, but nothing watches over it.
    Unwatched,
    None,
}

async fn others_server(layout: &Layout) -> Result<Other, DemoError> {
    let path = layout.lifeline();
    match lifeline::join(&path).map_err(DemoError::io("opening", &path))? {
        Found::Joined(lifeline) => {
            let config = connection::config(layout);
            match connection::answers(&config, READY_WITHIN, || server_ended(layout)).await? {
                Answer::Ready => Ok(Other::Answers(lifeline)),
                Answer::Ended => Ok(Other::None),
                Answer::TooLate => Err(not_ready(layout)),
            }
        }
        Found::Unwatched => Ok(Other::Unwatched),
        Found::Nothing => Ok(Other::None),
    }
}

/// Removes all files of a demo that nobody uses.
pub(super) async fn reset(layout: &Layout) -> Result<(), DemoError> {
    if !layout.root().exists() {
        return Ok(());
    }
    let users = open_lock(&layout.users_lock())?;
    if !try_lock(&users, &layout.users_lock())? {
        return Err(DemoError::InUse {
            root: layout.root().to_owned(),
        });
    }
    // A server whose last program has just been killed may still be shutting down.
    wait_until_stopped(layout).await?;
    layout.remove()
}

async fn find_binaries(
    search: &Search,
    layout: &Layout,
    identity: Identity,
    tell: &(dyn Fn(Step) + Send + Sync),
) -> Result<Binaries, DemoError> {
    let cluster = layout.cluster();
    let wanted = cluster::made_by(layout)?.map(|major| Wanted {
        major,
        cluster: &cluster,
    });
    search.find(identity, wanted, tell).await
}

/// Starts the server under its guard. In the end, only the server holds `lock`.
async fn launch(
    layout: &Layout,
    binaries: &Binaries,
    identity: Identity,
    lock: File,
    users: File,
    tell: &(dyn Fn(Step) + Send + Sync),
) -> Result<Server, DemoError> {
    layout.create_for(identity)?;
    cluster::remove_leftovers(layout)?;
    if cluster::made_by(layout)?.is_none() {
        tell(Step::Creating);
        layout.remove_stores()?;
        cluster::make(layout, binaries, identity).await?;
    }
    tell(Step::Starting);
    let lifeline = make_lifeline(layout, identity).await?;
    let (lifeline, reading) =
        lifeline::open_both(&lifeline).map_err(DemoError::io("opening", &lifeline))?;
    let mut guard = spawn_guard(layout, binaries, identity, reading, lock)?;
    let config = connection::config(layout);
    let ended = || Ok(!matches!(guard.try_wait(), Ok(None)));
    match connection::answers(&config, READY_WITHIN, ended).await? {
        Answer::Ready => {}
        Answer::Ended => {
            return Err(DemoError::ServerEnded {
                log: layout.log(),
                tail: tail(&layout.log()),
            });
        }
        Answer::TooLate => return Err(not_ready(layout)),
    }
    Ok(Server {
        layout: layout.clone(),
        config,
        users,
        lifeline,
        guard: Some(guard),
    })
}

/// Starts the guard, which reads the lifeline and passes the lock on to the server. This program keeps neither.
fn spawn_guard(
    layout: &Layout,
    binaries: &Binaries,
    identity: Identity,
    lifeline: OwnedFd,
    lock: File,
) -> Result<Child, DemoError> {
    let log = File::create(layout.log()).map_err(DemoError::io("making", &layout.log()))?;
    let mut command = identity.command("/bin/sh");
    command.args(["-c", GUARD, "guard"]).arg(layout.lifeline());
    cluster::add_server(&mut command, layout, binaries);
    let spawned = command
        .env("PATH", with_system_folders())
        // Out of reach of signals that the terminal sends to the program's own group, such as that of Ctrl-C.
        .process_group(0)
        .stdin(lifeline)
        .stdout(lock)
        .stderr(log)
        .spawn();
    spawned.map_err(|source| DemoError::Run {
        program: "/bin/sh".into(),
        source,
    })
}

/// Creates the FIFO as the server's user, because the guard renames it. (`mkfifo` is the POSIX utility; the system
/// call is not available from safe Rust on every system.)
async fn make_lifeline(layout: &Layout, identity: Identity) -> Result<PathBuf, DemoError> {
    let path = layout.lifeline();
    remove(&path)?;
    let output = identity
        .command("mkfifo")
        .env("PATH", with_system_folders())
        .args(["-m", "600"])
        .arg(&path)
        .output()
        .await
        .map_err(|source| DemoError::Run {
            program: "mkfifo".into(),
            source,
        })?;
    if output.status.success() {
        return Ok(path);
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(DemoError::io("making", &path)(std::io::Error::other(
        reason,
    )))
}

/// PATH, with the folders of the system's own tools added.
fn with_system_folders() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    if !path.is_empty() {
        path.push(":");
    }
    path.push("/usr/bin:/bin");
    path
}

/// Waits for the end of a server that nobody uses any more.
///
/// # Errors
/// [`DemoError::LeftBehind`] if it does not end.
pub(super) async fn wait_until_stopped(layout: &Layout) -> Result<(), DemoError> {
    let deadline = Instant::now() + STOPPED_WITHIN;
    while !server_ended(layout)? {
        if Instant::now() > deadline {
            return Err(left_behind(layout));
        }
        tokio::time::sleep(TICK).await;
    }
    Ok(())
}

fn busy(root: &Path) -> DemoError {
    DemoError::Busy {
        root: root.to_owned(),
        after: PATIENCE,
    }
}

fn left_behind(layout: &Layout) -> DemoError {
    DemoError::LeftBehind {
        cluster: layout.data(),
        pid: cluster::server_pid(layout),
    }
}

fn not_ready(layout: &Layout) -> DemoError {
    DemoError::NotReady {
        after: READY_WITHIN,
        log: layout.log(),
        tail: tail(&layout.log()),
    }
}

/// The last lines of the server's log.
fn tail(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}
