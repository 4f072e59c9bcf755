//! Downloads the server's binaries from a stand-in for the server that releases them.
//!
//! Only on Linux: elsewhere the system decides which authorities are trusted, not the environment.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Pid;

use super::State;
use super::program::Program;
use crate::support::{Release, ReleaseServer, server_programs};

/// A state folder with its own cache, both empty.
struct Machine(State);

impl Machine {
    fn new() -> Self {
        let state = State::new();
        // If the tests run as root, the server runs as another user.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(state.path(), open).unwrap();
        Self(state)
    }

    /// A program that looks for binaries only in the cache, and downloads them if there are none.
    fn start(&self, server: &ReleaseServer) -> Program {
        Program::run(&self.0, "fetch", &server.environment())
    }

    fn cache(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    /// The contents of the cache, except the lock.
    fn kept(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.cache()).into_iter().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "fetching.lock")
            .collect();
        names.sort();
        names
    }

    /// The command line of the running server, as it recorded it itself.
    fn server(&self) -> String {
        let cluster = self.0.path().join("highwater/demo/cluster");
        std::fs::read_to_string(cluster.join("postmaster.opts")).unwrap()
    }

    fn server_pid(&self) -> Pid {
        let cluster = self.0.path().join("highwater/demo/cluster");
        let text = std::fs::read_to_string(cluster.join("postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
    }

    /// How many tables `highwater --demo status` shows.
    fn tables_shown(&self) -> usize {
        let output = Command::new(env!("CARGO_BIN_EXE_highwater"))
            .args(["--demo", "status", "--output", "jsonl"])
            .env("XDG_STATE_HOME", self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap().lines().count()
    }

    /// Runs a program that has to fail; returns its output.
    fn refused(&self, server: &ReleaseServer) -> String {
        let said = self.start(server).finish();
        assert!(said.contains("Fetching them: "), "{said}");
        assert_eq!(self.kept(), Vec::<String>::new(), "left by: {said}");
        said
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_fetched_once_and_the_demo_runs_on_it() {
    let Some(programs) = server_programs() else {
        return;
    };
    let machine = Machine::new();
    let server = ReleaseServer::with(Release::of_server(&programs)).await;
    let mut program = machine.start(&server);
    program.wait_for("ready");
    assert_eq!(machine.kept(), ["postgresql-16.4.0"]);
    let fetched = machine.cache().join("postgresql-16.4.0/bin/postgres");
    assert!(machine.server().starts_with(fetched.to_str().unwrap()));
    assert_eq!(machine.tables_shown(), 16);
    let pid = machine.server_pid();
    program.kill();
    super::until_gone(pid).await;

    let asked = server.asked();
    assert_eq!(server.downloads(), 1, "{asked:#?}");
    let mut program = machine.start(&server);
    program.wait_for("ready");
    assert_eq!(server.asked(), asked, "the second start asks nothing");
    let pid = machine.server_pid();
    program.kill();
    super::until_gone(pid).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_that_start_at_once_fetch_once() {
    let Some(programs) = server_programs() else {
        return;
    };
    let machine = Machine::new();
    let server = ReleaseServer::with(Release::of_server(&programs)).await;
    let mut both = [machine.start(&server), machine.start(&server)];
    for program in &mut both {
        program.wait_for("ready");
    }
    assert_eq!(server.downloads(), 1, "{:#?}", server.asked());
    let pid = machine.server_pid();
    for program in &mut both {
        program.kill();
    }
    super::until_gone(pid).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_that_is_not_what_was_published_is_refused() {
    let machine = Machine::new();
    let release = Release::of("not what was published").with_another_checksum();
    let server = ReleaseServer::with(release).await;
    let said = machine.refused(&server);
    for part in ["SHA-256 checksum is", &"0".repeat(64), "so it was not used"] {
        assert!(said.contains(part), "{part:?} is missing in: {said}");
    }
    assert_eq!(server.downloads(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_without_a_checksum_is_refused() {
    let machine = Machine::new();
    let release = Release::of("whoever may have made this").without_checksum();
    let said = machine.refused(&ReleaseServer::with(release).await);
    assert!(
        said.contains("version 16.4.0 is published without a checksum"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_that_cannot_be_unpacked_leaves_nothing() {
    let machine = Machine::new();
    let release = Release::of("no archive at all, and published as that");
    let said = machine.refused(&ReleaseServer::with(release).await);
    assert!(said.contains("could not be unpacked into"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_broke_off_is_begun_anew_by_the_next_start() {
    let Some(programs) = server_programs() else {
        return;
    };
    let machine = Machine::new();
    let release = Release::of_server(&programs);
    let server = ReleaseServer::with(release.clone().breaking_off()).await;
    let said = machine.refused(&server);
    assert!(said.contains("the archive could not be fetched"), "{said}");
    // The same for what a program leaves that is killed while unpacking.
    let half = machine.cache().join("fetching/server/bin");
    std::fs::create_dir_all(&half).unwrap();
    std::fs::write(half.join("postgres"), "half of it").unwrap();

    server.publish(release);
    let mut program = machine.start(&server);
    program.wait_for("ready");
    assert_eq!(machine.kept(), ["postgresql-16.4.0"]);
    let pid = machine.server_pid();
    program.kill();
    super::until_gone(pid).await;
}
