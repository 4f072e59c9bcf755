//! Command lines in advice and messages.
//!
//! A command that is copied and run must reach the profile that the advice is about, not the default one. The
//! words before the verb are therefore those with which this process was called.

use std::sync::OnceLock;

use crate::text::shell;
use crate::vocabulary::TableName;

/// The program and the flags that chose the profile; they do not change while the process runs.
static CALLED: OnceLock<String> = OnceLock::new();

/// Sets how this process was called; only the first call counts. Until then it is `highwater` alone.
pub fn called_as(program: String) {
    // A second command started in the same process has the same arguments.
    let _ = CALLED.set(program);
}

/// The command line of `verb` for the profile at hand: `highwater --profile prod check`.
#[must_use]
pub fn command(verb: &str) -> String {
    let program = CALLED.get().map_or("highwater", String::as_str);
    format!("{program} {verb}")
}

/// Like [`command`], with the table after the verb: `highwater --profile prod doctor payment`.
#[must_use]
pub fn command_on(table: &TableName, verb: &str) -> String {
    format!("{} {}", command(verb), shell(&table.to_string()))
}
