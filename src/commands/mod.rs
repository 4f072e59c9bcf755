//! The headless twins of what the console does: one file per command.
//!
//! Results go to stdout through [`output::Out`], everything else to stderr through
//! [`notes::Notes`]. How a command ends is an [`Exit`]; why it did not do what it was asked, a
//! [`CommandError`].
//!
//! | module | what |
//! |---|---|
//! | [`cli`] | the command line |
//! | [`invocation`], `interrupt` | what every command is given; the signals that end it |
//! | [`session`], `demo_session` | the profile of a run, and the way to its backend; the same of the demo |
//! | `targets` | the tables that a command is about |
//! | [`confirm`] | what stands between a command and a write |
//! | `work`, `waiting` | jobs, run to their end; what is reported of them meanwhile |
//! | [`output`], `json_lines` | records as table, JSON or CSV; rows as they come |
//! | [`notes`], `status_line` | stderr: what is said, and the line that is drawn over itself |
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

/// Does what the command line says, and says on stderr why it could not.
///
/// Boxed, so that all of it is compiled here and not once more where it is awaited.
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
    // Boxed: each of them holds the state of whole protocols, only one of which is needed.
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
