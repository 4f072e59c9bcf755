//! The one line on stderr that is redrawn in place.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Pause between two redraws.
const REDRAW: Duration = Duration::from_millis(100);
/// Returns to the start of the line and clears it (ECMA-48, CR and EL).
const CLEAR: &str = "\r\u{1b}[2K";

/// Whether the line is on the screen now; static, because a process has one stderr.
static DRAWN: AtomicBool = AtomicBool::new(false);

/// stderr for whole lines, which replace the status line instead of being appended to it.
pub fn stderr() -> io::Stderr {
    let mut stderr = io::stderr();
    if DRAWN.swap(false, Ordering::Relaxed) {
        // Errors in drawing progress are ignored.
        let _ = stderr.write_all(CLEAR.as_bytes());
    }
    stderr
}

/// A line that shows progress.
#[derive(Debug)]
pub struct StatusLine {
    shown: bool,
    drawn: Option<Instant>,
}

impl StatusLine {
    /// A line that is not `shown` draws nothing.
    pub const fn new(shown: bool) -> Self {
        Self { shown, drawn: None }
    }

    /// Draws what `text` returns, if the line is shown and a redraw is due.
    pub fn draw(&mut self, text: impl FnOnce() -> String) {
        let rests = self.drawn.is_some_and(|drawn| drawn.elapsed() < REDRAW);
        if !self.shown || rests {
            return;
        }
        self.drawn = Some(Instant::now());
        let width = crossterm::terminal::size().map_or(80, |(width, _)| usize::from(width));
        // The last column stays empty: some terminals wrap as soon as it is written.
        let text: String = text().chars().take(width.saturating_sub(1)).collect();
        let mut stderr = io::stderr().lock();
        DRAWN.store(true, Ordering::Relaxed);
        let _ = write!(stderr, "{CLEAR}{text}").and_then(|()| stderr.flush());
    }
}

impl Drop for StatusLine {
    /// Removes the line.
    fn drop(&mut self) {
        let _ = stderr().flush();
    }
}
