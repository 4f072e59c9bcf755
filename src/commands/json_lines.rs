//! Lines of JSON on their way to stdout, as they come.

use std::io::{self, Write};

use super::error::CommandError;
use super::invocation::Invocation;
use super::output::unless_gone;
use crate::backend::{Result, preview::PreviewLines, table_objects::rows::ObjectRows};

/// Lines that a reader on a terminal is shown.
const SCREENFUL: usize = 100;

/// Something that gives line after line.
pub(super) trait Lines {
    /// The next line, without its line break; `None` after the last one.
    fn next(&mut self) -> impl Future<Output = Result<Option<String>>> + Send;
}

impl Lines for PreviewLines {
    fn next(&mut self) -> impl Future<Output = Result<Option<String>>> + Send {
        self.next_line()
    }
}

impl Lines for ObjectRows {
    fn next(&mut self) -> impl Future<Output = Result<Option<String>>> + Send {
        self.next_row()
    }
}

/// How many lines are shown: all, but on a terminal, where nobody reads more, the first.
pub(super) fn limit(invocation: &Invocation, asked: Option<usize>) -> Option<usize> {
    asked.or_else(|| invocation.out.is_terminal().then_some(SCREENFUL))
}

/// Prints lines as they come, at most `limit`. A reader that has gone away ends it.
///
/// # Errors
/// What the lines fail with; [`CommandError::Io`] where stdout cannot be written.
pub(super) async fn print<L: Lines + Send>(
    invocation: &Invocation,
    mut lines: L,
    limit: Option<usize>,
) -> std::result::Result<(), CommandError> {
    let mut out = io::BufWriter::new(io::stdout());
    let mut printed = 0;
    let printing = async {
        while limit.is_none_or(|limit| printed < limit)
            && let Some(line) = lines.next().await?
        {
            if let Err(error) = invocation.out.json_line(&mut out, &line) {
                return Ok(Err(error));
            }
            printed += 1;
        }
        Ok::<_, crate::backend::Error>(out.flush())
    };
    unless_gone(invocation.until_interrupted(printing).await?)
}
