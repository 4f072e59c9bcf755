//! `highwater demo`: the built-in demo as such.

use std::sync::Arc;

use super::cli::DemoCommand;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::machine::{journal, state_dir, variable};
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
    if is_a_profile_of_somebody(invocation) {
        invocation.notes.note(
            "the journal is left as it is: a profile of the configuration is called demo, too",
        );
    } else {
        let forgotten = journal()?.forget(DEMO).await;
        forgotten.map_err(|error| CommandError::from(Arc::new(error)))?;
    }
    invocation
        .notes
        .note("the demo starts over with its next use");
    Ok(Exit::Done)
}

/// Whether the journal's entries of the demo's name may be those of a profile of the configuration: what
/// somebody has done to a database of theirs is not forgotten. A configuration that cannot be read may
/// have one.
fn is_a_profile_of_somebody(invocation: &Invocation) -> bool {
    let request = config::Request {
        config: invocation.global.config.clone(),
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
