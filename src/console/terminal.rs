//! The terminal: taken over, and restored on every way out.

use std::io::{self, IsTerminal, Stdout, Write, stdin, stdout};
use std::mem::ManuallyDrop;
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use crossterm::execute;
use crossterm::style::Print;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};
use ratatui::{Frame, Terminal};

use super::ConsoleError;

/// Makes the terminal report buttons and the wheel (xterm, "Mouse Tracking": 1000), with coordinates of any size
/// (1006). Crossterm would have every movement reported as well, which has no use here: over a slow connection,
/// typed keys would queue up behind the reports.
const CLICKS_AND_WHEEL: &str = "\u{1b}[?1000h\u{1b}[?1006h";

/// Bytes of a sequence that are passed to GNU screen at once: it truncates strings beyond a maximum length.
const PASSED_ON: usize = 200;

/// Whether the terminal is taken over, so that it is restored exactly once, whoever comes first.
static TAKEN: AtomicBool = AtomicBool::new(false);

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// The terminal while it belongs to the console. Dropping this restores it.
pub struct TakenTerminal {
    /// Never dropped: that would show the cursor once more and, if the terminal has gone away, report the failure on
    /// it, which panics.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
    mouse: bool,
    hook: Arc<Hook>,
}

impl TakenTerminal {
    /// Takes over the terminal: raw mode, alternate screen, bracketed paste, the mouse.
    ///
    /// From here on, a panic in this thread restores the terminal before it is reported. A panic in any other
    /// thread is that of a job, which reports it as its own error; here it is only logged.
    ///
    /// # Errors
    /// [`ConsoleError::NoTerminal`], [`ConsoleError::DumbTerminal`], and [`ConsoleError::Terminal`] if the terminal
    /// cannot be set up.
    pub fn enter() -> Result<Self, ConsoleError> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(ConsoleError::NoTerminal);
        }
        // Shells within editors set this: they would show every escape sequence as text.
        if std::env::var_os("TERM").is_some_and(|name| name == "dumb") {
            return Err(ConsoleError::DumbTerminal);
        }
        let hook = chain_panic_hook();
        let taken = take(true).and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match taken {
            Ok(terminal) => Ok(Self {
                terminal: ManuallyDrop::new(terminal),
                mouse: true,
                hook,
            }),
            Err(error) => {
                give_back();
                restore_panic_hook(hook);
                Err(error.into())
            }
        }
    }

    /// The size in columns and lines.
    ///
    /// # Errors
    /// If the terminal does not report its size.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame, writing only what differs from the last one.
    ///
    /// # Errors
    /// If writing to the terminal fails.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(view)?;
        Ok(())
    }

    /// Forgets what the terminal shows, so that the next frame is written in full.
    ///
    /// # Errors
    /// If the size of the terminal cannot be read, or writing to it fails.
    pub fn repaint(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal for its cursor position, and the reply would go to the event
        // stream, which reads the same input.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Captures the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// If writing to the terminal fails.
    pub fn capture_mouse(&mut self, capture: bool) -> io::Result<()> {
        self.mouse = capture;
        if capture {
            execute!(stdout(), Print(CLICKS_AND_WHEEL))
        } else {
            execute!(stdout(), DisableMouseCapture)
        }
    }

    /// Copies text to the clipboard of the terminal (OSC 52), which works over SSH. Multiplexers consume the
    /// sequence themselves, so within one it is also sent wrapped, to be passed on.
    ///
    /// # Errors
    /// If writing to the terminal fails.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let mut sequence = String::new();
        // Writing to a String cannot fail.
        let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
        let out = self.terminal.backend_mut();
        out.write_all(sequence.as_bytes())?;
        let wrapped = Multiplexer::of(&|name| std::env::var(name).ok());
        if let Some(wrapped) = wrapped.map(|around| around.wrap(&sequence)) {
            out.write_all(wrapped.as_bytes())?;
        }
        out.flush()
    }

    /// Restores the terminal for a while.
    pub fn leave(&mut self) {
        // Anything left in the buffer belongs on the screen that is being left.
        let _ = self.terminal.backend_mut().flush();
        give_back();
    }

    /// Takes over the terminal again, whatever has used it meanwhile.
    ///
    /// # Errors
    /// If the terminal cannot be set up.
    pub fn enter_again(&mut self) -> io::Result<()> {
        take(self.mouse)?;
        self.repaint()
    }
}

