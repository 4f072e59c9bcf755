//! The company at work: a few rows a second, so that pending counts change.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config};
use tokio_util::sync::CancellationToken;

use super::{connection, import};

/// What happens in the company, with its relative frequency. Each event is a single statement, so that its
/// transaction ends at once and does not hold the horizon back.
const EVENTS: [(u64, &str); 9] = [
    (8, include_str!("../../assets/demo/writer/sell.sql")),
    (3, include_str!("../../assets/demo/writer/buy.sql")),
    (5, include_str!("../../assets/demo/writer/settle.sql")),
    (4, include_str!("../../assets/demo/writer/dispatch.sql")),
    (2, include_str!("../../assets/demo/writer/ship.sql")),
    (1, include_str!("../../assets/demo/writer/bill.sql")),
    (1, include_str!("../../assets/demo/writer/contact.sql")),
    (1, include_str!("../../assets/demo/writer/phone.sql")),
    (1, include_str!("../../assets/demo/writer/transfer.sql")),
];

/// The `application_name` of the writer's session: an application of the company, not one of highwater's.
const APPLICATION: &str = "demo-shop";

/// The advisory lock of the one writer: any number that nothing else in the database uses.
const WRITING: i64 = 0x6877_5f77_7269_7465;

/// The shortest time between two events, and the most that is added to it.
const PAUSE: Duration = Duration::from_millis(500);
const SPREAD_MILLIS: u64 = 1500;

/// How long the writer waits before it tries again to connect, or checks again whether another program's writer has
/// gone.
const RETRY: Duration = Duration::from_secs(1);

/// Adds and updates rows until `cancel` is cancelled. If several programs use one demo, only one of them writes at
/// a time; if none was writing when this one began, it also opens the import, once. A lost connection is
/// re-established.
pub(super) fn spawn(config: &Config, cancel: CancellationToken) -> JoinHandle<()> {
    let mut config = config.clone();
    config.application_name(APPLICATION);
    tokio::spawn(async move {
        // Returns as soon as it is cancelled, whatever it is waiting for: the server rolls back a transaction that
        // is cut off.
        let _ = cancel.run_until_cancelled(work(&config)).await;
    })
}

async fn work(config: &Config) {
    let (first, is_first) = oneshot::channel();
    let import = async {
        // A program that takes over from another must not run the import again.
        if is_first.await == Ok(true)
            && let Err(error) = import::run(config).await
        {
            tracing::debug!(%error, "the demo's import was ended");
        }
    };
    tokio::join!(write(config, first), import);
}

async fn write(config: &Config, first: oneshot::Sender<bool>) {
    let mut first = Some(first);
    loop {
        if let Err(error) = write_until_disconnected(config, &mut first).await {
            tracing::debug!(%error, "the demo's writer was interrupted");
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn write_until_disconnected(
    config: &Config,
    first: &mut Option<oneshot::Sender<bool>>,
) -> Result<(), tokio_postgres::Error> {
    let client = connection::connect(config).await?;
    let mut writes = is_the_one(&client).await?;
    if let Some(first) = first.take() {
        // Nobody is listening any more when the program is about to end.
        let _ = first.send(writes);
    }
    while !writes {
        tokio::time::sleep(RETRY).await;
        writes = is_the_one(&client).await?;
    }
    loop {
        let chance = RandomState::new().build_hasher().finish();
        tokio::time::sleep(PAUSE + Duration::from_millis(chance % SPREAD_MILLIS)).await;
        client.batch_execute(event(chance / SPREAD_MILLIS)).await?;
    }
}

async fn is_the_one(client: &Client) -> Result<bool, tokio_postgres::Error> {
    let row = client
        .query_one("SELECT pg_try_advisory_lock($1)", &[&WRITING])
        .await?;
    Ok(row.get(0))
}

/// The event that a random number selects.
fn event(chance: u64) -> &'static str {
    let total: u64 = EVENTS.iter().map(|(weight, _)| weight).sum();
    let mut left = chance % total;
    for (weight, statement) in EVENTS {
        if left < weight {
            return statement;
        }
        left -= weight;
    }
    unreachable!("what is left is less than the sum of all weights")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_comes_as_often_as_its_weight() {
        let total: u64 = EVENTS.iter().map(|(weight, _)| weight).sum();
        for (weight, statement) in EVENTS {
            let times = (0..total)
                .filter(|chance| event(*chance) == statement)
                .count();
            assert_eq!(times as u64, weight);
        }
    }
}
