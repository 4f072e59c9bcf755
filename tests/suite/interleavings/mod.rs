//! The commit protocol under every order of events: the ingestion itself, over stores in memory
//! whose every call waits for its turn, twice.
//!
//! | module | what it is |
//! |---|---|
//! | `turns` | the gate that every call passes before and after its effect, and what may befall it there |
//! | `parameters`, `objects`, `source` | the three parties, with the promises of SSM, S3 and PostgreSQL |
//! | `actors` | runs, transactions, operators, stale writers, consumers |
//! | `scheduler`, `policy`, `chance` | who goes on next: a script, or chance that follows from a seed |
//! | `play` | one schedule: a past, the actors at once, quiet, two clean runs |
//! | `verdict` | what was promised, over everything that was done |
//! | `crash_points`, `late_writes`, `schedules` | the tests: every place by a script, and ten thousand seeds |
//!
//! Three things are left out of what is promised, and excused where they come about by chance: in the
//! moment between a run's last look at the values and its commit, an operator who changes them, a late
//! write that puts the sequence id back to the object whose timestamp is stored, or a consumer that takes
//! away the object which another run has just committed under the same number, is not seen; a late write
//! after which both values name an older object, with a gap above it, looks like nothing amiss; and an
//! edit whose program died before it had looked at what it went over counts as if the operator had seen
//! that.

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
    // One task drives all actors: a budget for it would make some of them wait for nothing.
    runtime.block_on(tokio::task::unconstrained(work))
}
