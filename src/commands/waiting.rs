//! Progress for somebody who waits for an answer: how much of it has arrived, and that it is being worked on.

use std::time::{Duration, Instant};

use super::invocation::Invocation;
use super::status_line::StatusLine;
use super::work::Sight;
use crate::figures;
use crate::jobs::Update;

/// How long to wait before showing anything: shorter waits need no explanation.
const PATIENCE: Duration = Duration::from_secs(1);

/// The progress of a question, as one line on a terminal.
#[derive(Debug)]
pub struct Waiting {
    line: StatusLine,
    /// `counting`, `examining`.
    doing: &'static str,
    /// The number of tables the question is about; 0 if it is just one.
    tables: usize,
    answered: u64,
    /// Bytes read from objects.
    bytes: u64,
    since: Instant,
}

impl Waiting {
    /// Progress of a question about `tables` tables.
    pub fn new(invocation: &Invocation, doing: &'static str, tables: usize) -> Self {
        Self {
            line: StatusLine::new(invocation.shows_progress()),
            doing,
            tables,
            answered: 0,
            bytes: 0,
            since: Instant::now(),
        }
    }

    /// Counts one more table as answered.
    pub const fn answer(&mut self) {
        self.answered += 1;
    }

    /// Takes over the progress reported by a job, and draws if a redraw is due.
    pub fn take(&mut self, sight: Sight<'_>) {
        if let Sight::Update(_, Update::Progress(now)) = sight {
            self.answered = self.answered.max(now.tables);
            self.bytes = now.bytes;
        }
        self.draw();
    }

    /// Draws if a redraw is due.
    pub fn draw(&mut self) {
        let waited = self.since.elapsed();
        if waited >= PATIENCE {
            let text = text(self.tables, self.answered, self.doing, self.bytes, waited);
            self.line.draw(|| text);
        }
    }
}

fn text(tables: usize, answered: u64, doing: &str, bytes: u64, waited: Duration) -> String {
    let mut parts = Vec::new();
    if tables > 0 {
        parts.push(format!("{answered}/{tables} tables"));
    }
    parts.push(doing.to_owned());
    if bytes > 0 {
        parts.push(format!("{} read", figures::bytes(bytes)));
    }
    parts.push(figures::duration(waited));
    parts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_what_is_done_how_much_of_it_and_for_how_long() {
        let twelve = Duration::from_secs(12);
        let examined = text(11, 3, "examining", 189_000_000, twelve);
        assert_eq!(examined, "3/11 tables  examining  189 MB read  12 s");
        assert_eq!(text(0, 0, "counting", 0, twelve), "counting  12 s");
    }
}
