//! Panics, in a job and in the view.

use super::in_a_shell;
use crate::support::Terminal;

/// A shell command that runs one of the ignored tests below, which serve as programs, in a
/// terminal.
fn this_program(test: &str) -> String {
    let program = std::env::current_exe().expect("this program");
    in_a_shell(&format!(
        "RUST_BACKTRACE=0 '{}' --exact console::panics::{test} --ignored --nocapture",
        program.display()
    ))
}

#[test]
fn a_panic_in_a_job_is_an_error_of_that_job_and_the_console_goes_on() {
    let command = this_program("the_console_with_jobs_that_panic");
    let mut terminal = Terminal::start(&["sh", "-c", &command], (80, 24));
    terminal.wait_for("the job panicked, which is a bug");
    terminal.wait_for("the backend has a bug");
    terminal.look(|screen| assert!(screen.alternate_screen(), "the console goes on"));
    terminal.press("?");
    terminal.wait_for("Symbols");
    terminal.press("qq");
    terminal.wait("restored", Terminal::is_restored);
    terminal.wait_for("same modes");
    terminal.wait_for_end();
}

#[test]
fn a_panic_in_the_view_gives_the_terminal_back_and_is_readable() {
    let command = this_program("the_console_with_a_view_that_panics");
    let mut terminal = Terminal::start(&["sh", "-c", &command], (80, 24));
    terminal.wait_for("the view has a bug");
    terminal.wait("restored", Terminal::is_restored);
    terminal.wait_for("ended with 101");
    terminal.wait_for("same modes");
    let message = terminal.look(|screen| {
        screen
            .rows(0, 80)
            .find(|line| line.contains("the view has"))
    });
    assert!(
        message.is_some_and(|line| line.starts_with("the view has a bug")),
        "a line of its own, from the left:\n{}",
        terminal.text()
    );
    terminal.wait_for_end();
}

fn setup(open: highwater::jobs::Open) -> highwater::console::Setup {
    highwater::console::Setup {
        facts: highwater::console::Facts {
            config: None,
            profile: "test".to_owned(),
            colour: "green".to_owned(),
            safety: highwater::config::Safety::Normal,
            demo: false,
            source: "nowhere".to_owned(),
            objects: "nowhere".to_owned(),
            region: None,
            spelling: highwater::vocabulary::watermark::Spelling::default(),
        },
        open,
        concurrency: 1,
        no_color: false,
        theme: None,
        ascii: false,
        keymap: highwater::console::Keymap::default(),
        preferences: None,
        owner: None,
        notice: None,
    }
}

/// Not a test, but the program that the test above runs in its terminal. Only the second frame
/// panics, so the first one has taken over the screen.
#[test]
#[ignore = "it panics; a_panic_in_the_view_gives_the_terminal_back_and_is_readable runs it"]
fn the_console_with_a_view_that_panics() {
    let setup = setup(std::sync::Arc::new(|| Box::pin(std::future::pending())));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let ended = runtime.block_on(highwater::console::run_with(setup, |model, frame| {
        highwater::console::screens::view(model, frame);
        assert!(frame.count() == 0, "the view has a bug");
    }));
    panic!("it ended without a panic: {ended:?}");
}

/// Not a test either: opening the backend panics.
#[test]
#[ignore = "it needs a terminal; a_panic_in_a_job_is_an_error_of_that_job_and_the_console_goes_on runs it"]
fn the_console_with_jobs_that_panic() {
    let setup = setup(std::sync::Arc::new(|| {
        Box::pin(async { panic!("the backend has a bug") })
    }));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let ended = runtime.block_on(highwater::console::run(setup));
    ended.expect("left by its user");
}
