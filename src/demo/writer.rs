//! The company at work: a few rows a second, so that pending counts move.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config};
use tokio_util::sync::CancellationToken;

use super::connection;

/// What happens in the company, and how often, relative to each other. Each is one statement, so that
/// its transaction is over at once and does not hold the horizon back.
const EVENTS: [(u64, &str); 7] = [
    (8, include_str!("../../assets/demo/writer/sell.sql")),
    (3, include_str!("../../assets/demo/writer/buy.sql")),
    (5, include_str!("../../assets/demo/writer/settle.sql")),
    (4, include_str!("../../assets/demo/writer/dispatch.sql")),
    (1, include_str!("../../assets/demo/writer/contact.sql")),
    (1, include_str!("../../assets/demo/writer/phone.sql")),
    (1, include_str!("../../assets/demo/writer/transfer.sql")),
];

/// How the writer's session is called: an application of the company, nothing of highwater's.
const APPLICATION: &str = "demo-shop";

/// The advisory lock of the one writer: any number that nothing else in the database uses.
const WRITING: i64 = 0x6877_5f77_7269_7465;

/// The shortest time between two events, and how much longer it may be.
const PAUSE: Duration = Duration::from_millis(500);
const SPREAD_MILLIS: u64 = 1500;

/// How long until the writer looks again whether it can connect, or whether another program's writer
/// has gone.
const RETRY: Duration = Duration::from_secs(1);

/// Adds and updates rows until `cancel` is cancelled. Of several programs on one demo only one
/// writes at a time. A lost connection is made again.
pub(super) fn spawn(config: &Config, cancel: CancellationToken) -> JoinHandle<()> {
    let mut config = config.clone();
    config.application_name(APPLICATION);
    tokio::spawn(async move {
        // Returns the moment of cancelling, whatever it waits for: a transaction that is cut off is
        // rolled back by the server.
        let _ = cancel.run_until_cancelled(write(&config)).await;
    })
}

async fn write(config: &Config) {
    loop {
        if let Err(error) = write_until_disconnected(config).await {
            tracing::debug!(%error, "the demo's writer was interrupted");
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn write_until_disconnected(config: &Config) -> Result<(), tokio_postgres::Error> {
    let client = connection::connect(config).await?;
    while !is_the_one(&client).await? {
        tokio::time::sleep(RETRY).await;
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

/// The event that a random number stands for.
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