impl Drop for TakenTerminal {
    fn drop(&mut self) {
        give_back();
        // Setting a hook while panicking would abort the program.
        if !thread::panicking() {
            restore_panic_hook(Arc::clone(&self.hook));
        }
    }
}

/// The multiplexer around the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Multiplexer {
    Tmux,
    Screen,
}

impl Multiplexer {
    /// Detects the multiplexer from the environment. If it runs on the machine that the user came from, only the
    /// name of the terminal remains; both multiplexers may use the name `screen`, and a sequence meant for one
    /// would appear as text in the other.
    fn of(variable: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let is_tmux = variable("TERM").is_some_and(|name| name.starts_with("tmux"));
        if is_tmux || variable("TMUX").is_some() {
            return Some(Self::Tmux);
        }
        variable("STY").map(|_| Self::Screen)
    }

    /// Wraps a sequence so that it is passed on: by tmux if `allow-passthrough` is on (tmux(1)), by GNU screen in
    /// pieces of a bounded length.
    fn wrap(self, sequence: &str) -> String {
        match self {
            Self::Tmux => {
                let doubled = sequence.replace('\u{1b}', "\u{1b}\u{1b}");
                format!("\u{1b}Ptmux;{doubled}\u{1b}\\")
            }
            Self::Screen => {
                // End the sequence with BEL: ESC \ would end the piece.
                let sequence = sequence.replace("\u{1b}\\", "\u{7}");
                let mut pieces = String::new();
                for piece in sequence.as_bytes().chunks(PASSED_ON) {
                    pieces.push_str("\u{1b}P");
                    pieces.push_str(&String::from_utf8_lossy(piece));
                    pieces.push_str("\u{1b}\\");
                }
                pieces
            }
        }
    }
}

fn take(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)?;
    if mouse {
        execute!(stdout(), Print(CLICKS_AND_WHEEL))?;
    }
    Ok(())
}

/// Undoes all of [`take`], including steps that may not have been taken. A terminal that has gone away cannot be
/// restored, and that is not an error.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = execute!(
        stdout(),
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
    let _ = stdout().flush();
}

fn chain_panic_hook() -> Arc<Hook> {
    let before: Arc<Hook> = Arc::from(panic::take_hook());
    let console = thread::current().id();
    let chained = Arc::clone(&before);
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == console {
            give_back();
            chained(info);
        } else {
            tracing::error!(%info, "a job panicked");
        }
    }));
    before
}

fn restore_panic_hook(before: Arc<Hook>) {
    panic::set_hook(Box::new(move |info| before(info)));
}

#[cfg(test)]
mod tests {
    use super::Multiplexer;

    #[test]
    fn what_is_copied_is_wrapped_for_the_multiplexer_that_it_has_to_pass() {
        let around = |set: &[(&str, &str)]| {
            Multiplexer::of(&|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let term = ("TERM", "screen-256color");
        assert_eq!(around(&[("TERM", "xterm-256color")]), None);
        assert_eq!(around(&[term]), None, "nothing tells which it is");
        assert_eq!(
            around(&[("TERM", "tmux-256color")]),
            Some(Multiplexer::Tmux)
        );
        assert_eq!(
            around(&[term, ("TMUX", "/tmp/x,1,0")]),
            Some(Multiplexer::Tmux)
        );
        assert_eq!(
            around(&[term, ("STY", "12.tty")]),
            Some(Multiplexer::Screen)
        );
        let long = format!("\u{1b}]52;c;{}\u{1b}\\", "QQ==".repeat(200));
        let passed = Multiplexer::Screen.wrap(&long);
        let pieces: Vec<&str> = passed.split_inclusive("\u{1b}\\").collect();
        assert!(pieces.len() > 3 && pieces.iter().all(|piece| piece.len() <= 256));
        let inside = pieces.iter().map(|piece| {
            let piece = piece.strip_prefix("\u{1b}P").expect("it begins a piece");
            piece.strip_suffix("\u{1b}\\").expect("and ends it")
        });
        let inside: String = inside.collect();
        assert_eq!(inside, long.replace("\u{1b}\\", "\u{7}"));
    }
}
