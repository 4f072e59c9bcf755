//! `highwater keys`: the keys of the console.

use super::error::CommandError;
use super::exit::Exit;
use super::output::{Column, Out, Record};
use crate::console::{KeyRow, key_table, key_table_markdown};

impl Record for KeyRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("keys", "KEY"),
        Column::text("label", "ACTION"),
        Column::text("name", "NAME"),
        Column::text("where", "WHERE").flexible(),
        Column::text("help", "WHAT IT DOES").flexible(),
    ];
}

/// Prints the key table, in the chosen format or as Markdown.
///
/// # Errors
/// [`CommandError::Io`] where stdout cannot be written.
pub fn run(out: Out, markdown: bool) -> Result<Exit, CommandError> {
    if markdown {
        Out::text(key_table_markdown().as_bytes())?;
    } else {
        out.records(&key_table())?;
    }
    Ok(Exit::Done)
}
