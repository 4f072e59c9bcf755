//! Work on a separate thread that is waited for later.

use std::io;

use tokio::task::JoinHandle;

/// One piece of work in progress, or none.
#[derive(Default)]
pub(super) struct Background(Option<JoinHandle<io::Result<()>>>);

impl Background {
    /// Starts `work`, which blocks.
    pub fn begin(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Self {
        Self(Some(tokio::task::spawn_blocking(work)))
    }

    /// Whether it is still running.
    pub fn is_running(&self) -> bool {
        self.0.as_ref().is_some_and(|task| !task.is_finished())
    }

    /// Waits for the work in progress, if any.
    ///
    /// # Errors
    /// The error of the work, returned only once.
    pub async fn settle(&mut self) -> io::Result<()> {
        let Some(running) = &mut self.0 else {
            return Ok(());
        };
        let done = running.await;
        self.0 = None;
        done.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}
