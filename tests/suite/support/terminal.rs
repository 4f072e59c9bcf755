//! A program in a pseudo-terminal, and its screen.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::StateFolder;
use highwater::console::model::question::READING;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// The first start of the demo creates a cluster and fills it.
const PATIENCE: Duration = Duration::from_secs(90);

/// A program in its own terminal.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Running,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    /// Set when the reader is to let go of the terminal.
    closing: Arc<AtomicBool>,
    state: StateFolder,
}

impl Terminal {
    /// The console on a demo of its own.
    pub fn console(size: (u16, u16)) -> Self {
        Self::start(&[env!("CARGO_BIN_EXE_highwater"), "--demo"], size)
    }

    /// `command` in a terminal of `columns` and `lines`, with its own state folder.
    pub fn start(command: &[&str], (columns, lines): (u16, u16)) -> Self {
        let state = StateFolder::new();
        let size = PtySize {
            rows: lines,
            cols: columns,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let child = pair
            .slave
            .spawn_command(with_environment(command, state.path()))
            .expect("it starts");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(
            cells(lines),
            cells(columns),
            0,
        )));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let shown = Arc::clone(&screen);
        let raw = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&raw);
        let closing = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&closing);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read) = reader.read(&mut bytes) {
                if read == 0 || ends.load(Ordering::SeqCst) {
                    break;
                }
                kept.lock()
                    .expect("no panic")
                    .extend_from_slice(&bytes[..read]);
                shown.lock().expect("no panic").process(&bytes[..read]);
            }
        });
        Self {
            writer: pair.master.take_writer().expect("a writer"),
            master: pair.master,
            child: Running(child),
            screen,
            raw,
            closing,
            state,
        }
    }

    /// Types `keys`.
    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("typed");
        self.writer.flush().expect("typed");
    }

    /// Changes the size of the terminal's window.
    pub fn resize(&self, columns: u16, lines: u16) {
        let size = PtySize {
            rows: lines,
            cols: columns,
            ..PtySize::default()
        };
        self.master.resize(size).expect("resized");
        let mut screen = self.screen.lock().expect("no panic");
        screen.screen_mut().set_size(cells(lines), cells(columns));
    }

    /// Passes the current screen to `at`.
    pub fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.screen.lock().expect("no panic").screen())
    }

    /// Whether the program has written these bytes.
    pub fn has_written(&self, bytes: &[u8]) -> bool {
        let raw = self.raw.lock().expect("no panic");
        raw.windows(bytes.len()).any(|window| window == bytes)
    }

    /// The program's own folder, which it is started in.
    pub fn folder(&self) -> &Path {
        self.state.path()
    }

    /// Closes the terminal under the program, like a lost connection, waits until the program has ended, and returns
    /// its exit code, or else the signal that has killed it.
    pub fn close(self) -> Result<u32, String> {
        let Self {
            master,
            mut child,
            writer,
            closing,
            ..
        } = self;
        // The reader has the terminal open as well; the console's clock wakes it within a second.
        closing.store(true, Ordering::SeqCst);
        drop((master, writer));
        // A program that another test started at the moment the terminal was opened may hold it as well, for as
        // long as it runs.
        let deadline = Instant::now() + 4 * PATIENCE;
        loop {
            if let Some(status) = child.0.try_wait().expect("a child") {
                let killed = status.signal().map(str::to_owned);
                return killed.map_or_else(|| Ok(status.exit_code()), Err);
            }
            assert!(Instant::now() < deadline, "it outlives its terminal");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        self.look(vt100::Screen::contents)
    }

    /// Waits until `is` holds for the screen.
    pub fn wait(&self, what: &str, is: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !self.look(&is) {
            assert!(Instant::now() < deadline, "never {what}:\n{}", self.text());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until the screen shows `text`.
    pub fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Answers yes to a question that comes up by itself, which cannot be answered as soon as it is shown.
    pub fn agree(&mut self, question: &str) {
        let reading = Duration::from_micros(READING.unsigned_abs());
        let is_asked = |screen: &vt100::Screen| screen.contents().contains(question);
        let is_early = |screen: &vt100::Screen| screen.contents().contains("press it again");
        self.wait("asked", is_asked);
        thread::sleep(reading);
        self.press("y");
        self.wait("heard", |screen| is_early(screen) || !is_asked(screen));
        // The console counts the time from when it learns that the question has been drawn, which may be late on a
        // busy machine; by now it knows.
        if self.look(is_asked) {
            thread::sleep(reading);
            self.press("y");
            self.wait("answered", |screen| !is_asked(screen));
        }
    }

    /// Waits until the program has ended, and returns its exit code.
    pub fn wait_for_end(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.0.try_wait().expect("a child") {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "never ends:\n{}", self.text());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        let id = self.child.0.process_id().expect("it runs");
        let id = i32::try_from(id).ok().and_then(Pid::from_raw);
        kill_process(id.expect("a process id"), signal).expect("it is there");
    }

    /// Whether the terminal is in the state that a shell expects.
    pub fn is_restored(screen: &vt100::Screen) -> bool {
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }

    /// Whether the shell has the restored terminal, and reads it: what is typed while the console ends may be lost.
    pub fn is_at_a_prompt(screen: &vt100::Screen) -> bool {
        Self::is_restored(screen) && screen.contents().trim_end().ends_with(['#', '$'])
    }
}

/// A program that does not outlive its test.
struct Running(Box<dyn Child + Send + Sync>);

impl Drop for Running {
    fn drop(&mut self) {
        // A failed test may have left it running; if it has ended, killing it fails harmlessly.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a terminal has cells")
}

fn with_environment(command: &[&str], state: &Path) -> CommandBuilder {
    let mut builder = CommandBuilder::new(command[0]);
    builder.args(&command[1..]);
    builder.cwd(state);
    builder.env("TERM", "xterm-256color");
    builder.env("XDG_STATE_HOME", state);
    builder.env("XDG_CONFIG_HOME", state);
    builder.env_remove("TMUX");
    builder.env_remove("NO_COLOR");
    builder.env_remove("HIGHWATER_CONFIG");
    builder.env_remove("HIGHWATER_PROFILE");
    builder
}
