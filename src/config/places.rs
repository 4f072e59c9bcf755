//! Where highwater keeps its files, and how paths in the configuration are resolved.

use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// The environment: the value of a variable, if it is set.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The folder for everything highwater keeps between runs: the journal, logs, local stores, the
/// demo. `$XDG_STATE_HOME/highwater`, or else `~/.local/state/highwater`.
///
/// # Errors
/// [`ConfigError::NoHome`] if neither is known.
pub fn state_dir(env: Environment<'_>) -> Result<PathBuf, ConfigError> {
    base_dir(env, "XDG_STATE_HOME", ".local/state")
}

/// The configuration file that is read if none is named: `$XDG_CONFIG_HOME/highwater/config.toml`,
/// or else `~/.config/highwater/config.toml`.
///
/// # Errors
/// [`ConfigError::NoHome`] if neither is known.
pub fn default_file(env: Environment<'_>) -> Result<PathBuf, ConfigError> {
    Ok(base_dir(env, "XDG_CONFIG_HOME", ".config")?.join("config.toml"))
}

/// The `highwater` folder within a base folder of the XDG Base Directory Specification, which
/// requires relative paths in its variables to be ignored.
fn base_dir(
    env: Environment<'_>,
    variable: &'static str,
    below_home: &str,
) -> Result<PathBuf, ConfigError> {
    let named = set(env, variable).map(PathBuf::from);
    let base = match named.filter(|path| path.is_absolute()) {
        Some(base) => base,
        None => home(env)
            .ok_or(ConfigError::NoHome { variable })?
            .join(below_home),
    };
    Ok(base.join("highwater"))
}

/// A path in the configuration: `~` is the home folder, and a relative path is relative to `base`,
/// the folder of the configuration file.
pub(super) fn resolve(
    path: &str,
    base: &Path,
    env: Environment<'_>,
) -> Result<PathBuf, ConfigError> {
    let below_home = match path.strip_prefix('~') {
        Some("") => Some(""),
        Some(rest) => rest.strip_prefix('/'),
        None => None,
    };
    let Some(rest) = below_home else {
        return Ok(base.join(path));
    };
    let home = home(env).ok_or(ConfigError::NoHome { variable: "~" })?;
    Ok(home.join(rest))
}

/// The value of a variable, if it is set and not empty.
pub(super) fn set(env: Environment<'_>, variable: &str) -> Option<String> {
    env(variable).filter(|value| !value.is_empty())
}

/// `$HOME`, or else the home folder of the user's account.
fn home(env: Environment<'_>) -> Option<PathBuf> {
    set(env, "HOME")
        .map(PathBuf::from)
        .or_else(|| etcetera::home_dir().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "HOME" => Some("/home/me".to_owned()),
            "XDG_CONFIG_HOME" => Some("/etc/me".to_owned()),
            "XDG_STATE_HOME" => Some("relative".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn folders_follow_the_base_directory_specification() {
        assert_eq!(
            default_file(&env).ok(),
            Some(PathBuf::from("/etc/me/highwater/config.toml"))
        );
        assert_eq!(
            state_dir(&env).ok(),
            Some(PathBuf::from("/home/me/.local/state/highwater"))
        );
        let only_home = |name: &str| env(name).filter(|_| name == "HOME");
        assert_eq!(
            default_file(&only_home).ok(),
            Some(PathBuf::from("/home/me/.config/highwater/config.toml"))
        );
    }

    #[test]
    fn a_path_starts_at_home_at_the_root_or_at_the_file() {
        let resolve = |path| resolve(path, Path::new("/etc/hw"), &env).ok();
        assert_eq!(resolve("~/x"), Some("/home/me/x".into()));
        assert_eq!(resolve("~"), Some("/home/me".into()));
        assert_eq!(resolve("/x"), Some("/x".into()));
        assert_eq!(resolve("rds-ca.pem"), Some("/etc/hw/rds-ca.pem".into()));
        assert_eq!(resolve("~user/x"), Some("/etc/hw/~user/x".into()));
    }
}
