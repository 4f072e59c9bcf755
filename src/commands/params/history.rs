//! `highwater params history`: every version of both values.

use crate::backend::edits::HistoryEntry;
use crate::commands::error::CommandError;
use crate::commands::exit::Exit;
use crate::commands::invocation::Invocation;
use crate::commands::output::{Column, Record};
use crate::commands::session::Session;
use crate::commands::targets;

impl Record for HistoryEntry {
    const COLUMNS: &'static [Column] = &[
        Column::hidden("table"),
        Column::text("parameter", "PARAMETER").flexible(),
        Column::count("version", "VERSION"),
        Column::text("value", "VALUE"),
        Column::text("written_at", "WRITTEN AT"),
        Column::text("written_by", "WRITTEN BY").flexible(),
        Column::text("origin", "ORIGIN"),
        Column::text("description", "DESCRIPTION").flexible(),
    ];
}

/// Prints the versions that the store still has, newest first.
///
/// # Errors
/// [`CommandError::Backend`] if the table is unknown or a service fails.
pub(super) async fn run(
    session: &Session,
    invocation: &Invocation,
    table: &str,
) -> Result<Exit, CommandError> {
    let backend = session.backend(invocation).await?;
    let history = async {
        let table = targets::spelled(&backend, table).await?;
        backend.history(&table).await
    };
    let history = invocation.until_interrupted(history).await?;
    if history.is_empty() {
        invocation.notes.note("nothing is recorded");
    }
    invocation.out.records(&history)?;
    Ok(Exit::Done)
}
