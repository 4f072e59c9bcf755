//! Records as an aligned table.

use std::io::{self, Write};

use serde_json::Value;

use super::Style;
use super::fit::{Extent, Fitted, GAP, fit};
use super::paint::{Tone, paint};
use super::record::{Column, NOTHING};
use crate::text::{self, visible};

/// Indentation of the fields beneath a row.
const INDENT: &str = "  ";

/// Writes `records` under one heading line; without records, writes nothing.
pub(super) fn write(
    out: &mut dyn Write,
    columns: &[Column],
    records: &[Value],
    style: Style,
) -> io::Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let shown: Vec<&Column> = columns.iter().filter(|c| c.title.is_some()).collect();
    let rows: Vec<Vec<String>> = records.iter().map(|record| cells(&shown, record)).collect();
    let fitted = fit(&shown, &extents(&shown, &rows), style.width);
    let sheet = Sheet {
        columns: shown,
        fitted,
        style,
    };
    sheet.write_heading(out)?;
    rows.iter().try_for_each(|row| {
        sheet.write_beside(out, row)?;
        sheet.write_beneath(out, row)
    })
}

fn cells(columns: &[&Column], record: &Value) -> Vec<String> {
    let cell = |column: &&Column| visible(&column.cell(record));
    columns.iter().map(cell).collect()
}

fn extents(columns: &[&Column], rows: &[Vec<String>]) -> Vec<Extent> {
    let extent = |(i, column): (usize, &&Column)| {
        let cells = || {
            rows.iter()
                .map(|row| row[i].as_str())
                .chain([title(column)])
        };
        let words = cells().flat_map(|cell| cell.split(' '));
        Extent {
            whole: cells().map(text::width).max().unwrap_or(0),
            word: words.map(text::width).max().unwrap_or(0),
        }
    };
    columns.iter().enumerate().map(extent).collect()
}

fn title(column: &Column) -> &str {
    column.title.unwrap_or_default()
}

/// A table whose columns are fitted into the width of the terminal.
struct Sheet<'a> {
    columns: Vec<&'a Column>,
    fitted: Fitted,
    style: Style,
}

impl Sheet<'_> {
    fn write_heading(&self, out: &mut dyn Write) -> io::Result<()> {
        let titles = |i: usize| vec![title(self.columns[i]).to_owned()];
        self.write_lines(out, titles, |_| Tone::Strong)
    }

    /// Writes a row, in as many lines as its last cell needs.
    fn write_beside(&self, out: &mut dyn Write, row: &[String]) -> io::Result<()> {
        let last = self.fitted.beside.last().copied();
        let lines = |i: usize| match last {
            Some((last, width)) if last == i && self.style.width.is_some() => {
                text::wrap(&row[i], width.max(1))
            }
            _ => vec![row[i].clone()],
        };
        self.write_lines(out, lines, |i| (self.columns[i].tone)(&row[i]))
    }

    fn write_lines(
        &self,
        out: &mut dyn Write,
        lines: impl Fn(usize) -> Vec<String>,
        tone: impl Fn(usize) -> Tone,
    ) -> io::Result<()> {
        let beside = &self.fitted.beside;
        let cells: Vec<Vec<String>> = beside.iter().map(|&(i, _)| lines(i)).collect();
        for n in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let mut line = String::new();
            for (&(i, width), cell) in beside.iter().zip(&cells) {
                let cell = cell.get(n).map_or("", String::as_str);
                if !line.is_empty() {
                    line.push_str(GAP);
                }
                let padding = " ".repeat(width.saturating_sub(text::width(cell)));
                let painted = paint(cell, tone(i), self.style.colour);
                if self.columns[i].is_right() {
                    line.push_str(&padding);
                    line.push_str(&painted);
                } else {
                    line.push_str(&painted);
                    line.push_str(&padding);
                }
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Writes the fields that did not fit beside the others and have a value, each after its title.
    fn write_beneath(&self, out: &mut dyn Write, row: &[String]) -> io::Result<()> {
        let titled = |&i: &usize| (i, title(self.columns[i]).to_lowercase());
        let beneath: Vec<(usize, String)> = self.fitted.beneath.iter().map(titled).collect();
        let label = beneath.iter().map(|(_, title)| text::width(title)).max();
        let start = INDENT.len() + label.unwrap_or(0) + GAP.len();
        let room = self.style.width.unwrap_or(usize::MAX).saturating_sub(start);
        for (i, title) in beneath.iter().filter(|(i, _)| row[*i] != NOTHING) {
            let mut before = format!(
                "{INDENT}{}{}",
                paint(title, Tone::Faint, self.style.colour),
                " ".repeat(start - INDENT.len() - text::width(title)),
            );
            for line in text::wrap(&row[*i], room.max(1)) {
                let line = paint(&line, (self.columns[*i].tone)(&row[*i]), self.style.colour);
                writeln!(out, "{before}{line}")?;
                before = " ".repeat(start);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const COLUMNS: &[Column] = &[
        Column::text("table", "TABLE"),
        Column::count("rows", "ROWS"),
        Column::hidden("secret"),
        Column::text("key", "KEY").flexible(),
        Column::text("note", "NOTE").flexible(),
    ];

    fn table(records: &[Value], width: Option<usize>) -> String {
        let mut out = Vec::new();
        let style = Style {
            width,
            ..Style::default()
        };
        write(&mut out, COLUMNS, records, style).expect("writing to memory");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn numbers_end_under_each_other_and_wide_characters_keep_the_columns() {
        let records = [
            json!({"table": "payment", "rows": 1204, "secret": 1, "note": null}),
            json!({"table": "支払い", "rows": 7, "note": "a\u{1b}b"}),
        ];
        let expected = "\
TABLE     ROWS  KEY  NOTE
payment  1,204  –    –
支払い       7  –    a\\u{1b}b
";
        assert_eq!(table(&records, None), expected);
    }

    #[test]
    fn on_a_narrow_terminal_what_finds_no_room_stands_beneath_its_row() {
        let records = [
            json!({"table": "payment", "rows": 1, "key": "payment/payment_00000001.jsonl",
                "note": "kept whole"}),
            json!({"table": "staff", "rows": 20, "key": null, "note": "also kept"}),
        ];
        let expected = "\
TABLE    ROWS
payment     1
  key   payment/payment_00
        000001.jsonl
  note  kept whole
staff      20
  note  also kept
";
        assert_eq!(table(&records, Some(26)), expected);
    }

    #[test]
    fn the_last_column_wraps_where_it_can_be_read() {
        let records = [json!({"table": "staff", "rows": 1, "key": "k",
            "note": "so much that it has to be continued in a second line"})];
        let expected = "\
TABLE  ROWS  KEY  NOTE
staff     1  k    so much that it has to be
                  continued in a second line
";
        assert_eq!(table(&records, Some(44)), expected);
    }

    #[test]
    fn no_records_are_no_lines() {
        assert_eq!(table(&[], None), "");
    }
}
