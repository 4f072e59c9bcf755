//! How far a long verb has come, and the request to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::error::{Error, Result};

/// How long what should not be left half done may still take once a stop is requested.
const GRACE: Duration = Duration::from_secs(5);

/// What a verb is doing right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Phase {
    /// Not started, or waiting for its turn to run.
    Waiting,
    /// Reading the stored values and looking for the newest object.
    Reading,
    /// Counting the rows of the batch in the snapshot.
    Counting,
    /// Copying rows from the source into the object.
    Copying,
    /// Creating the object and writing the two values.
    Committing,
}

impl Phase {
    const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Reading,
        Self::Counting,
        Self::Copying,
        Self::Committing,
    ];

    /// One word for a screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Reading => "reading",
            Self::Counting => "counting",
            Self::Copying => "copying",
            Self::Committing => "committing",
        }
    }
}

/// Counters of one verb: it writes them, and anything may read them, without locks.
#[derive(Debug, Default)]
pub struct Progress {
    phase: AtomicU8,
    rows: AtomicU64,
    bytes: AtomicU64,
    total_rows: AtomicU64,
    objects: AtomicU64,
    tables: AtomicU64,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressSnapshot {
    pub phase: Phase,
    /// Rows encoded so far.
    pub rows: u64,
    /// Bytes of body produced, or read, so far.
    pub bytes: u64,
    /// Rows to be encoded in all; 0 while unknown.
    pub total_rows: u64,
    /// Objects committed so far.
    pub objects: u64,
    /// Tables examined so far.
    pub tables: u64,
}

impl Progress {
    /// The counters now.
    #[must_use]
    pub fn snapshot(&self) -> ProgressSnapshot {
        ProgressSnapshot {
            phase: Phase::ALL[usize::from(self.phase.load(Ordering::Relaxed)) % Phase::ALL.len()],
            rows: self.rows.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            total_rows: self.total_rows.load(Ordering::Relaxed),
            objects: self.objects.load(Ordering::Relaxed),
            tables: self.tables.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// Sets the total to the rows encoded so far plus `rows`. The rows of an abandoned object stay counted.
    pub(crate) fn expect_rows_left(&self, rows: u64) {
        let so_far = self.rows.load(Ordering::Relaxed);
        self.total_rows.store(so_far + rows, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, rows: u64, bytes: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn table_examined(&self) {
        self.tables.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn object_committed(&self) {
        self.objects.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a long verb takes besides its arguments.
#[derive(Debug, Clone, Default)]
pub struct Context {
    pub progress: Arc<Progress>,
    pub cancel: CancellationToken,
}

impl Context {
    /// Does `work`, unless a stop is requested first. For work that may be dropped at any point.
    ///
    /// # Errors
    /// [`Error::Cancelled`] once a stop has been requested, otherwise the errors of `work`.
    pub async fn until_cancelled<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            done = work => done,
        }
    }

    /// Does `work`; once a stop is requested, it has a few seconds left. For work that should not be left half
    /// done, but can be: the next run finds out how far it came.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if it was given up, otherwise the errors of `work`.
    pub async fn until_given_up<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let given_up = async {
            self.cancel.cancelled().await;
            sleep(GRACE).await;
        };
        tokio::select! {
            biased;
            done = work => done,
            () = given_up => Err(Error::Cancelled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn after_a_stop_what_should_not_be_left_half_done_still_comes_to_its_end() {
        let context = Context::default();
        context.cancel.cancel();
        let work = || async {
            sleep(Duration::from_millis(20)).await;
            Ok(())
        };
        assert!(context.until_given_up(work()).await.is_ok());
        assert!(context.until_cancelled(work()).await.is_err());
    }
}
