//! A bounded rate of requests.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many turns may be taken in a row after a pause: enough for the two values of one batch.
const BURST: u32 = 2;

/// Turns at a bounded rate: a token bucket of [`BURST`] tokens.
///
/// Stored as the moment at which the bucket is full again, from which everything else follows
/// (the generic cell rate algorithm). Turns are granted in the order in which they are requested.
#[derive(Debug)]
pub(super) struct Pace {
    between: Duration,
    full_at: Mutex<Instant>,
}

impl Pace {
    /// `rate` turns a second.
    pub fn of(rate: NonZeroU32) -> Self {
        Self {
            between: Duration::from_secs(1) / rate.get(),
            full_at: Mutex::new(Instant::now()),
        }
    }

    /// Waits for the next turn. If the wait is cancelled, the turn is lost.
    pub async fn turn(&self) {
        tokio::time::sleep_until(self.take(Instant::now())).await;
    }

    /// Takes a turn, and returns the moment at which it comes.
    fn take(&self, now: Instant) -> Instant {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        *full_at = now.max(*full_at) + self.between;
        (*full_at - self.between * BURST).max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let pace = Pace::of(NonZeroU32::new(4).expect("four"));
        let now = *pace.full_at.lock().expect("nobody panics");
        let waits = |at: Instant, turns: usize| -> Vec<u128> {
            (0..turns)
                .map(|_| (pace.take(at) - at).as_millis())
                .collect()
        };
        assert_eq!(waits(now, 5), [0, 0, 250, 500, 750]);
        let later = now + Duration::from_secs(1);
        assert_eq!(waits(later, 2), [0, 250], "one token has come back");
        let much_later = now + Duration::from_mins(1);
        assert_eq!(waits(much_later, 3), [0, 0, 250], "and never more than two");
    }
}
