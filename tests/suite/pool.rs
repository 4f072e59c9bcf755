//! The connection pool: slots, dead connections, and connections dropped in mid-stream.

use futures_util::StreamExt as _;
use highwater::backend::source::{Connection, Environment, SourcePool};
use rustix::process::{Pid, Signal, kill_process};

use crate::connect::source;
use crate::support::{self, ClusterSettings, Database, eventually};

const PID: &str = "SELECT pg_backend_pid()";

async fn pid(client: &tokio_postgres::Client) -> i32 {
    client.query_one(PID, &[]).await.unwrap().get(0)
}

fn pool(url: &str) -> SourcePool {
    SourcePool::new(&source(url), &Environment::default()).unwrap()
}

/// A connection taken from a pool of its own.
struct Taken {
    connection: Connection,
    /// The process id of its session.
    pid: i32,
    pool: SourcePool,
    database: Database,
}

impl Taken {
    async fn new() -> Option<Self> {
        let database = support::postgres()?;
        let pool = pool(&database.url());
        let connection = pool.get().await.unwrap();
        Some(Self {
            pid: pid(&connection).await,
            connection,
            pool,
            database,
        })
    }
}

#[tokio::test]
async fn a_connection_goes_back_and_is_used_again() {
    let Some(taken) = Taken::new().await else {
        return;
    };
    drop(taken.connection);
    assert_eq!(pid(&taken.pool.get().await.unwrap()).await, taken.pid);
}

#[tokio::test]
async fn who_finds_all_slots_taken_waits_for_one() {
    let Some(database) = support::postgres() else {
        return;
    };
    let pool = pool(&database.url());
    let (one, two) = (pool.get().await.unwrap(), pool.get().await.unwrap());
    let freed = pid(&one).await;
    let mut third = std::pin::pin!(pool.get());
    assert!(futures_util::poll!(&mut third).is_pending());
    drop(one);
    assert_eq!(pid(&third.await.unwrap()).await, freed);
    drop(two);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let Some(taken) = Taken::new().await else {
        return;
    };
    drop(taken.connection);
    let admin = taken.database.client().await;
    admin
        .execute("SELECT pg_terminate_backend($1, 10000)", &[&taken.pid])
        .await
        .unwrap();
    assert_ne!(pid(&taken.pool.get().await.unwrap()).await, taken.pid);
}

#[tokio::test]
async fn where_one_connection_is_silent_those_that_are_as_old_are_not_asked_one_after_the_other() {
    let Some(first) = Taken::new().await else {
        return;
    };
    let second = first.pool.get().await.unwrap();
    let second_pid = pid(&second).await;
    drop(first.connection);
    drop(second);
    let backend = Pid::from_raw(first.pid).expect("a process id");
    kill_process(backend, Signal::STOP).expect("it is there");
    let third = first.pool.get().await.unwrap();
    kill_process(backend, Signal::CONT).expect("it is there");
    let third = pid(&third).await;
    assert_ne!(third, first.pid);
    assert_ne!(third, second_pid);
}

#[tokio::test]
async fn a_restart_of_the_server_is_survived() {
    let Some(mut cluster) = support::cluster(&ClusterSettings::default()) else {
        return;
    };
    let pool = pool(&format!(
        "postgres://postgres@127.0.0.1:{}/postgres",
        cluster.port()
    ));
    let held = pool.get().await.unwrap();
    cluster.stop();
    let error = held.query_one(PID, &[]).await.unwrap_err();
    assert!(held.failure("asking", error).is_unavailable());
    drop(held);
    assert!(pool.get().await.err().unwrap().is_unavailable());
    cluster.start();
    pid(&pool.get().await.unwrap()).await;
}

/// Starts copying far more rows than any buffer holds, and reads the first of them.
async fn start_copying(
    client: &tokio_postgres::Client,
) -> std::pin::Pin<Box<tokio_postgres::CopyOutStream>> {
    // In the select list, because in FROM the server would first write all rows to disk.
    let endless = "COPY (SELECT repeat('x', 1000), generate_series(1, 1000000000)) TO STDOUT";
    let mut stream = Box::pin(client.copy_out(endless).await.unwrap());
    stream.next().await.unwrap().unwrap();
    stream
}

/// Waits until the server no longer has a session with this process id.
async fn until_gone(watcher: &tokio_postgres::Client, pid: i32) {
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1";
    eventually("the session ends", async || {
        let row = watcher.query_one(sessions, &[&pid]).await.unwrap();
        row.get::<_, i64>(0) == 0
    })
    .await;
}

async fn is_asleep(watcher: &tokio_postgres::Client, pid: i32) -> bool {
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'";
    let row = watcher.query_one(waits, &[&pid]).await.unwrap();
    row.get::<_, i64>(0) == 1
}

#[tokio::test]
async fn a_connection_dropped_in_mid_copy_is_cancelled_and_not_used_again() {
    let Some(taken) = Taken::new().await else {
        return;
    };
    let (watcher, old) = (taken.database.client().await, taken.pid);
    taken.connection.occupy();
    let stream = start_copying(&taken.connection).await;
    drop(stream);
    drop(taken.connection);
    assert_ne!(pid(&taken.pool.get().await.unwrap()).await, old);
    until_gone(&watcher, old).await;
}

#[tokio::test]
async fn a_connection_dropped_while_its_statement_only_waits_is_cancelled() {
    let Some(taken) = Taken::new().await else {
        return;
    };
    let (watcher, old) = (taken.database.client().await, taken.pid);
    taken.connection.occupy();
    // A statement that sends nothing: if only the socket were closed, the server would not notice.
    tokio::select! {
        ended = taken.connection.simple_query("SELECT pg_sleep(600)") => panic!("{ended:?}"),
        () = eventually("it sleeps", async || is_asleep(&watcher, old).await) => {}
    }
    drop(taken.connection);
    until_gone(&watcher, old).await;
}

#[tokio::test]
async fn an_occupied_connection_that_was_released_is_used_again() {
    let Some(taken) = Taken::new().await else {
        return;
    };
    let connection = taken.connection;
    connection.occupy();
    connection.batch_execute("BEGIN; COMMIT").await.unwrap();
    connection.release();
    drop(connection);
    assert_eq!(pid(&taken.pool.get().await.unwrap()).await, taken.pid);
}
