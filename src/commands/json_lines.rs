//! Lines of JSON, printed to stdout as they arrive.

use std::io::{self, Write};

use super::error::CommandError;
use super::invocation::Invocation;
use super::output::unless_gone;
use crate::backend::{Result, preview::PreviewLines, table_objects::rows::ObjectRows};

/// Lines shown by default on a terminal.
const SCREENFUL: usize = 100;

/// A source of lines.
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

/// The number of lines to show: by default all, but only [`SCREENFUL`] on a terminal, where nobody
/// reads more.
pub(super) fn limit(invocation: &Invocation, asked: Option<usize>) -> Option<usize> {
    asked.or_else(|| invocation.out.is_terminal().then_some(SCREENFUL))
}

/// Prints lines as they arrive, at most `limit`. Ends quietly if the reader of stdout has gone
/// away.
///
/// # Errors
/// Whatever the lines fail with; [`CommandError::Io`] if stdout cannot be written.
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
