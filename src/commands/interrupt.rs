//! Signals that ask a command to stop.

use std::future::pending;
use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::error::CommandError;
use super::exit::Exit;
use super::notes::Notes;

/// Returns a token that is cancelled by the first SIGINT, SIGTERM or SIGHUP. The second signal ends the program at
/// once. SIGHUP stays ignored if it was ignored when the program started: that is how `nohup` keeps a command running.
/// The other signals always count, although a shell script starts its background processes with SIGINT ignored: whoever
/// sends one means it. Must be called within a tokio runtime.
///
/// # Errors
/// [`CommandError::Io`] if the handlers cannot be installed.
pub fn watch(notes: Notes) -> Result<CancellationToken, CommandError> {
    let listen = |kind| {
        signal(kind).map_err(|cause| CommandError::Io {
            doing: "listening for signals".to_owned(),
            cause,
        })
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let hang_up = SignalKind::hangup();
    let mut hang_up = if is_ignored(hang_up) {
        None
    } else {
        Some(listen(hang_up)?)
    };
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                () = received(&mut hang_up) => {}
            }
            if cancel.is_cancelled() {
                process::exit(i32::from(Exit::Interrupted.code()));
            }
            notes.note("stopping cleanly; a second signal stops at once");
            cancel.cancel();
        }
    });
    Ok(token)
}

/// Waits for a signal; waits for ever if the signal is not listened for.
async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => pending().await,
    }
}

/// Whether this process ignores a signal, according to the kernel (proc(5), /proc/PID/status); `false` on systems
/// without that file.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    is_ignored_in(&status, kind)
}

/// In the mask of ignored signals, bit n - 1 stands for signal n.
fn is_ignored_in(status: &str, kind: SignalKind) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let number = kind.as_raw_value();
    (1..=64).contains(&number) && (mask.unwrap_or(0) >> (number - 1)) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_what_the_kernel_says() {
        let of = |status: &str| {
            [SignalKind::hangup(), SignalKind::interrupt()].map(|kind| is_ignored_in(status, kind))
        };
        let status =
            |mask: &str| format!("Name:\tsh\nSigBlk:\t0003\nSigIgn:\t{mask}\nSigCgt:\t0003\n");
        assert_eq!(of(&status("0000000000001001")), [true, false]);
        assert_eq!(of(&status("0000000000001003")), [true, true]);
        assert_eq!(of(&status("0000000000001000")), [false, false]);
        assert_eq!(of(""), [false, false]);
    }
}
