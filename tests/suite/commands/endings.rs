//! How commands end: errors, signals, readers that go away.

use std::ffi::OsStr;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{one, shop};
use crate::support::Sandbox;

/// How long a run may take to reach the point that a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn usage_and_configuration_errors_end_with_2_and_say_what_to_do() {
    let sandbox = Sandbox::empty();
    let none = sandbox.run(&["status"]).expect_code(2);
    assert!(
        none.stderr.contains("--demo") && none.stderr.contains("highwater init"),
        "{none:?}"
    );
    sandbox.run(&["nonsense"]).expect_code(2);
    sandbox.run(&["status", "--output", "yaml"]).expect_code(2);
    sandbox
        .run(&["params", "set", "payment", "--reason", "why"])
        .expect_code(2);
    sandbox
        .run(&["--config", "nowhere.toml", "status"])
        .expect_code(2);

    sandbox.write_config(
        "[profiles.test.source]\nurl = \"postgres://127.0.0.1:1/nowhere\"\n\
         [profiles.test.parameters]\nstore = \"local\"\npath = \"p.db\"\n\
         [profiles.test.objects]\nstore = \"local\"\npath = \"o\"\n",
    );
    let nothing = sandbox.run(&["ingest"]).expect_code(2);
    assert!(nothing.stderr.contains("--all"), "{nothing:?}");
    let timestamp = [
        "params",
        "set",
        "payment",
        "--reason",
        "why",
        "--timestamp",
        "soon",
    ];
    sandbox.run(&timestamp).expect_code(2);
    let good = std::fs::read_to_string(sandbox.config_file()).expect("a configuration");
    sandbox.write_config(&good.replace("127.0.0.1:1", "me:hidden@127.0.0.1:99999"));
    for words in [&["status"][..], &["journal"], &["ingest", "--all"]] {
        let told = sandbox.run(words).expect_code(2).stderr;
        let place = "config.toml:2: profiles.test.source.url: the connection option port";
        assert!(told.contains(place) && !told.contains("hidden"), "{told}");
    }
    sandbox.write_config(&good);
    let mut unusual = sandbox.command(&["journal"]);
    unusual.env("HIGHWATER_CONFIG", OsStr::from_bytes(b"/nowhere/\xff.toml"));
    let told = unusual.output().expect("the binary can be run");
    assert_eq!(told.status.code(), Some(2), "not passed over: {told:?}");
    sandbox.append_config("[profiles.test.sauce]");
    let unknown = sandbox.run(&["status"]).expect_code(2);
    assert!(
        unknown.stderr.contains("did you mean source"),
        "{unknown:?}"
    );
}

#[test]
fn a_source_that_is_not_there_is_a_failure_and_not_a_first_run() {
    let sandbox = Sandbox::empty();
    sandbox.write_config(
        "[profiles.test.source]\nurl = \"postgres://me:hidden@127.0.0.1:1/nowhere\"\n\
         [profiles.test.parameters]\nstore = \"local\"\npath = \"p.db\"\n\
         [profiles.test.objects]\nstore = \"local\"\npath = \"o\"\n",
    );
    for words in [
        &["status"][..],
        &["ingest", "--all"],
        &["preview", "payment"],
        &["check"],
    ] {
        let run = sandbox.run(words).expect_code(1);
        assert!(run.stderr.contains("127.0.0.1:1"), "{run:?}");
        assert!(
            !run.stderr.contains("hidden") && !run.stdout.contains("hidden"),
            "{run:?}"
        );
    }
    let run = sandbox
        .run(&["ingest", "payment", "--output", "json"])
        .expect_code(1);
    assert_eq!(run.json()[0]["outcome"], "failed");
    assert_eq!(run.json()[0]["error"]["code"], "unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_error() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    database
        .run("INSERT INTO design SELECT i, '2024-05-16' FROM generate_series(1, 50000) i")
        .await;
    let mut run = sandbox
        .command(&["preview", "design"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    // Closed before anything was written, so the very first write fails.
    drop(run.stdout.take());
    let mut stderr = String::new();
    run.stderr
        .take()
        .expect("piped")
        .read_to_string(&mut stderr)
        .expect("UTF-8");
    let status = run.wait().expect("it ends");
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(
        !stderr.contains("error") && !stderr.contains("panicked"),
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_stops_an_ingestion_with_nothing_half_written() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    let rows = "INSERT INTO design SELECT i, '2024-05-16'::timestamp + i * interval '1 millisecond' \
                FROM generate_series(1, 400000) i";
    database.run(rows).await;
    let run = sandbox
        .command(&["ingest", "design", "--max-rows", "1000", "--output", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let first = sandbox.path().join("objects/design/design_00000002.jsonl");
    let deadline = Instant::now() + PATIENCE;
    while !first.exists() {
        assert!(Instant::now() < deadline, "no second object");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let pid =
        rustix::process::Pid::from_raw(i32::try_from(run.id()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    let output = run.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert_eq!(stderr.matches("error: ").count(), 1, "said once: {stderr}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report all the same");
    let written = report[0]["objects"].as_array().expect("objects").len();
    assert!(written >= 1, "{report}");

    let after = one(&sandbox, &["status", "design"]);
    assert_eq!(after["findings"], json!([]), "{after}");
    assert_eq!(after["last_object"]["to"], after["timestamp"]);
    sandbox.run(&["ingest", "design"]).expect_code(0);
    let objects = sandbox
        .run(&["objects", "design", "--limit", "9999", "--output", "json"])
        .json();
    let rows = objects
        .as_array()
        .expect("objects")
        .iter()
        .filter_map(|o| o["rows"].as_u64());
    assert_eq!(rows.sum::<u64>(), 400_000, "each row once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_goes_away_stops_nothing_under_nohup() {
    let Some((database, sandbox)) = shop().await else {
        return;
    };
    let rows = "INSERT INTO design SELECT i, '2024-05-16'::timestamp + i * interval '1 millisecond' \
                FROM generate_series(1, 20000) i";
    database.run(rows).await;
    let like = sandbox.command(&["ingest", "design", "--max-rows", "500"]);
    // Starts the command like nohup.
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "trap '' HUP; exec \"$@\"", "sh"])
        .arg(like.get_program())
        .args(like.get_args())
        .env_clear()
        .envs(
            like.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(sandbox.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut run = command.spawn().expect("the binary can be run");
    let first = sandbox.path().join("objects/design/design_00000001.jsonl");
    let deadline = Instant::now() + PATIENCE;
    while !first.exists() {
        assert!(Instant::now() < deadline, "no object");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let pid =
        rustix::process::Pid::from_raw(i32::try_from(run.id()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).expect("it runs");
    assert_eq!(run.wait().expect("it ends").code(), Some(0));
    assert_eq!(one(&sandbox, &["status", "design"])["sequence_id"], 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_told_also_where_the_results_find_no_room() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let Some((_database, sandbox)) = shop().await else {
        return;
    };
    for verb in ["ingest", "status"] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = sandbox.command(&[verb, "design", "paymnt"]);
        command.stdout(full.expect("a device"));
        let output = command.output().expect("the binary can be run");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        for text in ["there is no table paymnt", "writing to stdout failed"] {
            assert!(stderr.contains(text), "{stderr}");
        }
    }
}
