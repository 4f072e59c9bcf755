//! The signals that end the console, and the one that resumes it.

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use super::ConsoleError;

/// The signal sent on Ctrl-C, if the terminal turns that key into a signal.
pub const INTERRUPT: &str = "SIGINT";

/// The signals that the console reacts to.
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    resume: tokio::signal::unix::Signal,
}

impl Signals {
    /// Starts listening.
    ///
    /// # Errors
    /// If the process cannot listen to signals.
    pub fn listen() -> Result<Self, ConsoleError> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            resume: signal(SignalKind::from_raw(Signal::CONT.as_raw()))?,
        })
    }

    /// Returns the name of the next signal that ends the console, or `None` when the process is
    /// resumed.
    pub async fn next(&mut self) -> Option<&'static str> {
        tokio::select! {
            _ = self.terminate.recv() => Some("SIGTERM"),
            _ = self.hang_up.recv() => Some("SIGHUP"),
            _ = self.interrupt.recv() => Some(INTERRUPT),
            _ = self.resume.recv() => None,
        }
    }
}
