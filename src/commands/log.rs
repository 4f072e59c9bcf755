//! The log: one file a day in the state folder, kept for a week.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;

use tracing::Level;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::machine::state_dir;
use super::status_line;

/// Days of log to keep.
const KEPT: usize = 7;

/// What is logged to stderr besides the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aloud {
    /// Nothing: the console has the screen, or `--quiet` was given.
    Nothing,
    /// What users should know even though their work gets done: a change missing from the journal, a password file that
    /// is not used.
    Warnings,
    /// Everything that is logged.
    All,
}

/// Starts logging to the file, and to stderr as `aloud` says.
///
/// Dropping the guard writes the lines that are still buffered. A log that cannot be written stops nobody from working.
#[must_use]
pub fn start(verbose: u8, aloud: Aloud) -> Option<WorkerGuard> {
    let (file, guard) = appender()
        .map(tracing_appender::non_blocking)
        .map(|(writer, guard)| (fmt::layer().with_ansi(false).with_writer(writer), guard))
        .unzip();
    let stderr = fmt::layer().without_time().with_ansi(false);
    let stderr = stderr.with_writer(status_line::stderr);
    let stderr = match aloud {
        Aloud::Nothing => None,
        Aloud::Warnings => {
            let warnings = Targets::new().with_target("highwater", Level::WARN);
            Some(stderr.with_target(false).with_filter(warnings))
        }
        Aloud::All => Some(stderr.with_filter(filter(verbose))),
    };
    let started = tracing_subscriber::registry()
        .with(filter(verbose))
        .with(file)
        .with(stderr)
        .try_init();
    started.ok().and(guard)
}

/// Other crates stay quiet at the levels at which they log whole requests, including credentials and rows.
fn filter(verbose: u8) -> Targets {
    let (others, own) = match verbose {
        0 => (Level::WARN, Level::INFO),
        1 => (Level::WARN, Level::DEBUG),
        _ => (Level::INFO, Level::TRACE),
    };
    Targets::new()
        .with_default(others)
        .with_target("highwater", own)
}

fn appender() -> Option<RollingFileAppender> {
    let folder = state_dir().ok()?.join("log");
    // Created here because the builder would complain on stderr about a missing folder. The log is the first thing to
    // be kept in the state folder, so this also sets the folder's mode: it is closed to others with everything in it,
    // including the rows of local stores (XDG Base Directory Specification).
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .ok()?;
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("highwater")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(folder)
        .ok()
}
