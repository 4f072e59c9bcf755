//! Finds the configuration file and the profile in it.

use std::path::{Path, PathBuf};

use super::document::{Document, nearest};
use super::error::ConfigError;
use super::file::{self, File};
use super::places::{Environment, default_file, resolve, set};
use super::{ConsoleConfig, Profile, Safety};

const CONFIG_VARIABLE: &str = "HIGHWATER_CONFIG";
const PROFILE_VARIABLE: &str = "HIGHWATER_PROFILE";

/// The parts of the command line that concern the configuration.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--read-only`: nothing is written, whatever the profile allows.
    pub read_only: bool,
}

/// Returns the profile to work with, complete.
///
/// The file is the one given by `--config`, else by `$HIGHWATER_CONFIG`, else
/// `$XDG_CONFIG_HOME/highwater/config.toml`; the profile is the one given by `--profile`, else by
/// `$HIGHWATER_PROFILE`, else by `default_profile` in the file, else its only one. `env` is the environment.
/// Returns `None` if no profile was asked for and there is no configuration at all, or one with nothing but a
/// `[console]` section.
///
/// # Errors
/// A [`ConfigError`] that says where the error is and what to do, and contains no secret.
pub fn load(request: &Request, env: Environment<'_>) -> Result<Option<Profile>, ConfigError> {
    let named = set(env, PROFILE_VARIABLE).map(|name| (name, PROFILE_VARIABLE));
    let asked = request.profile.clone().map(|name| (name, "--profile"));
    let asked = asked.or(named);
    let Some(document) = open(request, env)? else {
        return match asked {
            None => Ok(None),
            Some((profile, asked_by)) => Err(ConfigError::NoConfiguration {
                profile,
                asked_by,
                file: default_file(env).ok(),
            }),
        };
    };
    let file = file::read(&document, env)?;
    if file.console_alone && asked.is_none() {
        return Ok(None);
    }
    let mut profile = choose(&document, file, asked)?;
    if request.read_only {
        profile.safety = Safety::ReadOnly;
    }
    Ok(Some(profile))
}

/// Returns the console's settings when no profile of the file is used, that is, for the demo.
///
/// # Errors
/// As [`load`], except for errors in profiles.
pub fn load_console(request: &Request, env: Environment<'_>) -> Result<ConsoleConfig, ConfigError> {
    open(request, env)?.map_or_else(
        || Ok(ConsoleConfig::default()),
        |document| file::read_console(&document),
    )
}

/// Returns the file named by `--config`, whose value is `flag`, or by the environment variable, and which of the
/// two named it; `None` if neither is set and the default file applies.
///
/// # Errors
/// [`ConfigError::NoHome`] if the variable starts with `~` and the home folder is not known.
pub fn named_file(
    flag: Option<PathBuf>,
    env: Environment<'_>,
) -> Result<Option<(PathBuf, &'static str)>, ConfigError> {
    if let Some(file) = flag {
        return Ok(Some((file, "--config")));
    }
    // A shell expands ~ in a flag, but not in a quoted variable.
    set(env, CONFIG_VARIABLE)
        .map(|file| Ok((resolve(&file, Path::new(""), env)?, CONFIG_VARIABLE)))
        .transpose()
}

/// Reads the file; `None` if none is named and there is none at the default place.
fn open(request: &Request, env: Environment<'_>) -> Result<Option<Document>, ConfigError> {
    let (file, named_by) = match named_file(request.config.clone(), env)? {
        Some((file, named_by)) => (file, Some(named_by)),
        // Without a home folder there is no default place, and therefore no file.
        None => match default_file(env) {
            Ok(file) => (file, None),
            Err(_) => return Ok(None),
        },
    };
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok(Some(Document::new(file, text))),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => named_by
            .map_or(Ok(None), |named_by| {
                Err(ConfigError::Missing { file, named_by })
            }),
        Err(cause) => Err(ConfigError::Unreadable { file, cause }),
    }
}

fn choose(
    document: &Document,
    file: File,
    asked: Option<(String, &'static str)>,
) -> Result<Profile, ConfigError> {
    let path = document.path().to_owned();
    let File {
        default_profile,
        mut profiles,
        ..
    } = file;
    let available = profiles.keys().cloned().collect::<Vec<_>>().join(", ");
    let asked = asked.or_else(|| default_profile.map(|name| (name, "default_profile")));
    let Some((name, asked_by)) = asked else {
        return match (profiles.pop_first(), profiles.is_empty()) {
            (Some((_, profile)), true) => Ok(profile),
            (Some(_), false) => Err(ConfigError::NoProfileChosen {
                file: path,
                available,
            }),
            (None, _) => Err(ConfigError::NoProfiles { file: path }),
        };
    };
    if profiles.is_empty() {
        return Err(ConfigError::NoProfiles { file: path });
    }
    profiles.remove(&name).ok_or_else(|| {
        let nearest = nearest(&name, profiles.keys().map(String::as_str));
        ConfigError::UnknownProfile {
            file: path,
            profile: name,
            asked_by,
            hint: nearest.map_or_else(
                || format!("it has {available}"),
                |nearest| format!("did you mean {nearest}?"),
            ),
        }
    })
}

#[cfg(test)]
mod tests;
