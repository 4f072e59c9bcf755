//! One session: the attempts at all hosts, addresses and transports, and its parameters.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::endpoint::{Endpoint, Host};
use super::password::Password;
use super::target::{SessionAttributes, Target};
use super::tls::Transport;
use super::transaction::{self, Isolation};
use super::{attempt, failure, handshake};
use crate::backend::{Error, Result};

/// The name of our sessions while no transaction is open in them. It differs from that of our transactions,
/// which the horizon ignores: a pooler may hand the session on to another application, together with its name.
const SESSION_NAME: &str = "highwater (session)";

/// How long the request to cancel a statement may take.
const CANCEL_PATIENCE: Duration = Duration::from_secs(5);

/// A session and what belongs to it.
pub struct Session {
    pub(super) client: Client,
    place: Arc<str>,
    transport: Transport,
    /// The task that moves the bytes. When the client is dropped, the task ends in an orderly way, that is,
    /// after everything that was asked for has been received.
    task: AbortHandle,
}

impl Session {
    /// Opens a session at the first host that grants one.
    ///
    /// # Errors
    ///
    /// `Unavailable` if no host can be reached, `Refused` or `Denied` as soon as one says no, as in
    /// libpq.
    pub(super) async fn open(target: &Target, password: Option<&Password>) -> Result<Self> {
        let passes: &[SessionAttributes] = match target.attributes {
            SessionAttributes::PreferStandby => {
                &[SessionAttributes::Standby, SessionAttributes::Any]
            }
            SessionAttributes::Any => &[SessionAttributes::Any],
            SessionAttributes::Primary => &[SessionAttributes::Primary],
            SessionAttributes::Standby => &[SessionAttributes::Standby],
        };
        let mut failures = Vec::new();
        for wanted in passes {
            for endpoint in &target.endpoints {
                let attempt = Attempt {
                    target,
                    endpoint,
                    wanted: *wanted,
                    password,
                };
                match attempt.run().await {
                    Ok(session) => return Ok(session),
                    Err(error) if error.is_unavailable() => failures.push((endpoint, error)),
                    Err(error) => return Err(error),
                }
            }
        }
        Err(summary(target, failures))
    }

    /// `database @ host:port` of the server of this session.
    #[must_use]
    pub const fn place(&self) -> &Arc<str> {
        &self.place
    }

    /// Whether the session can no longer be used.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Cancels what the server is doing for this session, and closes the session at once, without receiving
    /// what is still to come.
    pub async fn abandon(self) {
        let token = self.client.cancel_token();
        let cancelled = tokio::time::timeout(CANCEL_PATIENCE, async {
            match self.transport {
                Transport::Plain => token.cancel_query(NoTls).await,
                Transport::Tls { connect, .. } => token.cancel_query(connect).await,
            }
        });
        if let Ok(Err(error)) = cancelled.await {
            tracing::debug!(place = %self.place, %error, "a statement could not be cancelled");
        }
        self.task.abort();
    }

    /// Closes the session at once; for situations in which nothing can be awaited any more.
    pub fn cut(self) {
        self.task.abort();
    }
}

/// Returns the error if there is only one, otherwise a summary of all of them.
fn summary(target: &Target, mut failures: Vec<(&Endpoint, Error)>) -> Error {
    if failures.len() == 1
        && let Some((_, error)) = failures.pop()
    {
        return error;
    }
    let texts: Vec<_> = failures
        .iter()
        .map(|(endpoint, error)| {
            let cause = crate::backend::error::chain(error)
                .pop()
                .unwrap_or_default();
            format!("{endpoint}: {cause}")
        })
        .collect();
    failure::unavailable(&target.place(), "connecting to any host", texts.join("; "))
}

/// One attempt at one endpoint.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    target: &'a Target,
    endpoint: &'a Endpoint,
    wanted: SessionAttributes,
    password: Option<&'a Password>,
}

