//! `highwater objects`: what has been written.

use super::cli::{ObjectsArgs, ObjectsCommand};
use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::json_lines;
use super::output::{Column, Record};
use super::session::Session;
use super::targets;
use crate::backend::table_objects::listing::ListedObject;
use crate::vocabulary::ObjectKey;

impl Record for ListedObject {
    const COLUMNS: &'static [Column] = &[
        Column::text("key", "KEY").flexible(),
        Column::count("sequence_id", "SEQ ID"),
        Column::bytes("bytes", "BYTES"),
        Column::text("modified", "MODIFIED").spare(),
        Column::text("kind", "KIND"),
        Column::count("rows", "ROWS"),
        Column::hidden("from"),
        Column::text("to", "TO").flexible(),
        Column::hidden("run"),
    ];
}

/// Prints the objects of a table, newest first, or the rows of one object.
///
/// # Errors
/// [`CommandError::Backend`] if the table or the key is unknown, or a service fails.
pub async fn run(
    session: &Session,
    invocation: &Invocation,
    args: ObjectsArgs,
) -> Result<Exit, CommandError> {
    if let Some(ObjectsCommand::Cat { key, limit }) = args.command {
        return cat(session, invocation, key, limit).await;
    }
    let spelling = args.table.unwrap_or_default();
    let backend = session.backend(invocation).await?;
    let objects = async {
        let table = targets::spelled(&backend, &spelling).await?;
        backend.objects(&table, args.limit).await
    };
    let objects = invocation.until_interrupted(objects).await?;
    if objects.is_empty() && args.limit > 0 {
        invocation
            .notes
            .note("the table has no objects under the key that the profile gives");
    }
    invocation.out.records(&objects)?;
    Ok(Exit::Done)
}

async fn cat(
    session: &Session,
    invocation: &Invocation,
    key: String,
    limit: Option<usize>,
) -> Result<Exit, CommandError> {
    let backend = session.backend(invocation).await?;
    let rows = backend.object_rows(&ObjectKey::new(key));
    json_lines::print(invocation, rows, json_lines::limit(invocation, limit)).await?;
    Ok(Exit::Done)
}
