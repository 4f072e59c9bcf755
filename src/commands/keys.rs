//! `highwater keys`: the keys of the console.

use super::error::CommandError;
use super::exit::Exit;
use super::output::{Column, Out, Record};
use crate::console::{KeyRow, key_table};

impl Record for KeyRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("keys", "KEY"),
        Column::text("label", "ACTION"),
        Column::text("where", "WHERE").flexible(),
        Column::text("help", "WHAT IT DOES").flexible(),
    ];
}

/// Prints the key table.
///
/// # Errors
/// [`CommandError::Io`] where stdout cannot be written.
pub fn run(out: Out) -> Result<Exit, CommandError> {
    out.records(&key_table())?;
    Ok(Exit::Done)
}
