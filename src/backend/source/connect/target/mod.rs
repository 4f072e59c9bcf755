//! Where to connect, and as which user: profile, connection string, variables and defaults combined.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::config::SslNegotiation;

use super::endpoint::{Endpoint, Host, default_host};
use super::environment::Environment;
use super::options;
use super::passfile::{self, Wanted};
use super::password::{self, Awaited, CommandError, Password};
use super::promises::PROMISES;
use super::setting::SettingError;
use super::tls::TlsSettings;
use super::values::Values;
use crate::backend::Error;
use crate::config::{SourceConfig, SslMode};

type Result<T, E = SettingError> = std::result::Result<T, E>;

/// How long one attempt at one address may take, unless `connect_timeout` says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything needed to connect. Its `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct Target {
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) user: String,
    pub(super) database: String,
    /// Command-line options for the server (`-c statement_timeout=0`).
    pub(super) options: Option<String>,
    pub(super) tls: TlsSettings,
    pub(super) negotiation: SslNegotiation,
    pub(super) attributes: SessionAttributes,
    pub(super) channel_binding: tokio_postgres::config::ChannelBinding,
    /// Time limit of one attempt; `None` waits for ever.
    pub(super) timeout: Option<Duration>,
    pub(super) keepalive: Keepalive,
    password_command: Option<Vec<String>>,
    password: Option<Password>,
    passfile: Option<PathBuf>,
}

/// What the session's server has to be (`target_session_attrs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionAttributes {
    #[default]
    Any,
    /// `primary`, and `read-write`, which amounts to the same for sessions that write nothing.
    Primary,
    /// `standby`, and `read-only`.
    Standby,
    /// A standby if there is one, otherwise any server.
    PreferStandby,
}

/// TCP keepalive, so that a server that has vanished is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keepalive {
    pub enabled: bool,
    pub idle: Duration,
    pub interval: Duration,
    pub count: u32,
    /// How long sent data may stay unacknowledged.
    pub user_timeout: Duration,
}

impl Target {
    /// Combines the profile, its connection string, the environment and libpq's defaults.
    ///
    /// # Errors
    ///
    /// [`SettingError`] names the option that cannot be used and says why, without its value if that may
    /// be a secret.
    pub fn resolve(config: &SourceConfig, environment: &Environment) -> Result<Self> {
        let given = options::parse(&config.url).map_err(SettingError::Url)?;
        let values = Values::new(given, environment)?;
        refuse_promises(environment)?;
        let user = values.text("user").or_else(|| environment.user.clone());
        let user = user.ok_or(SettingError::NoUser)?;
        let mut endpoints = endpoints(&values)?;
        match values.text("load_balance_hosts").as_deref() {
            None | Some("disable") => {}
            Some("random") => shuffle(&mut endpoints),
            Some(_) => {
                return Err(SettingError::unusable(
                    "load_balance_hosts",
                    "disable or random",
                ));
            }
        }
        let tls = tls_settings(config, &values)?;
        let negotiation = negotiation(&values, &tls, &endpoints)?;
        Ok(Self {
            endpoints,
            negotiation,
            database: values.text("dbname").unwrap_or_else(|| user.clone()),
            user,
            options: values.text("options"),
            tls,
            attributes: attributes(&values)?,
            channel_binding: channel_binding(&values)?,
            timeout: timeout(&values)?,
            keepalive: keepalive(&values)?,
            password_command: config.password_command.clone(),
            password: values.text("password").map(Password::new),
            passfile: passfile::path(
                values.given.get("passfile").map(String::as_str),
                environment,
            ),
        })
    }

    /// `database @ host:port`, for headers and errors: neither user nor password.
    #[must_use]
    pub fn place(&self) -> String {
        let hosts: Vec<_> = self.endpoints.iter().map(ToString::to_string).collect();
        format!("{} @ {}", self.database, hosts.join(","))
    }

    /// The command that prints the password, if there is one. It takes precedence over every other source.
    pub(super) fn password_command(&self) -> Option<&[String]> {
        self.password_command.as_deref()
    }

