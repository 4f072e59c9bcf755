//! `highwater keys`: the keys of the console.

use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::output::{Column, Out, Record};
use super::session::console_of_any;
use crate::console::{KeyRow, Keymap, key_table, key_table_markdown};

impl Record for KeyRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("keys", "KEY"),
        Column::text("label", "ACTION"),
        Column::text("name", "NAME"),
        Column::text("where", "WHERE").spare(),
        Column::text("help", "WHAT IT DOES").flexible(),
    ];
}

/// Prints the keys as configured, in the chosen format, or the default keys as Markdown.
///
/// # Errors
/// [`CommandError::Config`] if the console's part of the configuration is invalid,
/// [`CommandError::Io`] if stdout cannot be written.
pub fn run(invocation: &Invocation, markdown: bool) -> Result<Exit, CommandError> {
    if markdown {
        Out::text(key_table_markdown().as_bytes())?;
    } else {
        let looks = console_of_any(&invocation.global)?;
        let keymap = Keymap::new(&looks.keys)?;
        invocation.out.records(&key_table(&keymap))?;
    }
    Ok(Exit::Done)
}
