//! What is said of the lines of a preview or an object: how many there are, and where the others are.

use super::command;
use crate::console::action::ActionId;
use crate::console::model::viewer::Page;
use crate::console::model::{Facts, Model};
use crate::figures::{count, length};
use crate::text::{cut, visible};
use crate::vocabulary::{ObjectKey, TableName};

/// Columns of what was searched for, so that what is said of it keeps its room.
const SEARCHED: usize = 24;

/// `all 260 rows`, or `its only row`.
#[must_use]
pub fn all_of(number: usize, noun: &str) -> String {
    match number {
        1 => format!("its only {noun}"),
        number => format!("all {}", count(length(number), noun)),
    }
}

/// How many lines there are to be copied or written.
#[must_use]
pub fn how_many(page: &Page) -> String {
    let lines = page.lines.len();
    if page.is_whole() {
        all_of(lines, "line")
    } else {
        format!("all {} shown", count(length(lines), "line"))
    }
}

/// Below the first `rows` of an object: that these are not all, and the command that has them all.
#[must_use]
pub fn rest_of_object(facts: &Facts, key: &ObjectKey, rows: usize) -> Vec<String> {
    rest(rows, &command::cat(facts, key))
}

/// Below the first `rows` of what ingestion would write.
#[must_use]
pub fn rest_of_preview(facts: &Facts, table: &TableName, rows: usize) -> Vec<String> {
    rest(rows, &command::preview(facts, table))
}

/// The command stands on a line of its own, so that no edge cuts it. On a terminal it would show the
/// first lines alone; a pager is given all of them.
fn rest(rows: usize, command: &str) -> Vec<String> {
    let shown = count(length(rows), "row");
    vec![
        format!("the first {shown} are shown; all of them:"),
        format!("{command} | less"),
    ]
}

/// What is searched for is in none of the lines. Where there are more, that tells nothing of those.
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