    /// Returns the password for `endpoint` without running a command: the configured one, otherwise the
    /// password file's.
    pub(super) fn stored_password(&self, endpoint: &Endpoint) -> Option<Password> {
        self.password.clone().or_else(|| {
            let wanted = Wanted {
                host: &endpoint.host.in_passfile(),
                port: endpoint.port,
                database: &self.database,
                user: &self.user,
            };
            passfile::look_up(self.passfile.as_deref()?, &wanted).map(Password::new)
        })
    }
}

/// Checks that a connection string makes sense, regardless of what the profile and the environment add to
/// it.
///
/// # Errors
/// What is wrong with it, without any value that may be a secret.
pub fn check_url(url: &str) -> Result<(), String> {
    let environment = &Environment::default();
    let given = options::parse(url).map_err(|error| error.to_string())?;
    let values = Values { given, environment };
    let checked = endpoints(&values)
        .and_then(|_| attributes(&values))
        .and_then(|_| channel_binding(&values))
        .and_then(|_| timeout(&values))
        .and_then(|_| keepalive(&values));
    checked.map(drop).map_err(|error| error.to_string())
}

/// Refuses variables that would have to be ignored although they change what a connection promises, just
/// as options of that kind are refused.
fn refuse_promises(environment: &Environment) -> Result<()> {
    for promise in &PROMISES {
        let set = promise
            .variable
            .and_then(|name| Some((name, environment.variable(name)?)));
        if let Some((name, value)) = set
            && !promise.is_kept(value)
        {
            return Err(SettingError::Promise { variable: name });
        }
    }
    Ok(())
}

fn endpoints(values: &Values<'_>) -> Result<Vec<Endpoint>> {
    let (hosts, addresses, ports) = (
        values.list("host"),
        values.list("hostaddr"),
        values.list("port"),
    );
    if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
        return Err(SettingError::unusable(
            "hostaddr",
            "a list as long as that of host",
        ));
    }
    let count = hosts.len().max(addresses.len()).max(1);
    if ports.len() > 1 && ports.len() != count {
        return Err(SettingError::unusable(
            "port",
            "one port, or as many as there are hosts",
        ));
    }
    let text = |list: &[String], at: usize| list.get(at).filter(|text| !text.is_empty()).cloned();
    (0..count)
        .map(|at| {
            let at_port = if ports.len() == 1 { 0 } else { at };
            let port = match text(&ports, at_port) {
                Some(port) => port
                    .parse()
                    .map_err(|_| SettingError::unusable("port", "a number below 65536"))?,
                None => 5432,
            };
            let host = host(text(&hosts, at), text(&addresses, at), port)?;
            Ok(Endpoint { host, port })
        })
        .collect()
}

fn host(name: Option<String>, address: Option<String>, port: u16) -> Result<Host> {
    if let Some(text) = address {
        let address = text
            .parse()
            .map_err(|_| SettingError::unusable("hostaddr", "an IP address"))?;
        let name = name.unwrap_or(text);
        return Ok(Host::Address { name, address });
    }
    Ok(match name {
        Some(name) if name.starts_with('/') => Host::Socket(PathBuf::from(name)),
        Some(name) => Host::Name(name),
        None => default_host(port),
    })
}

/// Shuffles, using the random bytes of UUIDs: a handful of hosts does not justify a generator of its own.
fn shuffle(endpoints: &mut Vec<Endpoint>) {
    let mut keyed: Vec<_> = endpoints
        .drain(..)
        .map(|endpoint| (uuid::Uuid::new_v4(), endpoint))
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    endpoints.extend(keyed.into_iter().map(|(_, endpoint)| endpoint));
}

fn tls_settings(config: &SourceConfig, values: &Values<'_>) -> Result<TlsSettings> {
    let named = values
        .text("sslmode")
        .map(|name| super::tls::mode_named(&name));
    let mode = match (config.sslmode, named) {
        (Some(mode), _) | (None, Some(Some(mode))) => Some(mode),
        (None, None) => None,
        (None, Some(None)) => {
            return Err(SettingError::unusable(
                "sslmode",
                "disable, allow, prefer, require, verify-ca or verify-full",
            ));
        }
    };
    let file = |own: &Option<PathBuf>, name: &str| {
        own.clone().or_else(|| values.text(name).map(PathBuf::from))
    };
    TlsSettings::resolve(
        mode,
        file(&config.sslrootcert, "sslrootcert"),
        file(&config.sslcert, "sslcert"),
        file(&config.sslkey, "sslkey"),
        values.environment,
    )
}

