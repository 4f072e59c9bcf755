//! `highwater demo`: the built-in demo as such.

use super::cli::DemoCommand;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::session::state_dir;
use crate::demo::Demo;

/// Starts the demo over: the next use makes it anew.
///
/// # Errors
/// [`CommandError::Refused`] under `--read-only`, [`CommandError::Demo`] while another program uses
/// the demo.
pub async fn run(invocation: &Invocation, command: DemoCommand) -> Result<Exit, CommandError> {
    let DemoCommand::Reset = command;
    if invocation.global.read_only {
        return Err(CommandError::refused(
            "--read-only: resetting the demo is refused",
            "leave out --read-only",
        ));
    }
    Demo::locate(&state_dir()?).reset().await?;
    invocation
        .notes
        .note("the demo starts over with its next use");
    Ok(Exit::Done)
}
