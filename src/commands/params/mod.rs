//! `highwater params`: the two stored values of a table.

mod edit;
mod get;
mod history;

use super::cli::ParamsCommand;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::session::Session;

/// Runs the subcommand.
///
/// # Errors
/// Any [`CommandError`] that the subcommand documents.
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    command: ParamsCommand,
) -> Result<Exit, CommandError> {
    match command {
        ParamsCommand::Get { table } => get::run(session, invocation, &table).await,
        ParamsCommand::History { table } => history::run(session, invocation, &table).await,
        ParamsCommand::Set(args) => edit::set(session, invocation, args).await,
        ParamsCommand::Revert(args) => edit::revert(session, invocation, args).await,
    }
}
