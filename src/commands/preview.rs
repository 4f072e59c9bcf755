//! `highwater preview`: the JSON lines that ingestion would write.

use super::cli::PreviewArgs;
use super::error::CommandError;
use super::exit::Exit;
use super::ingest::held;
use super::invocation::Invocation;
use super::json_lines;
use super::session::Session;
use super::targets;
use crate::backend::preview::PreviewLines;
use crate::figures;

/// Prints only the lines on stdout; the key and the bounds go to stderr.
///
/// # Errors
/// [`CommandError::Backend`] if the table is unknown or a service fails.
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    args: PreviewArgs,
) -> Result<Exit, CommandError> {
    let backend = session.backend(invocation).await?;
    let limit = json_lines::limit(invocation, args.limit);
    let preview = async {
        let table = targets::one(&backend, &args.table).await?;
        backend.preview_lines(&table, limit).await
    };
    let preview = invocation.patiently("counting", preview).await?;
    invocation.notes.note(&heading(&preview, limit));
    if preview.object.is_none() {
        held::tell(session, invocation, vec![preview.table().clone()]).await;
    }
    json_lines::print(invocation, preview, limit).await?;
    Ok(Exit::Done)
}

fn heading(preview: &PreviewLines, limit: Option<usize>) -> String {
    let table = preview.table();
    let Some(object) = &preview.object else {
        return format!("{table}: nothing is pending");
    };
    let from = object.from.map_or_else(
        || "from the beginning".to_owned(),
        |from| format!("after {from}"),
    );
    let shown = limit.and_then(|limit| u64::try_from(limit).ok());
    let part = shown
        .filter(|shown| *shown < object.rows)
        .map_or_else(String::new, |shown| {
            format!("; {} shown", figures::count(shown, "row"))
        });
    format!(
        "{table}: {}, {}, {from} to {}{part}",
        object.key,
        figures::count(object.rows, "row"),
        object.to,
    )
}
