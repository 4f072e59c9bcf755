//! Looking for the server's binaries, where there are none that will do.

use std::time::{Duration, Instant};

use super::State;
use super::program::Program;

#[test]
fn without_binaries_the_message_says_what_to_install() {
    let state = State::new();
    let begun = Instant::now();
    // A proxy that is not there, so that nothing is fetched on any machine.
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
