//! Looks for the server's binaries when there are no usable ones.

use std::time::{Duration, Instant};

use super::State;
use super::program::Program;

#[test]
fn without_binaries_the_message_says_what_to_install() {
    let state = State::new();
    let begun = Instant::now();
    // A proxy that does not exist, so that nothing is downloaded on any machine.
    let output = Program::run(
        &state,
        "without-binaries",
        &[("HTTPS_PROXY", "http://127.0.0.1:1")],
    )
    .finish();
    assert!(begun.elapsed() < Duration::from_mins(1));
    for part in [
        "PATH: nothing there",
        "postgresql-*/bin: nothing there",
        "Fetching them: ",
        "apt install postgresql",
        "dnf install postgresql-server",
        "brew install",
        "HIGHWATER_POSTGRES_BIN",
    ] {
        assert!(output.contains(part), "{part:?} is missing in: {output}");
    }
}

#[test]
fn a_cluster_of_another_version_is_not_touched() {
    let state = State::new();
    let cluster = state.path().join("demo/cluster");
    std::fs::create_dir_all(&cluster).unwrap();
    std::fs::write(cluster.join("PG_VERSION"), "12\n").unwrap();
    let output = Program::run(
        &state,
        "without-binaries",
        &[("HTTPS_PROXY", "http://127.0.0.1:1")],
    )
    .finish();
    assert!(output.contains("was made by PostgreSQL 12"), "{output}");
    assert!(output.contains("highwater demo reset"), "{output}");
    assert!(cluster.join("PG_VERSION").exists());
}

#[test]
fn a_named_folder_without_binaries_is_an_error_at_once() {
    let state = State::new();
    let output = Program::run(&state, "stay", &[("HIGHWATER_POSTGRES_BIN", "/nowhere")]).finish();
    assert!(
        output.contains("HIGHWATER_POSTGRES_BIN is /nowhere, which holds no postgres"),
        "{output}"
    );
}

#[test]
fn a_named_folder_may_be_relative() {
    if !super::there_are_binaries() {
        return;
    }
    let server = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt"];
    let folders = server
        .into_iter()
        .filter_map(|parent| std::fs::read_dir(parent).ok());
    let mut folders = folders
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    let Some(folder) = folders.find(|folder| folder.join("initdb").is_file()) else {
        return;
    };
    let here = std::env::current_dir().unwrap();
    let up: std::path::PathBuf = here.components().skip(1).map(|_| "..").collect();
    let relative = up.join(folder.strip_prefix("/").unwrap());
    let state = State::new();
    let relative = relative.to_str().unwrap();
    let mut program = Program::run(&state, "stay", &[("HIGHWATER_POSTGRES_BIN", relative)]);
    program.wait_for("ready");
}
