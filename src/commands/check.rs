//! `highwater check`: reaches every store and says which permission is missing.

use std::convert::Infallible;

use serde_json::Value;

use super::error::CommandError;
use super::exit::Exit;
use super::invocation::Invocation;
use super::notes::Shown;
use super::output::paint::Tone;
use super::output::{Column, Record};
use super::session::Session;
use crate::backend::check::CheckItem;
use crate::figures;

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

/// Prints what was tried and how it went; the remedies also go to stderr.
///
/// # Errors
/// [`CommandError::Backend`] if the profile itself cannot be opened. A failed check is not
/// an error, and results in [`Exit::Failed`].
pub async fn run(session: &Session, invocation: &Invocation) -> Result<Exit, CommandError> {
    let backend = session.backend(invocation).await?;
    let check = async { Ok::<_, Infallible>(backend.check().await) };
    let items = invocation.until_interrupted(check).await?;
    let printed = invocation.out.records(&items);
    let failures = failures(&items);
    let failed = !failures.is_empty();
    invocation.notes.shown(failures);
    printed?;
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// The failed checks; a failure that several tables share is listed once.
fn failures(items: &[CheckItem]) -> Vec<Shown> {
    let mut causes: Vec<(&CheckItem, Vec<&str>)> = Vec::new();
    for item in items.iter().filter(|item| !item.ok) {
        let about = |item: &CheckItem| (item.service, item.message.clone(), item.remedy.clone());
        let same = causes
            .iter_mut()
            .find(|(first, _)| about(first) == about(item));
        match same {
            Some((_, whats)) => whats.push(&item.what),
            None => causes.push((item, vec![&item.what])),
        }
    }
    causes.into_iter().map(shown).collect()
}

fn shown((item, whats): (&CheckItem, Vec<&str>)) -> Shown {
    let what = figures::named(&whats);
    let CheckItem {
        service,
        place,
        message,
        remedy,
        ..
    } = item;
    Shown {
        chain: vec![format!("{service} at {place}: {what}: {message}")],
        next: remedy.clone(),
        of_service: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_of_several_tables_is_told_once() {
        let item = |what: &str, message: &str, remedy: Option<&str>| CheckItem {
            service: "source",
            place: "shop @ h".to_owned(),
            what: what.to_owned(),
            ok: false,
            message: message.to_owned(),
            remedy: remedy.map(str::to_owned),
        };
        let without = "no-timestamp-column: there is no column last_updated";
        let mut items: Vec<CheckItem> = ["a", "b", "c", "d", "e", "f"]
            .map(|table| item(table, without, None))
            .into();
        items.push(item("SELECT", "may not read g", Some("GRANT")));
        items.push(CheckItem {
            ok: true,
            ..item("list", "all is well", None)
        });
        let told: Vec<String> = failures(&items)
            .into_iter()
            .map(|shown| shown.chain.join(" "))
            .collect();
        let expected = [
            format!("source at shop @ h: a, b, c, d and 2 more: {without}"),
            "source at shop @ h: SELECT: may not read g".to_owned(),
        ];
        assert_eq!(told, expected);
    }
}