/// Determines how TLS is begun. `direct` is only accepted if no weaker mode is possible: otherwise a
/// server that does not know that way would seem to have no TLS (libpq's rule).
fn negotiation(
    values: &Values<'_>,
    tls: &TlsSettings,
    endpoints: &[Endpoint],
) -> Result<SslNegotiation> {
    let is_weak = |endpoint: &Endpoint| {
        let weak = [SslMode::Disable, SslMode::Allow, SslMode::Prefer];
        let socket = matches!(endpoint.host, Host::Socket(_));
        !socket && weak.contains(&tls.mode(&endpoint.host))
    };
    match values.text("sslnegotiation").as_deref() {
        None | Some("postgres") => Ok(SslNegotiation::Postgres),
        Some("direct") if endpoints.iter().any(is_weak) => Err(SettingError::TooWeakForDirect),
        Some("direct") => Ok(SslNegotiation::Direct),
        Some(_) => Err(SettingError::unusable(
            "sslnegotiation",
            "postgres or direct",
        )),
    }
}

fn attributes(values: &Values<'_>) -> Result<SessionAttributes> {
    Ok(match values.text("target_session_attrs").as_deref() {
        None | Some("any") => SessionAttributes::Any,
        Some("primary" | "read-write") => SessionAttributes::Primary,
        Some("standby" | "read-only") => SessionAttributes::Standby,
        Some("prefer-standby") => SessionAttributes::PreferStandby,
        Some(_) => {
            let known = "any, primary, standby, prefer-standby, read-write or read-only";
            return Err(SettingError::unusable("target_session_attrs", known));
        }
    })
}

fn channel_binding(values: &Values<'_>) -> Result<tokio_postgres::config::ChannelBinding> {
    use tokio_postgres::config::ChannelBinding;
    Ok(match values.text("channel_binding").as_deref() {
        None | Some("prefer") => ChannelBinding::Prefer,
        Some("disable") => ChannelBinding::Disable,
        Some("require") => ChannelBinding::Require,
        Some(_) => {
            return Err(SettingError::unusable(
                "channel_binding",
                "disable, prefer or require",
            ));
        }
    })
}

/// In seconds; zero and below wait for ever, as in libpq.
fn timeout(values: &Values<'_>) -> Result<Option<Duration>> {
    Ok(match values.number::<i64>("connect_timeout")? {
        None => Some(PATIENCE),
        Some(seconds) => u64::try_from(seconds)
            .ok()
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs),
    })
}

fn keepalive(values: &Values<'_>) -> Result<Keepalive> {
    let seconds = |name, default| -> Result<Duration> {
        let given = values.number::<u64>(name)?.filter(|seconds| *seconds > 0);
        Ok(Duration::from_secs(given.unwrap_or(default)))
    };
    let unacknowledged = values
        .number::<u64>("tcp_user_timeout")?
        .filter(|millis| *millis > 0);
    Ok(Keepalive {
        enabled: values.number::<u8>("keepalives")? != Some(0),
        idle: seconds("keepalives_idle", 30)?,
        interval: seconds("keepalives_interval", 10)?,
        // Zero means the default, as with the other options.
        count: match values.number("keepalives_count")? {
            None | Some(0) => 3,
            Some(count) => count,
        },
        user_timeout: Duration::from_millis(unacknowledged.unwrap_or(60_000)),
    })
}

/// Runs the profile's command, if it has one.
pub(super) async fn commanded_password(
    target: &Target,
    awaited: &Awaited,
) -> Result<Option<Password>, CommandError> {
    match target.password_command() {
        Some(command) => password::from_command(command, awaited).await.map(Some),
        None => Ok(None),
    }
}

/// The error of a session that got no password because of `cause`.
pub(super) fn command_failed(target: &Target, cause: Arc<CommandError>) -> Error {
    super::failure::refused(
        &target.place(),
        "getting the password",
        "make source.password_command print the password on one line",
        cause,
    )
}

#[cfg(test)]
mod tests;
