//! What a command uses on this machine, whatever the profile: its environment, and the state folder.

use std::env::VarError;
use std::path::PathBuf;

use super::error::CommandError;
use crate::backend::journal::Journal;
use crate::config;

/// A variable of this process's environment. A value that is not UTF-8 counts as unset, except for highwater's own
/// variables: a path that the user names must not be passed over for the default one.
pub(super) fn variable(name: &str) -> Option<String> {
    match std::env::var(name) {
        Ok(value) => Some(value),
        Err(VarError::NotUnicode(value)) if name.starts_with("HIGHWATER_") => {
            Some(value.to_string_lossy().into_owned())
        }
        Err(_) => None,
    }
}

/// The folder where highwater keeps its files between runs.
///
/// # Errors
/// [`CommandError::Config`] if there is no home folder.
pub(super) fn state_dir() -> Result<PathBuf, CommandError> {
    Ok(config::state_dir(&variable)?)
}

/// The journal of this machine.
///
/// # Errors
/// [`CommandError::Config`] if there is no home folder.
pub(super) fn journal() -> Result<Journal, CommandError> {
    Ok(Journal::new(state_dir()?.join("journal.db")))
}
