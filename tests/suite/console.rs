//! Whole runs of the console in a pseudo-terminal, over the built-in demo.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// The first start of the demo makes a cluster and fills it.
const PATIENCE: Duration = Duration::from_secs(90);

/// A program in a terminal of its own.
struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    _state: tempfile::TempDir,
}

impl Terminal {
    /// The console over a demo of its own.
    fn console(size: (u16, u16)) -> Self {
        Self::start(&[env!("CARGO_BIN_EXE_highwater"), "--demo"], size)
    }

    fn start(command: &[&str], (columns, lines): (u16, u16)) -> Self {
        let state = tempfile::tempdir().expect("a folder");
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
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read) = reader.read(&mut bytes) {
                if read == 0 {
                    break;
                }
                shown.lock().expect("no panic").process(&bytes[..read]);
            }
        });
        Self {
            writer: pair.master.take_writer().expect("a writer"),
            master: pair.master,
            child,
            screen,
            _state: state,
        }
    }

    fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("typed");
        self.writer.flush().expect("typed");
    }

    fn resize(&self, columns: u16, lines: u16) {
        let size = PtySize {
            rows: lines,
            cols: columns,
            ..PtySize::default()
        };
        self.master.resize(size).expect("resized");
        let mut screen = self.screen.lock().expect("no panic");
        screen.screen_mut().set_size(cells(lines), cells(columns));
    }

    fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.screen.lock().expect("no panic").screen())
    }

    fn text(&self) -> String {
        self.look(vt100::Screen::contents)
    }

    /// Waits until the screen is as it should be.
    fn wait(&self, what: &str, is: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !self.look(&is) {
            assert!(Instant::now() < deadline, "never {what}:\n{}", self.text());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the program has ended; gives its exit code.
    fn wait_for_end(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.exit_code();
            }
            assert!(Instant::now() < deadline, "never ends:\n{}", self.text());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.process_id().expect("it runs");
        let id = i32::try_from(id).ok().and_then(Pid::from_raw);
        kill_process(id.expect("a process id"), signal).expect("it is there");
    }

    /// Whether the terminal is as a shell wants it.
    fn is_restored(screen: &vt100::Screen) -> bool {
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed may have left it running; one that has ended cannot be killed again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a terminal has cells")
}

fn with_environment(command: &[&str], state: &Path) -> CommandBuilder {
    let mut builder = CommandBuilder::new(command[0]);
    builder.args(&command[1..]);
    builder.env("TERM", "xterm-256color");
    builder.env("XDG_STATE_HOME", state);
    builder.env("XDG_CONFIG_HOME", state);
    builder.env_remove("NO_COLOR");
    builder.env_remove("HIGHWATER_CONFIG");
    builder.env_remove("HIGHWATER_PROFILE");
    builder
}

#[test]
fn the_console_starts_over_the_demo_ingests_and_leaves_the_terminal_as_it_was() {
    let mut terminal = Terminal::start(&["sh", "-c", &in_a_shell("")], (80, 24));
    terminal.wait_for("highwater");
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 11");
    terminal.press("i");
    terminal.wait_for("transaction_0");
    terminal.press("\ry");
    terminal.wait_for("ingest transaction: ");
    terminal.press("q");
    terminal.wait("restored", Terminal::is_restored);
    terminal.wait_for("ended with 0");
    terminal.wait_for("same modes");
    assert_eq!(terminal.wait_for_end(), 0);
}

/// A shell that runs the console and tells whether the modes of the terminal are as before.
fn in_a_shell(arguments: &str) -> String {
    let binary = env!("CARGO_BIN_EXE_highwater");
    format!(
        "before=$(stty -g); '{binary}' --demo {arguments}; echo ended with $?; \
         [ \"$before\" = \"$(stty -g)\" ] && echo same modes"
    )
}

#[test]
fn an_edit_is_made_by_keys_alone() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.press("/counterparty\r");
    terminal.wait_for("Tables 1 of 11");
    terminal.wait_for("rows ·");
    terminal.press("e");
    terminal.wait_for("Edit counterparty");
    terminal.press("-3h\t\tchecked by a test");
    terminal.wait_for("/timestamp   version");
    terminal.press("\r");
    terminal.wait_for("Change counterparty?");
    terminal.press("y");
    terminal.wait_for("edit counterparty: 1 value written");
    terminal.press("L");
    terminal.wait_for("counterparty    edit");
    terminal.press("\r");
    terminal.wait_for("checked by a test");
    terminal.press("qqq");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn without_colour_the_selection_is_reversed_all_the_same() {
    let mut terminal = Terminal::start(
        &[
            "env",
            "NO_COLOR=1",
            env!("CARGO_BIN_EXE_highwater"),
            "--demo",
        ],
        (80, 24),
    );
    terminal.wait_for("payment_type");
    let is_selected = |screen: &vt100::Screen| {
        let cells = (5..70).map(|column| screen.cell(3, column));
        cells.flatten().all(vt100::Cell::inverse)
    };
    terminal.wait("a reversed selection", is_selected);
    terminal.look(|screen| {
        let coloured = (0..24)
            .flat_map(|line| (0..80).map(move |column| (line, column)))
            .filter_map(|(line, column)| screen.cell(line, column))
            .any(|cell| cell.fgcolor() != vt100::Color::Default);
        assert!(!coloured, "a colour in spite of NO_COLOR");
    });
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn the_terminal_is_restored_after_sigterm() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.signal(Signal::TERM);
    terminal.wait("restored", Terminal::is_restored);
    assert_ne!(terminal.wait_for_end(), 0);
}

#[test]
fn ctrl_c_twice_leaves() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.press("\u{3}");
    terminal.wait_for("Ctrl-C again leaves");
    terminal.press("\u{3}");
    terminal.wait("restored", Terminal::is_restored);
    terminal.wait_for_end();
}

#[test]
fn a_resize_is_followed_at_once_and_small_terminals_lose_columns_not_rows() {
    let mut terminal = Terminal::console((120, 40));
    terminal.wait_for("LAST OBJECT");
    terminal.resize(40, 12);
    terminal.wait("narrow", |screen| {
        let text = screen.contents();
        text.contains("INGESTED") && !text.contains("LAST OBJECT") && text.contains("address")
    });
    terminal.resize(80, 24);
    terminal.wait_for("LAST OBJECT");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_console_back() {
    let mut terminal = Terminal::start(&["sh", "-i"], (80, 24));
    terminal.press(&format!("'{}' --demo\n", env!("CARGO_BIN_EXE_highwater")));
    terminal.wait_for("payment_type");
    terminal.press("\u{1a}");
    terminal.wait("restored", Terminal::is_restored);
    terminal.press("echo in the $((1 + 1))nd shell\n");
    terminal.wait_for("in the 2nd shell");
    terminal.press("fg\n");
    terminal.wait("back", |screen| {
        screen.alternate_screen() && screen.contents().contains("payment_type")
    });
    terminal.press("q");
    terminal.wait("restored", Terminal::is_restored);
    terminal.press("exit\n");
    terminal.wait_for_end();
}
