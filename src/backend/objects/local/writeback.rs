//! Getting a long body to the disk while more of it is written.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::background::Background;
use super::staged::Staged;

/// After so many bytes the disk is set to work.
const EVERY: u64 = 16 << 20;

/// Syncs what has been written so far, on a thread of its own, and then lets go of the pages it lay
/// in.
///
/// Little is left to wait for at the commit, and a body of any size takes the same few pages of the
/// system's cache over and over: pages that were used just now are faster to fill than new ones, and
/// what others have in the cache stays there.
#[derive(Default)]
pub(super) struct Writeback {
    /// Size of what is known to be written.
    written: u64,
    /// Up to where a sync has been begun.
    begun: u64,
    running: Background,
}

impl Writeback {
    /// Takes note of `bytes` more that have been written to the file, and begins a sync where it is
    /// time, unless one is still on its way.
    ///
    /// # Errors
    /// What the sync before it has said: the system tells of an error only once.
    pub async fn wrote(&mut self, bytes: usize, staged: &Arc<Staged>) -> io::Result<()> {
        self.written += bytes as u64;
        if self.running.is_running() || self.written - self.begun < EVERY {
            return Ok(());
        }
        self.settle().await?;
        let (from, to) = (self.begun, self.written);
        let staged = Arc::clone(staged);
        self.running = Background::begin(move || {
            staged.file().sync_data()?;
            forget(staged.file(), from, to);
            Ok(())
        });
        self.begun = to;
        Ok(())
    }

    /// Waits for the sync on its way, if there is one.
    ///
    /// # Errors
    /// What it says.
    pub async fn settle(&mut self) -> io::Result<()> {
        self.running.settle().await
    }
}

/// Lets the system reuse the pages between two places of a file. It is a hint: where it is not taken,
/// nothing is lost but speed.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn forget(file: &File, from: u64, to: u64) {
    let Some(length) = std::num::NonZeroU64::new(to - from) else {
        return;
    };
    if let Err(error) = rustix::fs::fadvise(file, from, Some(length), rustix::fs::Advice::DontNeed)
    {
        tracing::debug!(%error, "pages of a body stay in the cache");
    }
}

/// There is no such hint on this system.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn forget(_file: &File, _from: u64, _to: u64) {}
