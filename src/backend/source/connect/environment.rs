//! What libpq would take from the process: variables, home folder, user name.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The part of the process environment that describes connections. It is a value, so that a test
/// can define it instead of changing the process.
#[derive(Clone, Default)]
pub struct Environment {
    /// The variables whose names begin with `PG`. One of them may hold a password.
    pub variables: BTreeMap<String, String>,
    /// The folder of `.pgpass` and `.postgresql/`.
    pub home: Option<PathBuf>,
    /// Name of the operating system's user, the default for the database user.
    pub user: Option<String>,
}

impl Environment {
    /// The environment of this process. Variables that are not Unicode are left out.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("PG"))
            .collect();
        Self {
            variables,
            home: etcetera::home_dir().ok(),
            user: whoami::username().ok(),
        }
    }

    /// The value of a variable; an empty one counts as not set, as in libpq.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// `~/.postgresql/NAME`, if there is such a file.
    #[must_use]
    pub fn default_file(&self, name: &str) -> Option<PathBuf> {
        let file = self.home.as_ref()?.join(".postgresql").join(name);
        file.is_file().then_some(file)
    }
}
