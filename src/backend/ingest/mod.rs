//! The commit protocol.
//!
//! Three stores, no transaction across them: PostgreSQL (source), S3 (objects), SSM (two values per
//! table). SSM has no compare-and-set; S3 lets exactly one writer create a key (`If-None-Match: *`).
//! So **the object is the commit**: nothing before it counts, and the two parameters are pointers
//! derived from it. One batch is:
//!
//! 1. Read the timestamp T and the sequence id S with their versions, and look for the newest object
//!    ([`standing`](super::standing)). W is the watermark to continue from, O the number of the
//!    newest object.
//! 2. In a transaction of its own, compute the horizon H ([`source`](super::source)).
//! 3. In a `REPEATABLE READ READ ONLY` snapshot, count the rows `W < ts < H` and find the newest of them,
//!    `to`, before a byte is written. No rows: nothing is written. If they are likely to be few, they are
//!    read without being counted first, which shows the same once all are read; if there turn out to be more,
//!    what was read is thrown away.
//! 4. More rows than an object may have: cut at the last timestamp below the limit, never between rows of
//!    equal timestamps. `batch` says how the cut differs when clocks go back in autumn.
//! 5. Stream the rows out, encode and upload them. If their number or the newest of them is not what was
//!    counted: abort, fail.
//! 6. Commit: create the object if its key is absent, with its bounds and the run's id as metadata.
//!    If it already exists, its metadata tells whether this run created it and the answer was lost.
//! 7. Write T = `to`; the version that comes back must be the one read plus one.
//! 8. Write S = O + 1 in the same way. From then on both survive a crash of the machine; before that, T alone
//!    may be lost in one. More rows below H: the next batch, in the same snapshot.
//!
//! Any sign that another writer interfered starts the table again at 1, a bounded number of
//! times. State that only an operator may resolve stops the table with a finding; this module never
//! guesses.
//!
//! A table in `mode = "snapshot"` is written in full by every run: there is no horizon and no watermark, and
//! S is the only pointer.

mod again;
mod attempt;
mod batch;
mod few;
mod ground;
mod plan;
mod report;
mod run;
mod whole;

pub(super) use again::Attempts;
pub(super) use attempt::{Attempt, Done};
pub(super) use ground::Ground;
pub use report::{IngestOptions, IngestPlan, IngestReport, ObjectWritten, Outcome, PlannedObject};
