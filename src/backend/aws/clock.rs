//! The clock by which requests are timed.
//!
//! Credentials are looked for within the first attempt of a request, and may take some time: a process that
//! prints them may ask a person for a fingerprint. That time is not the service's, so the clock stands still
//! meanwhile. Otherwise the attempt would be given up, the person asked again, and the service reported as
//! not answering.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::{AsyncSleep, Sleep};

/// A clock that can be made to stand still. Clones are the same clock.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<Mutex<Standstill>>);

#[derive(Debug, Default)]
struct Standstill {
    /// Since when it has been standing still, if it is.
    since: Option<Instant>,
    /// How long it stood still before that.
    before: Duration,
}

impl Clock {
    /// Makes it stand still until the returned value is dropped.
    pub(super) fn stand_still(&self) -> impl Drop + use<> {
        self.lock().since = Some(Instant::now());
        Resumed(self.clone())
    }

    /// How long it has stood still in total.
    fn stood(&self) -> Duration {
        let now = self.lock();
        now.before + now.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Standstill> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Restarts the clock when dropped.
struct Resumed(Clock);

impl Drop for Resumed {
    fn drop(&mut self) {
        let mut now = self.0.lock();
        if let Some(since) = now.since.take() {
            now.before += since.elapsed();
        }
    }
}

impl AsyncSleep for Clock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        let mut known = clock.stood();
        Sleep::new(async move {
            let mut left = duration;
            loop {
                tokio::time::sleep(left).await;
                let stood = clock.stood();
                left = stood.saturating_sub(known);
                if left.is_zero() {
                    return;
                }
                known = stood;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn time_in_which_it_stands_still_is_not_counted() {
        const SHORT: Duration = Duration::from_millis(50);
        let clock = Clock::default();
        clock.sleep(SHORT).await;
        let begun = Instant::now();
        let standing = clock.stand_still();
        let mut sleeping = std::pin::pin!(clock.sleep(SHORT));
        let outcome = tokio::time::timeout(10 * SHORT, &mut sleeping).await;
        assert!(outcome.is_err(), "it stands still");
        drop(standing);
        sleeping.await;
        assert!(begun.elapsed() >= 11 * SHORT);
    }
}
