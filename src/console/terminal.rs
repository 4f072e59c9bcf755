//! The terminal: taken over, and given back on every way out.

use std::io::{self, IsTerminal, Stdout, Write, stdin, stdout};
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

/// Has the terminal report buttons and the wheel (xterm, "Mouse Tracking": 1000), by coordinates of any size
/// (1006). Crossterm would have every movement reported as well, which means nothing here: over a slow connection
/// what is typed would wait behind it.
const CLICKS_AND_WHEEL: &str = "\u{1b}[?1000h\u{1b}[?1006h";

/// Whether the terminal is taken over, so that it is given back once, whoever comes first.
static TAKEN: AtomicBool = AtomicBool::new(false);

type Hook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

/// The terminal while it belongs to the console. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
    hook: Arc<Hook>,
}

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, bracketed paste, the mouse.
    ///
    /// From here on a panic in this thread gives the terminal back before it is reported; one in
    /// any other thread is that of a job, which reports it as its own error, and is only logged.
    ///
    /// # Errors
    /// [`ConsoleError::NoTerminal`], [`ConsoleError::DumbTerminal`], and [`ConsoleError::Terminal`] where it
    /// cannot be set up.
    pub fn enter() -> Result<Self, ConsoleError> {
        if !stdin().is_terminal() || !stdout().is_terminal() {
            return Err(ConsoleError::NoTerminal);
        }
        // Shells within editors say so: they would show every sequence as text.
        if std::env::var_os("TERM").is_some_and(|name| name == "dumb") {
            return Err(ConsoleError::DumbTerminal);
        }
        let hook = chain_panic_hook();
        let taken = take(true).and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match taken {
            Ok(terminal) => Ok(Self {
                terminal,
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

    /// Columns and lines.
    ///
    /// # Errors
    /// Where the terminal does not tell.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Draws a frame; only what differs from the last one is written.
    ///
    /// # Errors
    /// Where the terminal does not take it.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(view)?;
        Ok(())
    }

    /// Forgets what the terminal shows, so that the next frame is written as a whole.
    ///
    /// # Errors
    /// Where the terminal does not take it.
    pub fn repaint(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal where its cursor is, and the answer would go to
        // the event stream, which reads the same input.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// Where the terminal does not take it.
    pub fn capture_mouse(&mut self, capture: bool) -> io::Result<()> {
        self.mouse = capture;
        if capture {
            execute!(stdout(), Print(CLICKS_AND_WHEEL))
        } else {
            execute!(stdout(), DisableMouseCapture)
        }
    }

    /// Puts text into the clipboard of the terminal (OSC 52), which works over SSH. tmux keeps the
    /// sequence to itself unless it is told otherwise (`set-clipboard on`), so that there it is also
    /// wrapped to be passed on (tmux(1), `allow-passthrough`).
    ///
    /// # Errors
    /// Where the terminal does not take it.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let mut sequence = String::new();
        // Writing to a String cannot fail.
        let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
        let out = self.terminal.backend_mut();
        out.write_all(sequence.as_bytes())?;
        if std::env::var_os("TMUX").is_some() {
            let wrapped = sequence.replace('\u{1b}', "\u{1b}\u{1b}");
            write!(out, "\u{1b}Ptmux;{wrapped}\u{1b}\\")?;
        }
        out.flush()
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) {
        // What is left in the buffer belongs on the screen that is being left.
        let _ = self.terminal.backend_mut().flush();
        give_back();
    }

    /// Takes it over again, whoever had it meanwhile.
    ///
    /// # Errors
    /// Where the terminal does not take it.
    pub fn enter_again(&mut self) -> io::Result<()> {
        take(self.mouse)?;
        self.repaint()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
        // Setting a hook while panicking would abort the program.
        if !thread::panicking() {
            restore_panic_hook(Arc::clone(&self.hook));
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

/// Undoes all of [`take`], and more than was done where it is not known what was. A terminal that
/// has gone cannot be restored, which is no error any more.
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
