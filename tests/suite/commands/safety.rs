//! The confirmation that stands between a command and a write.

use std::io::{Read as _, Write as _};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::Value;

use super::{guard, one, shop};
use crate::support::Sandbox;

#[tokio::test(flavor = "multi_thread")]
async fn a_careful_profile_wants_to_be_told() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    guard(&sandbox, "careful");
    let refused = sandbox.run(&["ingest", "payment"]).expect_code(4);
    assert!(refused.stderr.contains("--yes"), "{refused:?}");
    assert_eq!(refused.stdout, "");
    sandbox.run(&["ingest", "payment", "--yes"]).expect_code(0);

    let set = [
        "params",
        "set",
        "payment",
        "--timestamp",
        "2024-05-16",
        "--reason",
        "why",
    ];
    sandbox.run(&set).expect_code(4);
    sandbox.run(&[&set[..], &["--yes"]].concat()).expect_code(0);
    let force = [
        "params",
        "set",
        "payment",
        "--sequence-id",
        "9",
        "--reason",
        "why",
        "--force",
    ];
    let refused = sandbox
        .run(&[&force[..], &["--yes"]].concat())
        .expect_code(4);
    assert!(refused.stderr.contains("--confirm payment"), "{refused:?}");
    sandbox
        .run(&[&force[..], &["--confirm", "staff"]].concat())
        .expect_code(4);
    sandbox
        .run(&[&force[..], &["--confirm", "payment"]].concat())
        .expect_code(0);
    sandbox.run(&["status"]).expect_code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_may_come_from_a_file_and_nobody_waits_for_a_silent_pipe() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let set = ["init", "--config", "new.toml"];
    let told = sandbox.run_answering(&set, "prod\npostgres://h/db\n");
    assert!(told.expect_code(4).stderr.contains("nothing was written"));
    for (wrong, about) in [
        ("a b\n", "name of the profile: "),
        ("prod\nlocalhost:5432/db\n", "URL of the database, "),
        ("prod\npostgres://h:99999/db\n", "URL of the database, "),
        ("prod\npostgres://h/db\ns3://a-bucket\n", "S3 bucket "),
    ] {
        let told = sandbox.run_answering(&set, &format!("{wrong}\n\n\n"));
        let told = told.expect_code(2).stderr;
        assert!(told.contains(&format!("error: {about}")), "{told}");
        assert!(!sandbox.path().join("new.toml").exists());
    }
    let answers = "prod\npostgres://h/db\na-bucket\neu-west-2\n";
    sandbox.run_answering(&set, answers).expect_code(0);
    let written = std::fs::read_to_string(sandbox.path().join("new.toml")).expect("a file");
    for line in [
        "default_profile = \"prod\"",
        "url = \"postgres://h/db\"",
        "bucket = \"a-bucket\"",
        "region = \"eu-west-2\"",
    ] {
        assert!(written.contains(line), "{line} in {written}");
    }

    let named = ["--profile", "prod", "init", "--config", "named.toml"];
    let told = sandbox.run_answering(&named, "\npostgres://h/db\na-bucket\n\n");
    let next = "with: highwater --config named.toml check";
    assert!(told.expect_code(0).stderr.contains(next));
    let written = std::fs::read_to_string(sandbox.path().join("named.toml")).expect("a file");
    assert!(written.contains("default_profile = \"prod\""), "{written}");

    guard(&sandbox, "careful");
    let ingest = ["ingest", "payment"];
    let wrong = sandbox.run_answering(&ingest, "staff\n").expect_code(4);
    assert!(wrong.stderr.contains("not confirmed"), "{wrong:?}");
    let mut silent = sandbox.command(&ingest);
    silent.stdin(std::process::Stdio::piped());
    let mut silent = silent.spawn().expect("spawned");
    let pipe = silent.stdin.take();
    assert_eq!(silent.wait().expect("ended").code(), Some(4));
    drop(pipe);
    sandbox.run_answering(&ingest, "payment\n").expect_code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_refuses_every_write_and_no_question() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    let writes: [&[&str]; 3] = [
        &["ingest", "--all", "--yes"],
        &[
            "params",
            "set",
            "payment",
            "--timestamp",
            "now",
            "--reason",
            "why",
            "--confirm",
            "payment",
        ],
        &[
            "params",
            "revert",
            "payment",
            "--version",
            "1",
            "--reason",
            "why",
            "--yes",
        ],
    ];
    for words in writes {
        let refused = sandbox
            .run(&[words, &["--read-only"]].concat())
            .expect_code(4);
        assert!(refused.stderr.contains("read-only"), "{refused:?}");
    }
    guard(&sandbox, "read-only");
    for words in writes {
        sandbox.run(words).expect_code(4);
    }
    for words in [
        &["status"][..],
        &["preview", "payment"],
        &["params", "get", "payment"],
        &["check"],
    ] {
        sandbox.run(words).expect_code(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_under_a_read_only_profile_tries_no_write() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    sandbox.run(&["ingest", "payment"]).expect_code(0);
    for tried in [true, false] {
        if !tried {
            guard(&sandbox, "read-only");
        }
        let check = sandbox.run(&["check", "--output", "json"]).expect_code(0);
        let items = check.json();
        let writes = items.as_array().expect("an array").iter();
        let writes: Vec<&Value> = writes.filter(|item| item["what"] == "write").collect();
        assert_eq!(writes.len(), 2, "{items:#}");
        for write in writes {
            let message = write["message"].as_str().unwrap_or_default();
            assert_eq!(message.starts_with("allowed"), tried, "{message}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_a_careful_profile_takes_the_typed_name_and_nothing_else() {
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    guard(&sandbox, "careful");
    let (code, screen) = on_terminal(&sandbox, &["ingest", "payment"], "staff\r");
    assert_eq!(code, 4, "{screen}");
    assert!(
        screen.contains("type the table's name to continue: payment"),
        "{screen}"
    );
    let (code, screen) = on_terminal(&sandbox, &["ingest", "payment"], "payment\r");
    assert_eq!(code, 0, "{screen}");
    let (code, screen) = on_terminal(&sandbox, &["ingest", "--all"], "3\r");
    assert_eq!(code, 0, "{screen}");
    assert!(one(&sandbox, &["params", "get", "staff"])["sequence_id"] == 1);
}

#[test]
fn on_a_terminal_what_makes_no_sense_is_asked_again() {
    let sandbox = Sandbox::empty();
    let typed = "dev\rlocalhost/db\rpostgres://h/db\ra-bucket\r\r";
    let (code, screen) = on_terminal(&sandbox, &["init"], typed);
    assert_eq!(code, 0, "{screen}");
    assert!(
        screen.contains("it does not start with postgres://"),
        "{screen}"
    );
    let written = std::fs::read_to_string(sandbox.config_file()).expect("a file");
    assert!(written.contains("url = \"postgres://h/db\""), "{written}");
}

/// Runs the binary on a terminal of its own, in which `typed` is waiting to be read.
pub fn on_terminal(sandbox: &Sandbox, words: &[&str], typed: &str) -> (u32, String) {
    let pty = native_pty_system()
        .openpty(PtySize::default())
        .expect("a terminal");
    let like = sandbox.command(words);
    let mut command = CommandBuilder::new(like.get_program());
    command.args(like.get_args());
    command.env_clear();
    for (name, value) in like.get_envs() {
        command.env(name, value.expect("only set, never removed"));
    }
    command.cwd(sandbox.path());
    let mut child = pty
        .slave
        .spawn_command(command)
        .expect("the binary can be run");
    drop(pty.slave);
    let mut keyboard = pty.master.take_writer().expect("a keyboard");
    keyboard
        .write_all(typed.as_bytes())
        .expect("the terminal takes it");
    let mut screen = Vec::new();
    // On Linux, reading from a terminal whose last program has ended is an error.
    let _ = pty
        .master
        .try_clone_reader()
        .expect("a screen")
        .read_to_end(&mut screen);
    let status = child.wait().expect("it ends");
    (
        status.exit_code(),
        String::from_utf8_lossy(&screen).into_owned(),
    )
}
