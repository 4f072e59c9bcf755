//! The terminal itself: resized, suspended, closed, copied to; and the ways in which the console
//! ends.

use rustix::process::Signal;

use super::demo;
use crate::support::Terminal;

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
        text.contains("AGE") && !text.contains("LAST OBJECT") && text.contains("address")
    });
    terminal.resize(80, 24);
    terminal.wait_for("LAST OBJECT");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_console_back() {
    let mut terminal = Terminal::start(&["sh", "-i"], (80, 24));
    terminal.press(&format!("{}\n", demo()));
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
    terminal.wait("back in the shell", Terminal::is_at_a_prompt);
    terminal.press("exit\n");
    terminal.wait_for_end();
}

#[test]
fn a_terminal_that_was_resized_while_the_shell_had_it_is_used_as_it_is_now() {
    let mut terminal = Terminal::start(&["sh", "-i"], (80, 40));
    terminal.press(&format!("{}\n", demo()));
    terminal.wait_for("transaction");
    terminal.press("\u{1a}");
    terminal.wait("restored", Terminal::is_restored);
    terminal.resize(80, 12);
    terminal.press("fg\n");
    terminal.wait("back", |screen| {
        screen.alternate_screen() && screen.contents().contains("address")
    });
    // The last table fits into the lines that the terminal has now.
    terminal.press("G");
    terminal.wait_for("transaction");
    terminal.press("q");
    terminal.wait("back in the shell", Terminal::is_at_a_prompt);
    terminal.press("exit\n");
    terminal.wait_for_end();
}

#[test]
fn copying_goes_to_the_terminal_and_through_tmux() {
    let command = [
        "env",
        "TMUX=/tmp/tmux-0/default,1,0",
        env!("CARGO_BIN_EXE_highwater"),
        "--demo",
    ];
    let mut terminal = Terminal::start(&command, (80, 24));
    terminal.wait_for("payment_type");
    terminal.press("yn");
    terminal.wait_for("copied: name");
    // `address` in Base64.
    assert!(terminal.has_written(b"\x1b]52;c;YWRkcmVzcw=="));
    assert!(terminal.has_written(b"\x1bPtmux;\x1b\x1b]52;c;YWRkcmVzcw=="));
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn a_storm_of_resizes_ends_in_a_whole_screen() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    for round in 0..40_u16 {
        terminal.resize(30 + round * 7 % 170, 4 + round * 5 % 60);
        terminal.press(["j", "k", "\r", "q"][usize::from(round) % 4]);
    }
    terminal.resize(100, 30);
    terminal.wait("whole", |screen| {
        let rows: Vec<String> = screen.rows(0, 100).collect();
        rows.len() == 30
            && rows[0].starts_with(" highwater")
            && rows[0].trim_end().ends_with("UTC")
            && rows[29].contains("? help")
    });
    terminal.press("q\x1b\x1bq");
    terminal.wait("restored", Terminal::is_restored);
    terminal.wait_for_end();
}

#[test]
fn a_terminal_that_is_closed_ends_the_program_as_a_signal_does() {
    let terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    assert_eq!(terminal.close(), Ok(130));
}

#[test]
fn sighup_ends_the_console_and_restores_the_terminal() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.signal(Signal::HUP);
    terminal.wait("restored", Terminal::is_restored);
    assert_ne!(terminal.wait_for_end(), 0);
}

#[test]
fn a_terminal_that_cannot_be_drawn_on_is_left_alone() {
    let command = [
        "env",
        "TERM=dumb",
        env!("CARGO_BIN_EXE_highwater"),
        "--demo",
    ];
    let mut terminal = Terminal::start(&command, (80, 24));
    assert_eq!(terminal.wait_for_end(), 2);
    // The last output may not have arrived yet.
    terminal.wait_for("TERM=dumb");
    assert!(!terminal.has_written(b"\x1b["));
}

#[test]
fn of_the_mouse_only_buttons_and_the_wheel_are_reported() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    assert!(terminal.has_written(b"\x1b[?1000h") && terminal.has_written(b"\x1b[?1006h"));
    assert!(!terminal.has_written(b"\x1b[?1002h") && !terminal.has_written(b"\x1b[?1003h"));
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}
