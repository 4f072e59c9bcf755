//! `highwater preview`: the JSON lines that ingestion would write.

use super::cli::PreviewArgs;
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::output::human;
use super::session::Session;
use super::targets;
use crate::backend::preview::Preview;

/// Lines that a reader on a terminal is shown.
const SCREENFUL: usize = 100;
/// All lines: as many as the LIMIT of a query can say.
const ALL: usize = isize::MAX.unsigned_abs();

/// Prints the lines alone on stdout; the key and the bounds go to stderr.
///
/// # Errors
/// [`CommandError::Backend`] where the table is unknown or a party fails.
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    args: PreviewArgs,
) -> Result<Exit, CommandError> {
    let backend = session.backend(invocation).await?;
    let limit = lines(invocation, args.limit);
    let preview = async {
        let table = targets::one(&backend, &args.table).await?;
        backend.preview(&table, limit).await
    };
    let preview = invocation.until_interrupted(preview).await?;
    invocation.notes.note(&heading(&preview));
    invocation.out.json_lines(&preview.lines)?;
    Ok(Exit::Done)
}

/// How many lines are shown: all, but on a terminal, where nobody reads more, the first.
pub(super) fn lines(invocation: &Invocation, limit: Option<usize>) -> usize {
    limit.unwrap_or_else(|| {
        if invocation.out.is_terminal() {
            SCREENFUL
        } else {
            ALL
        }
    })
}

fn heading(preview: &Preview) -> String {
    let Some(object) = &preview.object else {
        return format!("{}: nothing is pending", preview.table);
    };
    let from = object.from.map_or_else(
        || "from the beginning".to_owned(),
        |from| format!("after {from}"),
    );
    let shown = u64::try_from(preview.lines.len()).unwrap_or(u64::MAX);
    let part = if shown < object.rows {
        format!("; the first {} follow", human::count(shown))
    } else {
        String::new()
    };
    format!(
        "{}: {}, {} rows, {from} to {}{part}",
        preview.table,
        object.key,
        human::count(object.rows),
        object.to,
    )
}
