//! The one line on stderr that is drawn over itself.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two drawings.
const REDRAW: Duration = Duration::from_millis(100);
/// Back to the line's start and clear it (ECMA-48, CR and EL).
const CLEAR: &str = "\r\u{1b}[2K";

/// Whether it is there now: of all that is written to stderr, which a process has once.
static DRAWN: AtomicBool = AtomicBool::new(false);

/// stderr for whole lines: not beside the one that is drawn over itself, but in its place.
pub fn stderr() -> io::Stderr {
    let mut stderr = io::stderr();
    if DRAWN.swap(false, Ordering::Relaxed) {
        // A progress that cannot be drawn is nobody's loss.
        let _ = stderr.write_all(CLEAR.as_bytes());
    }
    stderr
}

/// A line that shows how far something is.
#[derive(Debug)]
pub struct StatusLine {
    shown: bool,
    drawn: Option<Instant>,
}

impl StatusLine {
    /// One that is not shown draws nothing.
    pub const fn new(shown: bool) -> Self {
        Self { shown, drawn: None }
    }

    /// Draws what `text` gives, if it is shown and time for it.
    pub fn draw(&mut self, text: impl FnOnce() -> String) {
        let rests = self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW);
        if !self.shown || rests {
            return;
        }
        self.drawn = Some(Instant::now());
        let width = crossterm::terminal::size().map_or(80, |(width, _)| usize::from(width));
        // The last column stays free: some terminals wrap as soon as it is written.
        let text: String = text().chars().take(width.saturating_sub(1)).collect();
        let mut stderr = io::stderr().lock();
        DRAWN.store(true, Ordering::Relaxed);
        let _ = write!(stderr, "{CLEAR}{text}").and_then(|()| stderr.flush());
    }
}

impl Drop for StatusLine {
    /// Takes the line away.
    fn drop(&mut self) {
        let _ = stderr().flush();
    }
}
