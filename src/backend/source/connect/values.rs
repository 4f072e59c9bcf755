//! The settings of a connection, wherever they come from.

use std::str::FromStr;

use super::environment::Environment;
use super::options::Options;
use super::service;
use super::setting::SettingError;

/// libpq's options and the corresponding variables (PostgreSQL documentation, 34.15).
const VARIABLES: &[(&str, &str)] = &[
    ("channel_binding", "PGCHANNELBINDING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    ("options", "PGOPTIONS"),
    ("password", "PGPASSWORD"),
    ("port", "PGPORT"),
    ("service", "PGSERVICE"),
    ("servicefile", "PGSERVICEFILE"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("user", "PGUSER"),
];

/// Options: those that were given come first, then those of a service, and environment variables last.
pub struct Values<'a> {
    pub given: Options,
    pub environment: &'a Environment,
}

impl<'a> Values<'a> {
    /// Combines the options `given` with those of the service that they or the environment name, if
    /// any; the given ones take precedence.
    ///
    /// # Errors
    /// [`SettingError::Service`] if the service cannot be looked up.
    pub fn new(given: Options, environment: &'a Environment) -> Result<Self, SettingError> {
        let mut values = Self { given, environment };
        if let Some(name) = values.text("service") {
            let file = values.text("servicefile");
            let found = service::options(&name, file.as_deref(), environment)?;
            for (option, value) in found {
                values.given.entry(option).or_insert(value);
            }
        }
        Ok(values)
    }

    /// Returns an option; an empty one counts as not given.
    pub fn text(&self, name: &str) -> Option<String> {
        let variable = || VARIABLES.iter().find(|(option, _)| *option == name);
        self.given.get(name).cloned().or_else(|| {
            let (_, variable) = variable()?;
            self.environment.variable(variable).map(str::to_owned)
        })
    }

    /// Returns an option that is a comma-separated list.
    pub fn list(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        if text.is_empty() {
            return Vec::new();
        }
        text.split(',').map(|part| part.trim().to_owned()).collect()
    }

    /// Returns an option that is a number.
    ///
    /// # Errors
    /// [`SettingError::Unusable`] if it is not a number.
    pub fn number<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, SettingError> {
        let wrong = |_| SettingError::unusable(name, "a number");
        let parse = |text: String| text.trim().parse().map_err(wrong);
        self.text(name).map(parse).transpose()
    }
}
