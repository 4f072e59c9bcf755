//! What a command finds on this machine, whatever the profile: its environment, and what is kept here.

use std::env::VarError;
use std::path::PathBuf;

use super::error::CommandError;
use crate::backend::journal::Journal;
use crate::config;

/// A variable of this process's environment; one that is not UTF-8 is as good as unset, unless it is one of
/// highwater: what somebody names with it is not passed over for what is at the usual place.
pub(super) fn variable(name: &str) -> Option<String> {
    match std::env::var(name) {
        Ok(value) => Some(value),
        Err(VarError::NotUnicode(value)) if name.starts_with("HIGHWATER_") => {
            Some(value.to_string_lossy().into_owned())
        }
        Err(_) => None,
    }
}

/// Where highwater keeps its files between runs.
///
/// # Errors
/// [`CommandError::Config`] where there is no home folder.
pub(super) fn state_dir() -> Result<PathBuf, CommandError> {
    Ok(config::state_dir(&variable)?)
}

/// The journal of this machine.
///
/// # Errors
/// [`CommandError::Config`] where there is no home folder.
pub(super) fn journal() -> Result<Journal, CommandError> {
    Ok(Journal::new(state_dir()?.join("journal.db")))
}
