//! The log: a file a day in the state folder, a week of them kept.

use std::io;

use tracing::Level;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::session::state_dir;

/// Days that are kept.
const KEPT: usize = 7;

/// Starts to log: to the file, and with `-v` to stderr as well unless the console has the screen.
///
/// Lines still on their way are written when the guard is dropped. A log that cannot be written
/// keeps nobody from working.
#[must_use]
pub fn start(verbose: u8, console: bool) -> Option<WorkerGuard> {
    let (file, guard) = appender()
        .map(tracing_appender::non_blocking)
        .map(|(writer, guard)| (fmt::layer().with_ansi(false).with_writer(writer), guard))
        .unzip();
    let stderr = (verbose > 0 && !console).then(|| {
        let layer = fmt::layer().without_time().with_ansi(false);
        layer.with_writer(io::stderr)
    });
    let started = tracing_subscriber::registry()
        .with(filter(verbose))
        .with(file)
        .with(stderr)
        .try_init();
    started.ok().and(guard)
}

/// Other crates stay quiet at the levels where they log requests whole, credentials and rows with
/// them.
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
    // The builder complains on stderr about a folder that is not there yet.
    std::fs::create_dir_all(&folder).ok()?;
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("highwater")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(folder)
        .ok()
}
