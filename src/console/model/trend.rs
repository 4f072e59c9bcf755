//! Pending rows at the last few counts.

use std::collections::VecDeque;

/// Number of counts remembered: five minutes at one every five seconds.
const REMEMBERED: usize = 60;

/// Pending rows of one table since the console was started, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trend {
    counts: VecDeque<u64>,
}

impl Trend {
    /// Adds an exact count.
    pub fn push(&mut self, pending: u64) {
        if self.counts.len() == REMEMBERED {
            self.counts.pop_front();
        }
        self.counts.push_back(pending);
    }

    /// The newest `most` counts, oldest first.
    pub fn newest(&self, most: usize) -> impl Iterator<Item = u64> {
        let skipped = self.counts.len().saturating_sub(most);
        self.counts.iter().skip(skipped).copied()
    }
}
