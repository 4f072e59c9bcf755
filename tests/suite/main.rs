//! Black-box tests against real servers. `tests/run` starts what they need.

mod backfill;
mod check;
mod commands;
mod connect;
mod console;
mod counting;
mod crowd;
mod demo;
mod doctor;
mod faults;
mod foreign;
mod ingest;
mod interleavings;
mod looking;
mod map;
mod meanwhile;
mod operations;
mod oracle;
mod pool;
mod recovery;
mod servers;
mod soak;
mod stores;
mod support;
mod throttling;
mod troubles;
