//! `highwater demo`: the built-in demo as such.

use std::path::PathBuf;

use super::cli::DemoCommand;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::machine::{journal, state_dir, variable};
use crate::backend::journal::Journal;
use crate::config::{self, ConfigError, DEMO};
use crate::demo::Demo;

/// Starts the demo over: the next use makes it anew, and the journal knows nothing of it.
///
/// # Errors
/// [`CommandError::Refused`] under `--read-only`, [`CommandError::Demo`] while another program uses
/// the demo, [`CommandError::Backend`] where the journal cannot be written.
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

/// Forgets what the journal has of a demo that is gone; `false` where its entries of that name may be those of
/// a profile of somebody.
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

/// Whether the journal's entries of the demo's name may be those of a profile of the configuration: what
/// somebody has done to a database of theirs is not forgotten. A configuration that cannot be read may
/// have one.
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
