//! The headless twins of what the console does: one file per command.
//!
//! Results go to stdout through [`output::Out`], everything else to stderr through [`notes::Notes`]. A command ends
//! with an [`Exit`]; if it fails or is refused, a [`CommandError`] says why.
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`invocation`], `interrupt` | what every command gets; the signals that end it |
//! | [`session`], `demo_session` | the profile of a run and how its backend is opened; the same for the demo |
//! | `targets` | the tables that a command works on |
//! | [`confirm`] | the confirmation that a write needs |
//! | `work`, `waiting` | jobs, run to completion; the progress shown meanwhile |
//! | [`output`], `json_lines` | records as table, JSON or CSV; rows as they arrive |
//! | [`notes`], `status_line` | stderr: messages, and the line that is redrawn in place |
//! | `machine`, [`log`] | the environment and the state folder; the log that is kept there |
//! | `start` | no command: the console |

mod backfill;
mod check;
pub mod cli;
mod completions;
pub mod confirm;
mod demo;
mod demo_session;
mod doctor;
pub mod error;
mod exit;
mod ingest;
mod init;
mod interrupt;
pub mod invocation;
mod journal;
mod json_lines;
mod keys;
pub mod log;
mod machine;
mod man;
pub mod notes;
mod objects;
pub mod output;
mod params;
mod preview;
pub mod session;
mod start;
mod status;
mod status_line;
mod targets;
mod waiting;
mod work;

pub use error::CommandError;
pub use exit::Exit;

use crate::backend::advice;
use cli::{Cli, Command, ProfileCommand};
use futures_util::future::BoxFuture;
use invocation::Invocation;
use output::Out;
use session::Session;

/// Runs the command, and reports on stderr why it failed.
///
/// Boxed, so that all of it is compiled in this crate and not again where it is awaited.
#[must_use = "nothing is done before it is awaited"]
pub fn run(cli: Cli) -> BoxFuture<'static, Exit> {
    Box::pin(dispatch(cli))
}

async fn dispatch(cli: Cli) -> Exit {
    let notes = cli.global.notes();
    let done = match cli.command {
        Some(command) => {
            advice::called_as(cli.global.command());
            headless(cli.global, command).await
        }
        None => start::console(&cli.global).await,
    };
    done.unwrap_or_else(|error| {
        notes.error(&error);
        error.exit()
    })
}

async fn headless(global: cli::Global, command: Command) -> Result<Exit, CommandError> {
    let invocation = Invocation::new(global)?;
    match command {
        Command::Profile(command) => on_profile(&invocation, command).await,
        Command::Completions { shell } => {
            Out::text(&completions::script(shell))?;
            Ok(Exit::Done)
        }
        Command::Man(args) => man::run(&args),
        Command::Keys { markdown } => keys::run(&invocation, markdown),
        Command::Init => init::run(&invocation).await,
        Command::Demo(command) => demo::run(&invocation, command).await,
    }
}

async fn on_profile(
    invocation: &Invocation,
    command: ProfileCommand,
) -> Result<Exit, CommandError> {
    let session = Session::headless(&invocation.global)?;
    // Boxed: each of these futures holds the state of whole protocols, and only one of them is needed.
    let work: BoxFuture<'_, _> = match command {
        ProfileCommand::Status(args) => Box::pin(status::run(&session, invocation, args)),
        ProfileCommand::Ingest(args) => Box::pin(ingest::run(&session, invocation, args)),
        ProfileCommand::Backfill(args) => Box::pin(backfill::run(&session, invocation, args)),
        ProfileCommand::Preview(args) => Box::pin(preview::run(&session, invocation, args)),
        ProfileCommand::Params(command) => Box::pin(params::run(&session, invocation, command)),
        ProfileCommand::Doctor(args) => Box::pin(doctor::run(&session, invocation, args)),
        ProfileCommand::Objects(args) => Box::pin(objects::run(&session, invocation, args)),
        ProfileCommand::Journal(args) => Box::pin(journal::run(invocation, args)),
        ProfileCommand::Check => Box::pin(check::run(&session, invocation)),
    };
    let done = work.await;
    let closed = session.close().await;
    done.and_then(|exit| closed.map(|()| exit))
}
