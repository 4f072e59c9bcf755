//! A pooler in front of several servers, which gives each transaction a session on another server.

use std::io;
use std::sync::Arc;

use highwater::backend::ingest::Outcome;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{TABLE, each_once, ingest, stopped, written};
use crate::support::{self, ClusterSettings, Stage, eventually};

/// A message of PostgreSQL's protocol, including its kind and length (its documentation, 55.7).
async fn message(from: &mut TcpStream) -> io::Result<(u8, Vec<u8>)> {
    let (kind, length) = (from.read_u8().await?, from.read_u32().await?);
    let mut whole = [&[kind][..], &length.to_be_bytes()].concat();
    let head = whole.len();
    whole.resize(head + length as usize - 4, 0);
    from.read_exact(&mut whole[head..]).await?;
    Ok((kind, whole))
}

/// Passes everything on until the server is ready for the next query; returns whether a transaction is open then.
async fn answer(server: &mut TcpStream, guest: &mut TcpStream) -> io::Result<bool> {
    loop {
        let (kind, message) = message(server).await?;
        guest.write_all(&message).await?;
        if kind == b'Z' {
            return Ok(message.last() != Some(&b'I'));
        }
    }
}

/// Serves one client: runs each of its transactions on the next of the servers at these `ports`.
async fn serve(mut guest: TcpStream, ports: &[u16]) -> io::Result<()> {
    let length = guest.read_u32().await?;
    let mut start = length.to_be_bytes().to_vec();
    start.resize(length as usize, 0);
    guest.read_exact(&mut start[4..]).await?;
    let mut servers = Vec::new();
    for port in ports {
        let mut server = TcpStream::connect(("127.0.0.1", *port)).await?;
        server.write_all(&start).await?;
        servers.push(server);
    }
    let (first, others) = servers.split_first_mut().expect("a server");
    answer(first, &mut guest).await?;
    for other in others {
        while message(other).await?.0 != b'Z' {}
    }
    for turn in (0..ports.len()).cycle() {
        let server = &mut servers[turn];
        loop {
            // One query, or all messages that belong to one.
            loop {
                let (kind, message) = message(&mut guest).await?;
                server.write_all(&message).await?;
                if matches!(kind, b'Q' | b'S') {
                    break;
                }
            }
            if !answer(server, &mut guest).await? {
                break;
            }
        }
    }
    Ok(())
}

/// The port of a pooler in front of the servers at `ports`; it ends with the test's runtime.
async fn pooler(ports: impl Into<Arc<[u16]>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let ports = ports.into();
    tokio::spawn(async move {
        while let Ok((guest, _)) = listener.accept().await {
            let ports = Arc::clone(&ports);
            // A client that goes away in between is of no concern.
            tokio::spawn(async move { serve(guest, &ports).await.ok() });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_says_of_transactions_is_not_taken_for_what_another_has() {
    let Some(primary) = support::cluster(&ClusterSettings::default()) else {
        return;
    };
    let database = primary.database();
    database.run(TABLE).await;
    let standby = primary.standby();
    let replica = support::connect(&standby.url_of(&database)).await;
    let row = |id| format!("INSERT INTO payment VALUES ({id}, 'x', now() AT TIME ZONE 'UTC')");
    // Of two rows, the standby has the newer one, because it was committed first.
    let late = database.client().await;
    let begin = format!("BEGIN; {}", row(1));
    late.batch_execute(&begin).await.expect("begun");
    database.run(&row(2)).await;
    eventually("the row has arrived", async || {
        let counted = replica.query_one("SELECT count(*) FROM payment", &[]).await;
        counted.expect("a count").get::<_, i64>(0) == 1
    })
    .await;
    let pause = replica.batch_execute("SELECT pg_wal_replay_pause()").await;
    pause.expect("paused");
    late.batch_execute("COMMIT").await.expect("committed");

    let stage = async |ports: &[u16]| {
        let url = primary.url_of(&database);
        let port = pooler(ports).await;
        let url = url.replace(&primary.port().to_string(), &port.to_string());
        let url = format!("{url}?sslmode=disable");
        Stage::local(&database).await.reading(&url).await
    };
    let mixed = stage(&[primary.port(), standby.port()]).await;
    let report = ingest(&mixed).await;
    assert_eq!(stopped(&report), "failed", "{report:?}");
    let error = report.error.expect("an error");
    assert!(error.next_step.contains("standbys"), "{error:?}");

    let apart = stage(&[primary.port()]).await;
    assert_eq!(written(&ingest(&apart).await), [2]);
    assert_eq!(ingest(&apart).await.outcome, Outcome::NothingPending);
    each_once(&apart.ids("payment").await, 1..=2);
}
