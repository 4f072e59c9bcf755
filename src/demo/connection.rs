//! Connections to the demo's own server.

use std::fmt::Write;
use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use super::cluster::{PORT, USER};
use super::error::DemoError;
use super::layout::Layout;

/// The database with the company's tables.
pub(super) const DATABASE: &str = "shop";

/// The `application_name` of the demo's own sessions. Not `highwater`: they write, so the horizon must take them
/// into account.
const APPLICATION: &str = "highwater-demo";

/// Pause between two attempts to connect to a server that does not answer yet.
const TICK: Duration = Duration::from_millis(5);

/// How to connect to the company's database.
pub(super) fn config(layout: &Layout) -> Config {
    let mut config = Config::new();
    config
        .host_path(layout.socket())
        .port(PORT)
        .user(USER)
        .dbname(DATABASE)
        .application_name(APPLICATION);
    config
}

/// The settings of a connection as a libpq URL. It is complete, so that none of the user's `PG*` variables affects
/// it.
pub(super) fn url(layout: &Layout) -> String {
    let mut host = String::new();
    for byte in layout.socket().as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            host.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(host, "%{byte:02X}");
        }
    }
    format!("postgres://{USER}@{host}:{PORT}/{DATABASE}?sslmode=disable")
}

/// Connects, and drives the connection until the client is dropped.
pub(super) async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the demo's server ended");
        }
    });
    Ok(client)
}

/// The outcome of waiting for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Ready,
    /// The server has ended.
    Ended,
    /// The server is running, but did not answer in time.
    TooLate,
}

/// Tries to connect until the server answers, it has ended, or the time is up.
///
/// # Errors
/// The errors of `ended`.
pub(super) async fn answers(
    config: &Config,
    within: Duration,
    mut ended: impl FnMut() -> Result<bool, DemoError>,
) -> Result<Answer, DemoError> {
    let deadline = Instant::now() + within;
    loop {
        match config.connect(NoTls).await {
            Ok(_) => return Ok(Answer::Ready),
            // Any answer shows that the server is up, even that the database does not exist yet.
            Err(error)
                if error
                    .code()
                    .is_some_and(|code| *code != SqlState::CANNOT_CONNECT_NOW) =>
            {
                return Ok(Answer::Ready);
            }
            Err(_) => {}
        }
        if ended()? {
            return Ok(Answer::Ended);
        }
        if Instant::now() > deadline {
            return Ok(Answer::TooLate);
        }
        tokio::time::sleep(TICK).await;
    }
}
