//! Several programs on one demo: each one joins, and takes nothing from the others when it leaves.

use highwater::demo::Server;
use rustix::process::test_kill_process;

use super::program::Program;
use super::{
    State, connect, number, seed, start, start_seeded, there_are_binaries, until, until_gone,
};

#[tokio::test]
async fn a_second_program_joins_and_keeps_the_server_when_the_first_leaves() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let first = start_seeded(&demo).await;
    let pid = state.server_pid();
    let second = start(&demo).await;
    assert!(second.joined());
    first.stop().await.unwrap();
    let client = connect(&demo).await.unwrap();
    assert!(number(&client, "SELECT count(*) FROM staff").await > 0);
    assert_eq!(state.server_pid(), pid);
    second.stop().await.unwrap();
    assert!(
        test_kill_process(pid).is_err(),
        "the server outlives its last user"
    );
}

#[tokio::test]
async fn many_programs_at_once_share_one_server_and_one_seeding() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    let programs = (0..6).map(|_| {
        let demo = demo.clone();
        async move {
            let server = start(&demo).await;
            let seedings = seed(&server).await;
            (server, seedings)
        }
    });
    let (servers, seedings): (Vec<_>, Vec<_>) = futures_util::future::join_all(programs)
        .await
        .into_iter()
        .unzip();
    assert_eq!(servers.iter().filter(|server| !server.joined()).count(), 1);
    assert_eq!(seedings.iter().sum::<usize>(), 3, "each stage once");
    let pid = state.server_pid();
    let stopped = futures_util::future::join_all(servers.into_iter().map(Server::stop)).await;
    assert!(stopped.iter().all(Result::is_ok), "{stopped:?}");
    assert!(test_kill_process(pid).is_err());
}

/// Programs come and go without a pause: each must find a server, whichever program started it.
#[tokio::test]
async fn a_program_that_starts_while_another_leaves_finds_a_server() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let demo = state.demo();
    start_seeded(&demo).await.stop().await.unwrap();
    let programs = (0..3).map(|lane| {
        let demo = demo.clone();
        async move {
            for round in 0..12 {
                let server = start(&demo).await;
                let client = connect(&demo).await.unwrap();
                assert_eq!(number(&client, "SELECT count(*) FROM currency").await, 3);
                // Half of them leave without stopping properly, like a killed program.
                if (lane + round) % 2 == 0 {
                    drop(server);
                } else {
                    server.stop().await.unwrap();
                }
            }
        }
    });
    futures_util::future::join_all(programs).await;
    until("the last server is gone", async || {
        connect(&demo).await.is_err()
    })
    .await;
}

#[tokio::test]
async fn the_server_dies_with_a_program_that_is_killed() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let mut owner = Program::run(&state, "stay", &[]);
    owner.wait_for("ready");
    let pid = state.server_pid();
    owner.kill();
    until_gone(pid).await;
    // The next program starts on what it left behind.
    let server = start(&state.demo()).await;
    assert!(!server.joined());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_stays_for_the_others_when_its_starter_is_killed() {
    if !there_are_binaries() {
        return;
    }
    let state = State::new();
    let mut owner = Program::run(&state, "stay", &[]);
    owner.wait_for("ready");
    let pid = state.server_pid();
    let demo = state.demo();
    let server = start(&demo).await;
    assert!(server.joined());
    owner.kill();
    let client = connect(&demo).await.unwrap();
    assert!(number(&client, "SELECT count(*) FROM staff").await > 0);
    server.stop().await.unwrap();
    assert!(test_kill_process(pid).is_err());
}
