//! Other programs in the console's terminal.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use highwater::demo::Demo;

use crate::support::{self, Terminal, within};

/// The console looks less often on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A program that reads a line from the terminal and writes it, with another line, into the file it
/// is given; if it reads "no", it fails.
const EDITOR: &str = r#"#!/bin/sh
head -n 1 "$1"
echo asked >> "$0.asked"
echo "the file is $1, question $(wc -l < "$0.asked" | tr -d ' ')?"
read -r answer
[ "$answer" = no ] && exit 3
[ -w "$1" ] && printf '%s\nsays finance\n# not this\n' "$answer" > "$1"
exit 0
"#;

/// The console on a demo, with [`EDITOR`] as its editor and pager.
fn console_with_editor(folder: &Path) -> Terminal {
    let script = folder.join("editor");
    std::fs::write(&script, EDITOR).expect("written");
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("set");
    let named = |name: &str| format!("{name}={}", script.display());
    let (editor, pager) = (named("EDITOR"), named("PAGER"));
    let program = [env!("CARGO_BIN_EXE_highwater"), "--demo"];
    let environment = ["env", "-u", "VISUAL", &editor, &pager];
    Terminal::start(&[&environment[..], &program].concat(), (80, 24))
}

#[test]
fn an_editor_and_a_pager_have_the_terminal_to_themselves_and_give_it_back() {
    let scripts = tempfile::tempdir().expect("a folder");
    let mut terminal = console_with_editor(scripts.path());
    terminal.wait_for("payment_type");
    terminal.press("/counterparty\r");
    terminal.wait_for("Tables 1 of 16");
    terminal.wait_for(" ago");
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
    terminal.wait_for("all 200 rows");
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
    assert!(!Path::new(&file).exists());
    terminal.press("qq");
    assert_eq!(terminal.wait_for_end(), 0);
    terminal.wait("restored", Terminal::is_restored);
}

/// Runs statements on the parameters of the demo.
fn change_parameters(terminal: &Terminal, statements: &str) {
    let file = terminal.folder().join("highwater/demo/parameters.db");
    let connection = rusqlite::Connection::open(file).expect("the parameters");
    connection
        .busy_timeout(Duration::from_mins(1))
        .expect("set");
    let whole = format!("BEGIN IMMEDIATE; {statements}; COMMIT");
    connection.execute_batch(&whole).expect("changed");
}

/// Moves the parameters to where nobody finds them.
const HIDE: &str = "ALTER TABLE parameter_version RENAME TO hidden";
/// Moves them back, with a new sequence id for counterparty.
const CHANGE_AND_SHOW: &str = "\
INSERT INTO hidden SELECT name, version + 1, '4701', '', written_at + 1, 'somebody' FROM hidden
WHERE name LIKE '%/counterparty/sequence_id' ORDER BY version DESC LIMIT 1;
ALTER TABLE hidden RENAME TO parameter_version";

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_a_pager_has_the_terminal_is_known_when_it_gives_it_back() {
    let scripts = tempfile::tempdir().expect("a folder");
    let mut terminal = console_with_editor(scripts.path());
    terminal.wait_for("payment_type");
    terminal.wait_for("260 ");
    change_parameters(&terminal, HIDE);
    // No look in progress has found the parameters, so the next one that finds them is a new one.
    terminal.wait_for("the parameter store at");
    terminal.press("o");
    terminal.wait_for("all 260 rows");
    terminal.press("v");
    terminal.wait_for("question 1?");
    let demo = Demo::locate(&terminal.folder().join("highwater"));
    let keeper = support::connect(&demo.url()).await;
    let keep = "BEGIN; LOCK TABLE counterparty IN ACCESS EXCLUSIVE MODE";
    keeper.batch_execute(keep).await.expect("locked");
    change_parameters(&terminal, CHANGE_AND_SHOW);
    until_it_waits(&demo).await;
    // What the console does not know by now, it can no longer read.
    change_parameters(&terminal, HIDE);
    terminal.press("\rq");
    terminal.wait_for("4701");
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(), 0);
}

/// Waits until the console is blocked in counting rows, before which it has read the stored values.
async fn until_it_waits(demo: &Demo) {
    let watcher = support::connect(&demo.url()).await;
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
                   WHERE NOT granted AND application_name = 'highwater'";
    within(PATIENCE, "it looks", async || {
        let row = watcher.query_one(waiting, &[]).await.expect("a count");
        row.get::<_, i64>(0) > 0
    })
    .await;
}
