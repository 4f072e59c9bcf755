//! What the tests are built on: the servers that `tests/run` started, and throw-away surroundings.

mod authority;
pub mod books;
mod cluster;
mod database;
mod emulator;
pub mod fault_proxy;
mod outsider;
#[cfg(all(feature = "fetch-postgres", target_os = "linux"))]
mod release_server;
mod sandbox;
mod state_folder;
mod terminal;
mod traffic;
mod trio;

use std::io::Write as _;

pub use authority::{Authority, self_signed};
#[cfg(all(feature = "fetch-postgres", target_os = "linux"))]
pub use cluster::server_programs;
pub use cluster::{Cluster, ClusterSettings, cluster};
pub use database::{Database, connect, postgres};
pub use emulator::{Emulator, REGION, emulator, emulators};
pub use fault_proxy::FaultProxy;
pub use outsider::Outsider;
#[cfg(all(feature = "fetch-postgres", target_os = "linux"))]
pub use release_server::{Release, ReleaseServer};
pub use sandbox::Sandbox;
pub use state_folder::StateFolder;
pub use terminal::Terminal;
pub use traffic::{OLD, Pace, Traffic, Work};
pub use trio::{Stage, ingest_payment, profile, table};

/// The value of a variable that `tests/run` sets; `None`, with a note on what is skipped, if it is missing. If
/// `HIGHWATER_TEST_REQUIRED` is set, a missing server is a failure.
fn server(variable: &str, what: &str) -> Option<String> {
    if let Ok(value) = std::env::var(variable)
        && !value.is_empty()
    {
        return Some(value);
    }
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let message =
        format!("{test}: left out, it needs {what} ({variable} is not set; tests/run sets it)");
    assert!(
        std::env::var_os("HIGHWATER_TEST_REQUIRED").is_none(),
        "{message}"
    );
    say(&message);
    None
}

/// Prints `figures` on stderr even if the test passes.
pub fn say(figures: &str) {
    // Not eprintln, whose output the test harness hides if the test passes. A failure to write is ignored.
    let _ = writeln!(std::io::stderr(), "{figures}");
}

/// The seed of random decisions: `HIGHWATER_SEED`, or a different one each time.
pub fn seed() -> u64 {
    let set = std::env::var("HIGHWATER_SEED").unwrap_or_default();
    if set.is_empty() {
        return fastrand::u64(..);
    }
    set.parse()
        .unwrap_or_else(|_| panic!("HIGHWATER_SEED={set} is no number"))
}

/// The panic message of a task.
pub fn panicked(error: tokio::task::JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else {
        return "it was cancelled".to_owned();
    };
    payload.downcast::<String>().map_or_else(
        |payload| {
            payload
                .downcast::<&str>()
                .map_or_else(|_| "a panic".to_owned(), |text| (*text).to_owned())
        },
        |text| *text,
    )
}

/// A name that no other test uses: `prefix-` and sixteen hexadecimal digits.
pub fn unique(prefix: &str) -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    format!("{prefix}-{}", &id[..16])
}

/// Runs `work` to completion on a runtime and thread of its own, so that plain functions and `Drop` can use async
/// clients even within an async test.
fn block_on<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be built")
                .block_on(work)
        });
        thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Waits until `condition` holds; fails with `what` if it does not within thirty seconds.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    within(std::time::Duration::from_secs(30), what, condition).await;
}

/// Waits until `condition` holds; fails with `what` if it does not in time.
pub async fn within(patience: std::time::Duration, what: &str, condition: impl AsyncFn() -> bool) {
    let deadline = std::time::Instant::now() + patience;
    while !condition().await {
        assert!(std::time::Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
