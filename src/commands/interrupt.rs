//! Signals that ask a command to stop.

use std::future::pending;
use std::io;
use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::error::CommandError;
use super::exit::Exit;
use super::notes::Notes;

/// A token that is cancelled by the first SIGINT, SIGTERM or SIGHUP. The second ends the program at
/// once. One that was ignored when the program was started stays so: that is how `nohup` keeps a command
/// at work, and a shell one that it runs in the background of a script (POSIX, 2.11). Must be called within
/// a tokio runtime.
///
/// # Errors
/// [`CommandError::Io`] where the handlers cannot be installed.
pub fn watch(notes: Notes) -> Result<CancellationToken, CommandError> {
    let ignored = Ignored::now();
    let listen = |kind| {
        ignored.listen(kind).map_err(|cause| CommandError::Io {
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
                () = received(&mut interrupt) => {}
                () = received(&mut terminate) => {}
                () = received(&mut hang_up) => {}
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

/// Waits for a signal; for ever, where it is not listened to.
async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => pending().await,
    }
}

/// The signals that this process ignores: bit n - 1 stands for signal n.
#[derive(Debug, Clone, Copy)]
struct Ignored(u64);

impl Ignored {
    /// As the kernel says (proc(5), /proc/PID/status); none where it does not.
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self::in_status(&status)
    }

    fn in_status(status: &str) -> Self {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        Self(mask.unwrap_or(0))
    }

    fn contains(self, kind: SignalKind) -> bool {
        let number = kind.as_raw_value();
        (1..=64).contains(&number) && (self.0 >> (number - 1)) & 1 == 1
    }

    /// Listens for a signal, unless it is to be ignored.
    fn listen(self, kind: SignalKind) -> io::Result<Option<Signal>> {
        if self.contains(kind) {
            return Ok(None);
        }
        signal(kind).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_what_the_kernel_says() {
        let of = |status: &str| {
            let ignored = Ignored::in_status(status);
            [SignalKind::hangup(), SignalKind::interrupt()].map(|kind| ignored.contains(kind))
        };
        let status =
            |mask: &str| format!("Name:\tsh\nSigBlk:\t0003\nSigIgn:\t{mask}\nSigCgt:\t0003\n");
        assert_eq!(of(&status("0000000000001001")), [true, false]);
        assert_eq!(of(&status("0000000000001003")), [true, true]);
        assert_eq!(of(&status("0000000000001000")), [false, false]);
        assert_eq!(of(""), [false, false]);
    }
}
