//! The demo's server: stopped, killed, reset, run as another user, and failing to start.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Instant;

use highwater::demo::{DemoError, Preparation, Step};
use rustix::process::{Signal, kill_process, test_kill_process};

use super::{State, connect, number, quietly, start, start_seeded, there_are_binaries, until_gone};

#[tokio::test]
async fn a_demo_that_was_stopped_is_as_it_was_left() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start_seeded(&demo).await;
    let pid = state.server_pid();
    let client = connect(&demo).await.unwrap();
    client
        .batch_execute("UPDATE department SET manager = 'left here' WHERE department_id = 1")
        .await
        .unwrap();
    drop(client);
    server.stop().await.unwrap();
    assert!(
        test_kill_process(pid).is_err(),
        "the server still runs after stop"
    );

    let begun = Instant::now();
    let steps = std::sync::Mutex::new(Vec::new());
    let server = demo
        .start(&|step| steps.lock().unwrap().push(step))
        .await
        .unwrap();
    eprintln!("started warm in {:?}", begun.elapsed());
    assert!(matches!(
        server.prepare().await.unwrap(),
        Preparation::Ready
    ));
    assert_eq!(*steps.lock().unwrap(), [Step::Starting]);
    let client = connect(&demo).await.unwrap();
    let left = "SELECT count(*) FROM department WHERE manager = 'left here'";
    assert_eq!(number(&client, left).await, 1);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_killed_leaves_nothing_in_the_way_of_the_next() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let server = start_seeded(&demo).await;
    let pid = state.server_pid();
    kill_process(pid, Signal::KILL).unwrap();
    until_gone(pid).await;
    drop(server);
    // As after a restart of the machine, when another process has got that id.
    let left = state.cluster().join("postmaster.pid");
    let text = std::fs::read_to_string(&left).unwrap();
    let rest = text.split_once('\n').unwrap().1;
    std::fs::write(&left, format!("{}\n{rest}", std::process::id())).unwrap();
    let server = start(&demo).await;
    let client = connect(&demo).await.unwrap();
    assert!(number(&client, "SELECT count(*) FROM payment").await > 0);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_reset_starts_over_but_not_under_somebodys_feet() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    demo.reset().await.unwrap();
    let server = start_seeded(&demo).await;
    std::fs::write(demo.parameters(), "values").unwrap();
    std::fs::create_dir_all(demo.objects().join("staff")).unwrap();
    let cluster = state.cluster();
    let refused = demo.reset().await.unwrap_err();
    assert!(matches!(refused, DemoError::InUse { .. }), "{refused}");
    assert!(connect(&demo).await.is_ok());
    // Does not wait for the server to end, so the reset has to.
    drop(server);
    demo.reset().await.unwrap();
    assert!(!cluster.exists() && !demo.parameters().exists() && !demo.objects().exists());
    let server = start(&demo).await;
    assert!(matches!(
        server.prepare().await.unwrap(),
        Preparation::Fresh(_)
    ));
    server.stop().await.unwrap();
    demo.reset().await.unwrap();
}

#[tokio::test]
async fn the_server_runs_as_nobody_when_the_program_is_root() {
    if !there_are_binaries() {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        eprintln!("left out: only root is refused by PostgreSQL");
        return;
    }
    let state = State::new();
    let server = start(&state.demo()).await;
    assert_ne!(std::fs::metadata(state.cluster()).unwrap().uid(), 0);
    let home = std::fs::metadata(state.cluster().parent().unwrap()).unwrap();
    assert_eq!(home.mode() & 0o777, 0o700);
    let process = format!("/proc/{}", state.server_pid().as_raw_nonzero());
    if Path::new(&process).exists() {
        assert_ne!(std::fs::metadata(process).unwrap().uid(), 0);
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_cannot_start_shows_the_end_of_its_log() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    start(&demo).await.stop().await.unwrap();
    std::fs::write(
        state.cluster().join("postgresql.conf"),
        "no_such_setting = 1\n",
    )
    .unwrap();
    let error = demo.start(&quietly).await.unwrap_err();
    assert!(matches!(error, DemoError::ServerEnded { .. }), "{error}");
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}
