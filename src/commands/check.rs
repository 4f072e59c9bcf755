//! `highwater check`: reaches every store and says which permission is missing.

use std::convert::Infallible;

use serde_json::Value;

use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::output::paint::Tone;
use super::output::{Column, Record};
use super::session::Session;
use crate::backend::check::CheckItem;

impl Record for CheckItem {
    const COLUMNS: &'static [Column] = &[
        Column::text("service", "SERVICE"),
        Column::text("place", "PLACE").spare(),
        Column::text("what", "CHECK"),
        Column::made("ok", "OK", ok).toned(ok_tone),
        Column::text("message", "RESULT").flexible(),
        Column::hidden("remedy"),
    ];
}

fn ok(record: &Value) -> String {
    if record["ok"] == true { "yes" } else { "no" }.to_owned()
}

fn ok_tone(ok: &str) -> Tone {
    if ok == "yes" { Tone::Good } else { Tone::Bad }
}

/// Prints what was tried and what came of it; what would put it right goes to stderr as well.
///
/// # Errors
/// [`CommandError::Backend`] where the profile itself cannot be opened. A check that fails is a
/// result, and makes [`Exit::Failed`].
pub async fn run(session: &Session, invocation: &Invocation) -> Result<Exit, CommandError> {
    let backend = session.backend(invocation).await?;
    let check = async { Ok::<_, Infallible>(backend.check().await) };
    let items = invocation.until_interrupted(check).await?;
    invocation.out.records(&items)?;
    for item in items.iter().filter(|item| !item.ok) {
        let failed = format!(
            "{} at {}: {}: {}",
            item.service, item.place, item.what, item.message
        );
        invocation.notes.block(&[failed], item.remedy.as_deref());
    }
    let failed = items.iter().any(|item| !item.ok);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}
