//! Whole runs of the console in a pseudo-terminal, over the built-in demo.

use rustix::process::Signal;

use super::support::Terminal;

#[test]
fn the_console_starts_over_the_demo_ingests_and_leaves_the_terminal_as_it_was() {
    let mut terminal = Terminal::start(&["sh", "-c", &in_a_shell(&demo())], (80, 24));
    terminal.wait_for("highwater");
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 16");
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

/// A shell that runs a program and tells whether the modes of the terminal are as before.
fn in_a_shell(program: &str) -> String {
    format!(
        "before=$(stty -g); {program}; echo ended with $?; \
         [ \"$before\" = \"$(stty -g)\" ] && echo same modes"
    )
}

fn demo() -> String {
    format!("'{}' --demo", env!("CARGO_BIN_EXE_highwater"))
}

#[test]
fn a_stuck_table_is_repaired_by_keys_alone_and_moves() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for("rows ·");
    terminal.press("e");
    terminal.wait_for("Edit transaction");
    terminal.press("2031-01-01\t\ta mistake");
    terminal.wait_for("/timestamp   version");
    terminal.press("\r");
    terminal.wait_for("Change transaction?");
    terminal.wait_for("type transaction to confirm");
    terminal.press("transaction\r");
    terminal.wait_for("timestamp-in-future");
    terminal.press("d");
    terminal.wait_for("repair use-object: go on from where object 1 ends");
    terminal.press("\r");
    terminal.wait_for("Repair transaction?");
    terminal.press("y");
    terminal.wait_for("looked at again: it is not found any more");
    terminal.press("i");
    terminal.wait_for("transaction/transaction_00000002.jsonl");
    terminal.press("\ry");
    terminal.wait_for("ingest transaction: ");
    terminal.press("L");
    terminal.wait_for("transaction     repair");
    terminal.press("qqq");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn a_range_is_read_again_by_keys_alone() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for("rows ·");
    terminal.press("b");
    terminal.wait_for("Backfill transaction");
    terminal.press("-3d\t\t1d");
    terminal.wait_for("an object holds 1day at most: 3 pieces of time");
    terminal.press("\r");
    terminal.wait_for("transaction/transaction_00000004.jsonl");
    terminal.press("\r");
    terminal.wait_for("objects 2 to 4; the watermark stays");
    terminal.press("y");
    terminal.wait_for("backfill transaction: ");
    terminal.press("2");
    terminal.wait_for("backfill  20");
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
}

#[test]
fn an_edit_is_made_by_keys_alone() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.press("/counterparty\r");
    terminal.wait_for("Tables 1 of 16");
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
    terminal.press("qu");
    terminal.wait_for("revert: checked by a test");
    terminal.wait_for("/timestamp   version");
    terminal.press("\r");
    terminal.wait_for("Change counterparty?");
    terminal.press("y");
    terminal.wait("back to the journal", |screen| {
        let text = screen.contents();
        text.contains("Journal") && text.contains("edit counterparty: 1 value written")
    });
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
}

/// A program that takes a line from the terminal and writes it, with another, into the file it is
/// given; told "no", it fails.
const EDITOR: &str = r#"#!/bin/sh
head -n 1 "$1"
echo asked >> "$0.asked"
echo "the file is $1, question $(wc -l < "$0.asked" | tr -d ' ')?"
read -r answer
[ "$answer" = no ] && exit 3
[ -w "$1" ] && printf '%s\nsays finance\n# not this\n' "$answer" > "$1"
exit 0
"#;

#[test]
fn an_editor_and_a_pager_have_the_terminal_to_themselves_and_give_it_back() {
    use std::os::unix::fs::PermissionsExt;
    let scripts = tempfile::tempdir().expect("a folder");
    let script = scripts.path().join("editor");
    std::fs::write(&script, EDITOR).expect("written");
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("set");
    let named = |name: &str| format!("{name}={}", script.display());
    let mut terminal = Terminal::start(
        &[
            "env",
            "-u",
            "VISUAL",
            &named("EDITOR"),
            &named("PAGER"),
            env!("CARGO_BIN_EXE_highwater"),
            "--demo",
        ],
        (80, 24),
    );
    terminal.wait_for("payment_type");
    terminal.press("/counterparty\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for("rows ·");
    terminal.press("e");
    terminal.wait_for("Edit counterparty");
    terminal.press("-3h\t\tlate\u{f}");
    terminal.wait_for("question 1?");
    terminal.wait("it has the terminal", Terminal::is_restored);
    assert!(terminal.text().contains("late"), "{}", terminal.text());
    terminal.press("late corrections\r");
    terminal.wait_for("late corrections says finance");
    terminal.wait_for("/timestamp   version");
    terminal.press("\u{f}");
    terminal.wait_for("question 2?");
    terminal.press("no\r");
    terminal.wait_for("failed, exit status: 3");
    terminal.wait_for("late corrections says finance");
    terminal.press("\u{1b}");
    terminal.wait("the form is left", |screen| {
        !screen.contents().contains("Edit counterparty")
    });
    terminal.press("o");
    terminal.wait_for("first");
    terminal.press("v");
    terminal.wait_for("question 3?");
    let file = terminal.look(|screen| {
        let text = screen.contents();
        let (_, rest) = text.rsplit_once("the file is ").expect("a file");
        rest.split_once(',').expect("a name").0.to_owned()
    });
    let mode = std::fs::metadata(&file)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o400);
    terminal.press("\r");
    terminal.wait("the viewer is back", vt100::Screen::alternate_screen);
    terminal.wait_for("counterparty_00000001.jsonl");
    assert!(!std::path::Path::new(&file).exists());
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
    terminal.wait("restored", Terminal::is_restored);
}

