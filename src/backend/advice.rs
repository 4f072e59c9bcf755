//! Command lines in what is advised.
//!
//! Whoever runs one after copying it must reach the profile that the advice is about, and not the default
//! one: the words before the verb are those with which this process was called.

use std::sync::OnceLock;

use crate::text::shell;
use crate::vocabulary::TableName;

/// The program and the flags that chose the profile: as constant as the arguments of the process.
static CALLED: OnceLock<String> = OnceLock::new();

/// Says how this process was called; the first time counts. Until then it is `highwater` alone.
pub fn called_as(program: String) {
    // Another start of a command in the same process has the same arguments.
    let _ = CALLED.set(program);
}

/// The command line of `verb` for the profile at hand: `highwater --profile prod check`.
#[must_use]
pub fn command(verb: &str) -> String {
    let program = CALLED.get().map_or("highwater", String::as_str);
    format!("{program} {verb}")
}

/// As [`command`], with the table after the verb: `highwater --profile prod doctor payment`.
#[must_use]
pub fn command_on(table: &TableName, verb: &str) -> String {
    format!("{} {}", command(verb), shell(&table.to_string()))
}
