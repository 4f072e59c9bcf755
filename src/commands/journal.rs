//! `highwater journal`: every change made from this machine.

use super::cli::JournalArgs;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::machine::journal;
use super::output::{Column, Record};
use crate::backend::journal::{JournalEntry, JournalSearch};

impl Record for JournalEntry {
    const COLUMNS: &'static [Column] = &[
        Column::text("at", "AT"),
        Column::text("who", "WHO"),
        Column::text("profile", "PROFILE"),
        Column::text("table", "TABLE"),
        Column::text("action", "ACTION"),
        Column::text("what", "WHAT").flexible(),
        Column::text("before", "BEFORE").flexible(),
        Column::text("after", "AFTER").flexible(),
        Column::text("reason", "REASON").flexible(),
    ];
}

/// Prints the newest changes, newest first. Needs neither the source nor the stores, nor their credentials.
///
/// # Errors
/// [`CommandError::Backend`] if the journal cannot be read.
pub async fn run(invocation: &Invocation, args: JournalArgs) -> Result<Exit, CommandError> {
    let journal = journal()?;
    let entries = invocation
        .until_interrupted(journal.newest(args.limit, JournalSearch::default(), &|_| ()))
        .await?;
    if entries.is_empty() && args.limit > 0 {
        invocation
            .notes
            .note("nothing has been changed from this machine");
    }
    invocation.out.records(&entries)?;
    Ok(Exit::Done)
}
