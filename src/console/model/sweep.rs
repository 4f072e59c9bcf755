//! Which tables are being asked about, and when to ask about the next ones.
//!
//! A *sweep* goes over all tables in chunks. If there is more than one chunk, the tables on the screen have
//! questions of their own alongside it, so that what the user looks at is counted first and stays fresh,
//! however long the sweep over the others takes.

use std::collections::{HashMap, VecDeque};

use crate::backend::source::Precision;
use crate::jobs::JobId;
use crate::vocabulary::{TableName, Watermark};

/// Number of tables in one question of a sweep.
pub const CHUNK: usize = 64;

/// The questions about tables.
#[derive(Debug, Default)]
pub struct Rounds {
    /// The sweep under way.
    pub sweep: Option<Sweep>,
    /// When the list of tables was requested, if that is under way.
    pub listing: Option<Watermark>,
    /// When the next sweep starts.
    pub due: Option<Watermark>,
    /// Number of sweeps that have ended with every service in reach.
    pub done: u64,
    /// The question about the tables on the screen, if one is under way.
    pub screen: Option<Asked>,
    /// How long questions about the screen take.
    pub screen_takes: Toll,
    /// How long sweeps take.
    pub sweep_takes: Toll,
    /// Questions about particular tables that are under way.
    pub asked: HashMap<JobId, Vec<TableName>>,
    /// Number of failed tries since a service went out of reach.
    pub failures: u32,
    /// Since when a service has been out of reach.
    pub down_since: Option<Watermark>,
}

/// Minimum pause between two questions, in microseconds.
pub const PAUSE: i64 = 5_000_000;
/// Pause after a question, as a multiple of the time that the question took.
const EASE: i64 = 10;
/// Maximum pause, even after questions that take very long.
const MOST: i64 = 120_000_000;

/// How long the last two questions of a kind took, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Toll {
    last: i64,
    before: i64,
}

impl Toll {
    /// Records how long another question took.
    pub const fn took(&mut self, micros: i64) {
        (self.before, self.last) = (self.last, micros);
    }

    /// The pause after the last question, by the shorter of the last two durations: a single slow answer was
    /// most likely queued somewhere, and cost the server nothing.
    #[must_use]
    pub fn pause(self) -> i64 {
        let cost = self.last.min(self.before);
        cost.saturating_mul(EASE).clamp(PAUSE, MOST)
    }
}

/// A question, and when it was asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub job: JobId,
    pub at: Watermark,
}

/// A round of questions about all tables.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The question about the current chunk.
    pub job: JobId,
    pub began: Watermark,
    pub precision: Precision,
    /// The tables yet to be asked about.
    pub queue: VecDeque<TableName>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_long_every_time_is_asked_more_seldom() {
        let mut toll = Toll::default();
        let mut pause_after = |seconds: i64| {
            toll.took(seconds * 1_000_000);
            toll.pause() / 1_000_000
        };
        assert_eq!(pause_after(1), 5);
        assert_eq!(pause_after(180), 10, "it was kept waiting");
        assert_eq!(pause_after(1), 10);
        assert_eq!(pause_after(8), 10);
        assert_eq!(pause_after(9), 80);
        assert_eq!(pause_after(60), 90);
        assert_eq!(pause_after(60), 120, "never longer");
    }
}
