//! Signals that ask a command to stop.

use std::process;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::error::CommandError;
use super::exit::Exit;
use super::notes::Notes;

/// A token that is cancelled by the first SIGINT, SIGTERM or SIGHUP. The second ends the program at
/// once. Must be called within a tokio runtime.
///
/// # Errors
/// [`CommandError::Io`] where the handlers cannot be installed.
pub fn watch(notes: Notes) -> Result<CancellationToken, CommandError> {
    let listen = |kind| {
        signal(kind).map_err(|cause| CommandError::Io {
            doing: "listening for signals".to_owned(),
            cause,
        })
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            if cancel.is_cancelled() {
                process::exit(i32::from(Exit::Interrupted.code()));
            }
            notes.note("stopping cleanly; once more stops at once");
            cancel.cancel();
        }
    });
    Ok(token)
}
