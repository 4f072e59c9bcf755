//! What the configuration and the environment set for the console.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::Terminal;

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
        terminal.wait_for("nothing written from here yet");
        terminal.press("qq");
        assert_eq!(terminal.wait_for_end(), 0, "{flags:?}");
    }
}

#[test]
fn keys_that_conflict_are_refused_at_the_start_with_file_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let text = "[console.keys]\ningest = [\"p\"]\n\n[profiles.dev.source]\nurl = \"postgres://h/d\"\n\
                [profiles.dev.objects]\nbucket = \"b\"\n";
    std::fs::write(&file, text).expect("written");
    for command in [&[][..], &["keys"], &["status"]] {
        let ran = highwater(folder.path(), &file, command);
        assert_eq!(ran.status.code(), Some(2), "{ran:?}");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(
            told.contains("config.toml:2: console.keys.ingest: p is also the key of preview"),
            "{told}"
        );
    }
}

#[test]
fn the_key_table_has_the_keys_of_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let text = "[console.keys]\ningest = [\"ctrl-g\"]\ncopy = []\n";
    std::fs::write(&file, text).expect("written");
    let ran = highwater(folder.path(), &file, &["keys", "--output", "csv"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let table = String::from_utf8_lossy(&ran.stdout);
    assert!(table.contains("Ctrl-G,ingest,ingest,"), "{table}");
    assert!(table.contains("\n,copy,copy,"), "{table}");
    let ran = highwater(folder.path(), "/dev/null".as_ref(), &["keys"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
}

/// Runs the program with this configuration.
fn highwater(state: &Path, config: &Path, command: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_highwater"))
        .args(command)
        .arg("--config")
        .arg(config)
        .env("XDG_STATE_HOME", state)
        .output()
        .expect("it runs")
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
