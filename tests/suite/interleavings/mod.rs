//! The commit protocol under every order of events: the real ingestion, with stores in memory whose every call
//! waits for its turn, twice.
//!
//! | module | what it is |
//! |---|---|
//! | `turns` | the gate that every call passes before and after its effect, and what may go wrong there |
//! | `parameters`, `objects`, `source` | the three parties, with the guarantees of SSM, S3 and PostgreSQL |
//! | `actors` | runs, transactions, operators, stale writers, consumers |
//! | `scheduler`, `policy`, `chance` | who goes next: decided by a script, or by chance that follows from a seed |
//! | `play` | one schedule: a past, the actors at once, quiet, two clean runs |
//! | `verdict` | checks everything that was done against what was promised |
//! | `crash_points`, `late_writes`, `schedules` | the tests: every place by a script, and ten thousand seeds |
//!
//! Three things are not promised, and are excused if they happen by chance. First, between a run's last look at the
//! values and its commit, it does not see an operator who changes them, a late write that puts the sequence id back
//! to the object whose timestamp is stored, or a consumer that removes the object which another run has just
//! committed under the same number. Second, a late write after which both values name an older object, with a gap
//! above it, cannot be told from a sound state. Third, an edit whose program died before it had looked at what it
//! overwrote counts as if the operator had seen that value.

#![allow(
    clippy::future_not_send,
    reason = "one thread drives all actors, and nothing here is sent anywhere"
)]

mod actors;
mod chance;
mod crash_points;
mod figures;
mod late_writes;
mod objects;
mod parameters;
mod play;
mod policy;
mod scheduler;
mod schedules;
mod source;
mod turns;
mod verdict;
mod world;

/// Runs a simulation to its end.
fn simulate<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime can be built");
    // One task drives all actors: with a budget, it would make some of them wait for no reason.
    runtime.block_on(tokio::task::unconstrained(work))
}
