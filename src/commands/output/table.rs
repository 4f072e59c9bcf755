//! Records as an aligned table.

use std::io::{self, Write};

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::Style;
use super::paint::{Tone, paint};
use super::record::Column;
use crate::text::visible;

/// Between two columns.
const GAP: &str = "  ";
/// A flexible column is not cut below this.
const NARROWEST: usize = 8;

/// Writes `records` under one heading line. No records, no lines.
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
    let widths = widths(&shown, &rows, style.width);
    let titles: Vec<String> = shown
        .iter()
        .map(|column| column.title.unwrap_or_default().to_owned())
        .collect();
    write_row(out, &shown, &titles, &widths, |_, _| Tone::Strong, style)?;
    for row in &rows {
        write_row(
            out,
            &shown,
            row,
            &widths,
            |column, cell| (column.tone)(cell),
            style,
        )?;
    }
    Ok(())
}

fn cells(columns: &[&Column], record: &Value) -> Vec<String> {
    let cell = |column: &&Column| visible(&column.cell(record));
    columns.iter().map(cell).collect()
}

/// As wide as the widest cell; where that is wider than the terminal, the flexible columns give
/// way, the widest first.
fn widths(columns: &[&Column], rows: &[Vec<String>], available: Option<usize>) -> Vec<usize> {
    let widest = |(i, column): (usize, &&Column)| {
        let cells = rows.iter().map(|row| row[i].width());
        cells
            .max()
            .unwrap_or(0)
            .max(column.title.unwrap_or_default().width())
    };
    let mut widths: Vec<usize> = columns.iter().enumerate().map(widest).collect();
    let Some(available) = available else {
        return widths;
    };
    let gaps = GAP.len() * widths.len().saturating_sub(1);
    let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(available);
    while excess > 0 {
        let flexible = (0..widths.len()).filter(|&i| columns[i].flexible && widths[i] > NARROWEST);
        let Some(i) = flexible.max_by_key(|&i| widths[i]) else {
            break;
        };
        widths[i] -= 1;
        excess -= 1;
    }
    widths
}

fn write_row(
    out: &mut dyn Write,
    columns: &[&Column],
    cells: &[String],
    widths: &[usize],
    tone: impl Fn(&Column, &str) -> Tone,
    style: Style,
) -> io::Result<()> {
    let mut line = String::new();
    for (i, column) in columns.iter().enumerate() {
        if i > 0 {
            line.push_str(GAP);
        }
        let cell = cut(&cells[i], widths[i]);
        let padding = " ".repeat(widths[i].saturating_sub(cell.width()));
        let painted = paint(&cell, tone(column, &cells[i]), style.colour);
        if column.is_right() {
            line.push_str(&padding);
            line.push_str(&painted);
        } else {
            line.push_str(&painted);
            line.push_str(&padding);
        }
    }
    writeln!(out, "{}", line.trim_end())
}

/// `text` in at most `width` columns, the end replaced by `…` where something is missing.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > width {
            break;
        }
        kept.push_str(grapheme);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const COLUMNS: &[Column] = &[
        Column::text("table", "TABLE").flexible(),
        Column::count("rows", "ROWS"),
        Column::hidden("secret"),
        Column::text("note", "NOTE"),
    ];

    fn table(records: &[Value], width: Option<usize>) -> String {
        let mut out = Vec::new();
        let style = Style {
            colour: false,
            width,
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
TABLE     ROWS  NOTE
payment  1,204  –
支払い       7  a\\u{1b}b
";
        assert_eq!(table(&records, None), expected);
    }

    #[test]
    fn a_narrow_terminal_cuts_flexible_columns_only() {
        let records = [json!({"table": "a_very_long_table_name", "rows": 1, "note": "kept"})];
        let expected = "\
TABLE       ROWS  NOTE
a_very_lo…     1  kept
";
        assert_eq!(table(&records, Some(22)), expected);
    }

    #[test]
    fn no_records_are_no_lines() {
        assert_eq!(table(&[], None), "");
    }
}