#[test]
fn the_demo_takes_keys_and_signs_from_the_configuration_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let text = "[console]\nglyphs = \"ascii\"\n[console.keys]\njobs = [\"ctrl-g\"]\n";
    std::fs::write(&file, text).expect("written");
    let named = format!("HIGHWATER_CONFIG={}", file.display());
    for flags in [&["--demo"][..], &[]] {
        let mut command = vec!["env", &named, env!("CARGO_BIN_EXE_highwater")];
        command.extend(flags);
        let mut terminal = Terminal::start(&command, (80, 24));
        terminal.wait_for("payment_type");
        assert!(terminal.text().is_ascii(), "{}", terminal.text());
        terminal.press("\u{7}");
        terminal.wait_for("nothing was written from here yet");
        terminal.press("qq");
        assert_eq!(terminal.wait_for_end(), 0, "{flags:?}");
    }
}

#[test]
fn the_tour_is_offered_once_and_the_demos_owner_runs_what_a_finding_asks_for() {
    let mut terminal = Terminal::console((80, 24));
    terminal.wait_for("? offers a tour of two minutes");
    terminal.wait_for("payment_type");
    terminal.press("?");
    terminal.wait_for("A tour of two minutes?");
    terminal.press("y");
    terminal.wait_for("tour 1 of 15");
    terminal.press("\x1b");
    terminal.wait_for("the tour is over");
    terminal.press("/stock_count\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for("rows-unreachable");
    terminal.press("d");
    terminal.wait_for("UPDATE \"public\".\"stock_count\"");
    terminal.press("O");
    terminal.wait_for("Have the demo's owner run it?");
    terminal.press("y");
    terminal.wait_for("stock_count: its owner has run the statement");
    terminal.wait("nothing is out of reach", |screen| {
        !screen.contents().contains("rows-unreachable")
    });
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
    let kept = terminal.folder().join("highwater/console.json");
    let kept = std::fs::read_to_string(kept).expect("preferences");
    assert!(kept.contains("\"toured\": true"), "{kept}");
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
    terminal.wait("restored", Terminal::is_restored);
    terminal.press("exit\n");
    terminal.wait_for_end();
}

#[test]
fn the_page_of_a_table_is_filled_from_the_real_stores_and_the_screen_is_written_to_a_file() {
    let mut terminal = Terminal::console((120, 40));
    terminal.wait_for("payment_type");
    terminal.press("/transaction\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.press("\r");
    terminal.wait_for("by run ");
    terminal.press("\t");
    terminal.wait_for("transaction/transaction_00000001.jsonl");
    terminal.press("\t");
    terminal.wait_for("sequence id      1  1");
    terminal.press("\t");
    terminal.wait_for("\"transaction_id\":");
    terminal.press("\t\t");
    terminal.wait_for("timestamp(3) without time zone");
    terminal.press("ws");
    terminal.wait_for("written: ");
    let files = std::fs::read_dir(terminal.folder()).expect("a folder");
    let written = files
        .filter_map(Result::ok)
        .find(|file| {
            file.file_name()
                .to_string_lossy()
                .starts_with("highwater-demo-")
        })
        .expect("a file");
    let text = std::fs::read_to_string(written.path()).expect("text");
    assert!(text.contains("timestamp(3) without time zone"), "{text}");
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
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
    // address, in Base64.
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
fn a_terminal_that_is_closed_ends_the_program() {
    let terminal = Terminal::console((80, 24));
    terminal.wait_for("payment_type");
    terminal.close();
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
fn keys_that_conflict_are_refused_at_the_start_with_file_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let text = "[console.keys]\ningest = [\"p\"]\n\n[profiles.dev.source]\nurl = \"postgres://h/d\"\n\
                [profiles.dev.objects]\nbucket = \"b\"\n";
    std::fs::write(&file, text).expect("written");
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_highwater"))
        .arg("--config")
        .arg(&file)
        .env("XDG_STATE_HOME", folder.path())
        .output()
        .expect("it runs");
    assert_eq!(ran.status.code(), Some(2));
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(
        told.contains("config.toml:2: console.keys.ingest: p is also the key of preview"),
        "{told}"
    );
}

/// A shell that runs one of the tests below that are none, in a terminal.
fn this_program(test: &str) -> String {
    let program = std::env::current_exe().expect("this program");
    in_a_shell(&format!(
        "RUST_BACKTRACE=0 '{}' --exact console::{test} --ignored --nocapture",
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
    terminal.wait_for("Signs");
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
            profile: "test".to_owned(),
            colour: "green".to_owned(),
            safety: highwater::config::Safety::Normal,
            demo: false,
            source: "nowhere".to_owned(),
            objects: "nowhere".to_owned(),
            timezone: chrono_tz::Tz::UTC,
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

/// Not a test: what the one above runs in its terminal. The second frame panics, so that the first
/// one has taken the screen.
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

/// Not a test either: whatever opens the backend panics.
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
