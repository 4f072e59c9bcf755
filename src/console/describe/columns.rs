//! The columns of a table in words.

use super::Lines;
use crate::backend::source::SourceColumn;
use crate::console::model::row::Row;
use crate::console::model::words::Words;
use crate::console::model::{Said, Tone};
use crate::figures::{bytes, count, length};
use crate::text::{cut, ends, left, visible, width};

/// Minimum width of names that are shortened to make room for types and marks.
const NAME: usize = 32;

/// The columns of a table that match these words, laid out as when all are shown, below the table's size; in
/// lines of at most `room` columns.
#[must_use]
pub fn columns(row: &Row, words: &Words, room: usize) -> Lines {
    let mut lines: Lines = large(row, room).into_iter().map(Said::dim).collect();
    let names: Vec<String> = row
        .columns
        .iter()
        .map(|column| visible(&column.name))
        .collect();
    let longest = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let (name_room, detail) = layout(row, longest, room);
    for (column, name) in row.columns.iter().zip(names) {
        if !matches(column, words) {
            continue;
        }
        let name = left(&ends(&name, name_room), name_room);
        let text = format!("{name}  {}", said(column, detail));
        let tone = if column.is_watermark {
            Tone::Strong
        } else {
            Tone::Text
        };
        lines.push(Said::new(tone, cut(&text, room)));
    }
    lines
}

/// The width of the names, of which the longest is `longest` wide, and what is shown next to them. Full names
/// take precedence over full type names; if there is no room for full names, their middle is left out.
fn layout(row: &Row, longest: usize, room: usize) -> (usize, Detail) {
    let details = [
        (true, Some(true)),
        (false, Some(true)),
        (false, Some(false)),
    ];
    let cut = longest.min(NAME);
    let ways = [longest, cut].map(|name| details.map(|detail| (name, detail)));
    let fits = |(name, detail): &(usize, Detail)| {
        let mut columns = row.columns.iter();
        columns.all(|column| name + 2 + width(&said(column, *detail)) <= room)
    };
    let fitting = ways.into_iter().flatten().find(fits);
    // If even that does not fit, leave out the marks.
    let (detail, least) = fitting.map_or(((false, None), room / 2), |(_, detail)| (detail, 0));
    let said = row
        .columns
        .iter()
        .map(|column| width(&said(column, detail)));
    let taken = said.max().unwrap_or(0);
    let name = room.saturating_sub(taken + 2).max(least);
    (longest.min(name), detail)
}

/// Number of columns of a table that match these words.
#[must_use]
pub fn matching(row: &Row, words: &Words) -> usize {
    let matching = row.columns.iter().filter(|column| matches(column, words));
    matching.count()
}

fn matches(column: &SourceColumn, words: &Words) -> bool {
    words.match_in(&[&visible(&column.name), &said(column, (true, Some(true)))])
}

/// Whether types are written in full; and whether to show all marks, only the important ones, or none.
type Detail = (bool, Option<bool>);

/// The type of a column, and its marks.
fn said(column: &SourceColumn, (is_spelt_out, marked): Detail) -> String {
    let name = visible(&column.type_name);
    let name = if is_spelt_out {
        name
    } else {
        short_type(&name)
    };
    name + &marked.map_or_else(String::new, |whole| marks(column, whole))
}

/// The marks of a column: whether it is the watermark and whether it is indexed; if `whole`, also whether it is
/// never null.
fn marks(column: &SourceColumn, whole: bool) -> String {
    let marks = [
        (whole && !column.nullable, "  not null"),
        (column.is_watermark, "  watermark"),
        (column.is_indexed, "  indexed"),
    ];
    let said = marks.iter().filter(|(is_so, _)| *is_so);
    said.map(|(_, mark)| *mark).collect()
}

/// The size of a table, in one line, or in two if there is little room.
fn large(row: &Row, room: usize) -> Vec<String> {
    let columns = count(length(row.columns.len()), "column");
    let rows = row.estimated_rows.map(|rows| count(rows, "row"));
    let large = match (row.size(), rows) {
        (Some(size), Some(rows)) => format!("{}, about {rows}", bytes(size)),
        (Some(size), None) => format!("{}, rows –", bytes(size)),
        (None, _) => "size and rows –: PostgreSQL has no statistics on it yet".to_owned(),
    };
    let line = format!("{columns}, {large}");
    if width(&line) <= room {
        return vec![line];
    }
    let brief = large.split(':').next().unwrap_or_default();
    vec![columns, cut(brief, room)]
}

/// A shorter name by which PostgreSQL knows the type, if there is one.
fn short_type(name: &str) -> String {
    let mut name = name.to_owned();
    for (long, short) in [
        ("timestamp without time zone", "timestamp"),
        ("timestamp with time zone", "timestamptz"),
        ("time without time zone", "time"),
        ("time with time zone", "timetz"),
        ("character varying", "varchar"),
        ("double precision", "float8"),
    ] {
        name = name.replace(long, short);
    }
    // The precision comes in the middle: timestamp(3) without time zone.
    if let Some(before) = name.strip_suffix(" without time zone") {
        return before.to_owned();
    }
    name
}
