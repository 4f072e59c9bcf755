//! Messages about the lines of a preview or an object: how many there are, and where to find the rest.

use super::command;
use crate::console::action::ActionId;
use crate::console::model::viewer::Page;
use crate::console::model::{Facts, Model};
use crate::figures::{count, length};
use crate::text::{cut, visible};
use crate::vocabulary::{ObjectKey, TableName};

/// Maximum width of the search text in a message, so that there is room for the rest.
const SEARCHED: usize = 24;

/// `all 260 rows`, or `its only row`.
#[must_use]
pub fn all_of(number: usize, noun: &str) -> String {
    match number {
        1 => format!("its only {noun}"),
        number => format!("all {}", count(length(number), noun)),
    }
}

/// How many lines can be copied or written, in words.
#[must_use]
pub fn how_many(page: &Page) -> String {
    let lines = page.lines.len();
    if page.is_whole() {
        all_of(lines, "line")
    } else {
        format!("all {} shown", count(length(lines), "line"))
    }
}

/// Shown below the first `rows` of an object: there are more, and this command prints them all.
#[must_use]
pub fn rest_of_object(facts: &Facts, key: &ObjectKey, rows: usize) -> Vec<String> {
    rest(rows, &command::cat(facts, key))
}

/// The same, below the first `rows` of what ingestion would write.
#[must_use]
pub fn rest_of_preview(facts: &Facts, table: &TableName, rows: usize) -> Vec<String> {
    rest(rows, &command::preview(facts, table))
}

/// The command is on a line of its own, so that the edge of the screen does not cut it. Without the
/// pager it would print only the first lines to a terminal.
fn rest(rows: usize, command: &str) -> Vec<String> {
    let shown = count(length(rows), "row");
    vec![
        format!("the first {shown} are shown; all of them:"),
        format!("{command} | less"),
    ]
}

/// Says that the search text is in none of these lines. If there are more lines, it may be in those.
#[must_use]
pub fn not_found(model: &Model) -> String {
    let Some(viewer) = model.viewer() else {
        return String::new();
    };
    let searched = cut(&visible(&viewer.search), SEARCHED);
    match viewer.answer.ready() {
        Some(page) if !page.is_whole() => {
            let rows = count(length(page.lines.len()), "row");
            let key = model.key(ActionId::Last);
            format!("{searched} is not in the first {rows}; {key} says how to read all")
        }
        _ => format!("{searched} is not there"),
    }
}
