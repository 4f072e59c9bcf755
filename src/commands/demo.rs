//! `highwater demo`: manages the built-in demo.

use std::path::PathBuf;

use super::cli::DemoCommand;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::machine::{journal, state_dir, variable};
use crate::backend::journal::Journal;
use crate::config::{self, ConfigError, DEMO};
use crate::demo::Demo;

/// Starts the demo over: the next use creates it anew, and its entries are removed from the journal.
///
/// # Errors
/// [`CommandError::Refused`] under `--read-only`, [`CommandError::Demo`] while another program uses the demo,
/// [`CommandError::Backend`] if the journal cannot be written.
pub async fn run(invocation: &Invocation, command: DemoCommand) -> Result<Exit, CommandError> {
    let DemoCommand::Reset = command;
    if invocation.global.read_only {
        return Err(CommandError::refused(
            "--read-only: resetting the demo is refused",
            "leave out --read-only",
        ));
    }
    Demo::locate(&state_dir()?).reset().await?;
    let config = invocation.global.config.clone();
    if !forget(&journal()?, config).await? {
        invocation
            .notes
            .note("the journal is left as it is: the configuration has a profile called demo, too");
    }
    invocation
        .notes
        .note("the demo starts over the next time it is used");
    Ok(Exit::Done)
}

/// Removes the journal entries of a demo that is gone. Returns `false`, and removes nothing, if entries of that name
/// may belong to a profile of the user's.
///
/// # Errors
/// [`Error::Journal`](crate::backend::Error::Journal).
pub(super) async fn forget(
    journal: &Journal,
    config: Option<PathBuf>,
) -> crate::backend::Result<bool> {
    let is_of_demo = !is_a_profile_of_somebody(config);
    if is_of_demo {
        journal.forget(DEMO).await?;
    }
    Ok(is_of_demo)
}

/// Whether journal entries under the demo's name may belong to a profile in the configuration: what users have done to
/// their own databases is not forgotten. A configuration that cannot be read may contain such a profile.
fn is_a_profile_of_somebody(config: Option<PathBuf>) -> bool {
    let request = config::Request {
        config,
        profile: Some(DEMO.to_owned()),
        read_only: false,
    };
    !matches!(
        config::load(&request, &variable),
        Ok(None)
            | Err(ConfigError::NoConfiguration { .. }
                | ConfigError::UnknownProfile { .. }
                | ConfigError::NoProfiles { .. })
    )
}
