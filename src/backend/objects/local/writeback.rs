//! Getting a long body onto the disk while more of it is being written.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::background::Background;
use super::staged::Staged;

/// Bytes after which a sync is started.
const EVERY: u64 = 16 << 20;

/// Syncs what has been written so far, on a separate thread, and then releases its pages in the
/// cache.
///
/// Little is left to wait for at the commit, and a body of any size keeps reusing the same few pages
/// of the system's cache: pages used just now are faster to fill than new ones, and what other
/// programs have in the cache stays there.
#[derive(Default)]
pub(super) struct Writeback {
    /// Bytes known to have been written.
    written: u64,
    /// Offset up to which a sync has been started.
    begun: u64,
    running: Background,
}

impl Writeback {
    /// Records that `bytes` more have been written to the file, and starts a sync if one is due,
    /// unless the last one is still running.
    ///
    /// # Errors
    /// The error of the previous sync: the system reports an error only once.
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

    /// Waits for the sync in progress, if any.
    ///
    /// # Errors
    /// The error of that sync.
    pub async fn settle(&mut self) -> io::Result<()> {
        self.running.settle().await
    }
}

/// Lets the system reuse the pages between two offsets of a file. This is a hint: if it is not taken,
/// only speed is lost.
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