impl Attempt<'_> {
    async fn run(self) -> Result<Session> {
        let place = format!("{} @ {}", self.target.database, self.endpoint);
        let transports = self
            .target
            .tls
            .transports(&self.endpoint.host, self.target.negotiation)
            .map_err(|error| handshake::tls_refusal(&place, error))?;
        let password = match self.password {
            Some(password) => Some(password.clone()),
            None => self.target.stored_password(self.endpoint),
        };
        let mut last = None;
        for address in self.addresses(&place).await? {
            match self
                .at(address, &transports, password.as_ref(), &place)
                .await
            {
                Err(error) if error.is_unavailable() => last = Some(error),
                decided => return decided,
            }
        }
        Err(last.unwrap_or_else(|| {
            failure::unavailable(&place, "connecting", "the name has no address")
        }))
    }

    /// Returns the addresses of the host; `None` for a socket.
    async fn addresses(self, place: &str) -> Result<Vec<Option<IpAddr>>> {
        let name = match &self.endpoint.host {
            Host::Socket(_) => return Ok(vec![None]),
            Host::Address { address, .. } => return Ok(vec![Some(*address)]),
            Host::Name(name) => name.as_str(),
        };
        let looking = tokio::net::lookup_host((name, self.endpoint.port));
        let doing = || format!("looking up {name}");
        let found = within(self.target.timeout, looking)
            .await
            .map_err(|late| failure::unavailable(place, doing(), late))?
            .map_err(|error| failure::unavailable(place, doing(), error))?;
        Ok(found
            .map(|address: SocketAddr| Some(address.ip()))
            .collect())
    }

    /// Tries one address with each transport in turn.
    async fn at(
        self,
        address: Option<IpAddr>,
        transports: &[Transport],
        password: Option<&Password>,
        place: &str,
    ) -> Result<Session> {
        let mut first = None;
        for transport in transports {
            let connecting = self.connect(address, transport, password, place);
            let outcome = within(self.target.timeout, connecting)
                .await
                .map_err(|late| failure::unavailable(place, "connecting", late))?;
            match outcome {
                Ok(session) => return self.settle(session).await,
                Err(error) => {
                    let other_way = attempt::is_about_transport(&error);
                    let error = attempt::connecting(self.target, self.endpoint, error);
                    // The error of the preferred transport is the one to report.
                    let error = first.take().unwrap_or(error);
                    if !other_way {
                        return Err(error);
                    }
                    first = Some(error);
                }
            }
        }
        Err(first
            .unwrap_or_else(|| failure::unavailable(place, "connecting", "there is no way to try")))
    }

    async fn connect(
        self,
        address: Option<IpAddr>,
        transport: &Transport,
        password: Option<&Password>,
        place: &str,
    ) -> Result<Session, tokio_postgres::Error> {
        let mut config = self.base(address, password);
        let place: Arc<str> = place.into();
        let (client, task) = match transport {
            Transport::Plain => {
                config.ssl_mode(tokio_postgres::config::SslMode::Disable);
                let (client, connection) = config.connect(NoTls).await?;
                (client, drive(connection, Arc::clone(&place)))
            }
            Transport::Tls { connect, mode } => {
                config.ssl_mode(*mode);
                config.ssl_negotiation(self.target.negotiation);
                let (client, connection) = config.connect(connect.clone()).await?;
                (client, drive(connection, Arc::clone(&place)))
            }
        };
        let encrypted = matches!(transport, Transport::Tls { .. });
        tracing::debug!(%place, encrypted, "connected");
        let transport = transport.clone();
        Ok(Session {
            client,
            place,
            transport,
            task,
        })
    }

    fn base(self, address: Option<IpAddr>, password: Option<&Password>) -> tokio_postgres::Config {
        let target = self.target;
        let mut config = tokio_postgres::Config::new();
        config
            .user(&target.user)
            .dbname(&target.database)
            .application_name(SESSION_NAME)
            .port(self.endpoint.port)
            .channel_binding(target.channel_binding)
            .keepalives(target.keepalive.enabled)
            .keepalives_idle(target.keepalive.idle)
            .keepalives_interval(target.keepalive.interval)
            .keepalives_retries(target.keepalive.count)
            .tcp_user_timeout(target.keepalive.user_timeout);
        match &self.endpoint.host {
            Host::Name(name) | Host::Address { name, .. } => config.host(name),
            Host::Socket(folder) => config.host_path(folder),
        };
        if let Some(address) = address {
            config.hostaddr(address);
        }
        if let Some(options) = &target.options {
            config.options(options);
        }
        if let Some(password) = password {
            config.password(password.reveal());
        }
        if let Some(timeout) = target.timeout {
            config.connect_timeout(timeout);
        }
        config
    }

    /// Returns the session if its server is of the wanted kind.
    async fn settle(self, session: Session) -> Result<Session> {
        let standby_wanted = match self.wanted {
            SessionAttributes::Any => return Ok(session),
            SessionAttributes::Primary => false,
            SessionAttributes::Standby | SessionAttributes::PreferStandby => true,
        };
        let doing = "asking whether the server is a standby";
        let script = format!(
            "{}; SELECT pg_catalog.pg_is_in_recovery(); COMMIT",
            transaction::begin(Isolation::ReadCommitted)
        );
        let query = session.client.simple_query(&script);
        let answers = within(self.target.timeout, query)
            .await
            .map_err(|late| failure::unavailable(&session.place, doing, late))?
            .map_err(|error| failure::failure(&session.place, doing, error))?;
        let standby = answers.iter().any(
            |answer| matches!(answer, SimpleQueryMessage::Row(row) if row.get(0) == Some("t")),
        );
        if standby == standby_wanted {
            return Ok(session);
        }
        let wanted = if standby_wanted {
            "a standby"
        } else {
            "a primary"
        };
        let cause = format!("the server is not {wanted}, which target_session_attrs asks for");
        Err(failure::unavailable(&session.place, "connecting", cause))
    }
}

/// Moves the connection's bytes until it ends.
fn drive<F>(connection: F, place: Arc<str>) -> AbortHandle
where
    F: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    let task = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%place, %error, "a connection to PostgreSQL ended");
        }
    });
    task.abort_handle()
}

/// No answer came in time.
#[derive(Debug, thiserror::Error)]
#[error("no answer within {} s; connect_timeout in source.url sets how long to wait", .0.as_secs_f32())]
struct Late(Duration);

async fn within<F: Future>(limit: Option<Duration>, work: F) -> Result<F::Output, Late> {
    match limit {
        None => Ok(work.await),
        Some(limit) => tokio::time::timeout(limit, work)
            .await
            .map_err(|_| Late(limit)),
    }
}
