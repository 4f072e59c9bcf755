//! The objects of a table, and a chart of their rows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::backend::table_objects::listing::ListedObject;
use crate::console::action::ActionId;
use crate::console::model::Model;
use crate::console::model::ledger::Subject;
use crate::console::model::listing::kind;
use crate::console::model::page::TablePage;
use crate::console::spark::bars;
use crate::console::widgets::spinner::spinner;
use crate::console::widgets::{paint, put};
use crate::figures::{ago, bytes, length, minute, thousands, timestamp};
use crate::text::{cut, left, right, tail, visible, width};

/// Minimum and maximum height of the bars, and the height of the axis with the blank line under it.
const BARS: (usize, usize) = (5, 16);
const AXIS: usize = 2;
/// Minimum height of the list if the chart is drawn.
const LIST: usize = 9;
/// Width of the numbers next to the bars.
const SCALE: usize = 10;
/// Maximum width of a bar, in a terminal narrower than `WIDE` and in any other.
const WIDEST: (usize, usize) = (4, 8);
const WIDE: usize = 160;

/// Height of the bars in a body of `body` lines: a quarter of it.
fn bar_lines(body: usize) -> usize {
    (body / 4).clamp(BARS.0, BARS.1)
}

/// Height of the chart in a body of `body` lines.
#[must_use]
pub fn chart_lines(page: &TablePage, body: usize) -> usize {
    let lines = bar_lines(body) + AXIS;
    if body >= lines + LIST && page.rows_over_time().len() > 1 {
        lines
    } else {
        0
    }
}

/// Lines taken by the chart above the list and the text below it, in a body of `body` lines.
#[must_use]
pub fn around(page: &TablePage, body: usize) -> usize {
    chart_lines(page, body) + usize::from(page.objects.is_part())
}

/// Says that there are older objects, and what is done about them.
fn older(model: &Model, page: &TablePage, objects: usize) -> Line<'static> {
    let theme = &model.theme;
    let all = page.objects.older().map(|older| length(objects + older));
    let all = all.map_or_else(String::new, |all| format!(" of {}", thousands(all)));
    let listed = format!("the newest {}{all}", thousands(length(objects)));
    if let Some(trouble) = &page.objects.trouble {
        let key = model.key(ActionId::Refresh);
        let why = visible(trouble.chain().first().map_or("", String::as_str));
        let text = format!(" {listed}; {key} tries again: {why}");
        return Line::styled(text, theme.warning);
    }
    if model.ledger.is_open(Subject::OlderObjects) {
        return Line::from(vec![
            Span::styled(format!(" {} ", spinner(model.now)), theme.accent),
            Span::styled(format!("{listed}, listing older ones"), theme.dim),
        ]);
    }
    let more = if page.objects.is_looked_through() {
        "older ones are not searched"
    } else {
        "older ones follow at the end of the list"
    };
    Line::styled(format!(" {listed}; {more}"), theme.dim)
}

/// Draws the chart and the list.
pub fn draw(model: &Model, page: &TablePage, buffer: &mut Buffer, body: Rect) {
    let theme = &model.theme;
    let Some(objects) = page.objects.ready() else {
        return;
    };
    if objects.is_empty() {
        let text = "   this table has no objects yet";
        put(buffer, body, 1, &Line::styled(text, theme.dim));
        return;
    }
    let above = chart_lines(page, usize::from(body.height));
    if above > 0 {
        chart(model, page, objects, buffer, body);
    }
    let columns = Columns::fit(objects, usize::from(body.width));
    put(
        buffer,
        body,
        above,
        &Line::styled(columns.heads(), theme.dim),
    );
    let mut list = body;
    if page.objects.is_part() && body.height > 0 {
        list.height -= 1;
        let line = older(model, page, objects.len());
        put(buffer, body, usize::from(list.height), &line);
    }
    let scroll = page.scroll();
    let lines = usize::from(list.height).saturating_sub(above + 1);
    let in_sight = page.objects.shown().enumerate();
    let in_sight = in_sight.skip(scroll.offset).take(lines);
    for (place, object) in in_sight {
        let y = above + 1 + place - scroll.offset;
        put(buffer, body, y, &columns.line(model, object));
        if place == scroll.cursor {
            paint(buffer, body, y, theme.selection);
        }
    }
}

/// Draws the rows of the newest objects, the oldest on the left.
fn chart(
    model: &Model,
    page: &TablePage,
    objects: &[ListedObject],
    buffer: &mut Buffer,
    body: Rect,
) {
    let theme = &model.theme;
    let room = usize::from(body.width).saturating_sub(SCALE + 3);
    let rows = page.rows_over_time();
    let shown = &rows[rows.len().saturating_sub(room)..];
    let widest = if usize::from(body.width) < WIDE {
        WIDEST.0
    } else {
        WIDEST.1
    };
    let size = (room / shown.len().max(1)).clamp(1, widest);
    let lines = bar_lines(usize::from(body.height));
    let most = shown.iter().copied().max().unwrap_or(0);
    for (y, line) in bars(shown, lines).into_iter().enumerate() {
        let scale = match y {
            0 => thousands(most),
            y if y + 1 == lines => "0".to_owned(),
            _ => String::new(),
        };
        let spans = vec![
            Span::styled(format!(" {} ", right(&scale, SCALE)), theme.dim),
            Span::styled(widened(&line, size), theme.accent),
        ];
        put(buffer, body, y, &Line::from(spans));
    }
    if let Some(axis) = axis(objects, shown.len(), (size, room)) {
        put(buffer, body, lines, &Line::styled(axis, theme.dim));
    }
}

/// Widens each bar of a line to `size` columns, of which the last is blank if there are several.
fn widened(line: &str, size: usize) -> String {
    let blank = usize::from(size > 1);
    let bar = |bar| std::iter::repeat_n(bar, size - blank).chain(std::iter::repeat_n(' ', blank));
    line.chars().flat_map(bar).collect()
}

/// The times at which the oldest and the newest of the `shown` bars were written; `None` if there is at
/// most one bar. Each bar takes `size` columns, and there is `room` for that many.
fn axis(objects: &[ListedObject], shown: usize, (size, room): (usize, usize)) -> Option<String> {
    let mut ends = objects.iter().filter(|object| object.rows.is_some());
    let newest = minute(ends.next()?.modified);
    let oldest = ends.take(shown.saturating_sub(1)).last()?;
    let oldest = minute(oldest.modified);
    let ends = width(&oldest) + width(&newest);
    let wide = (shown * size).max(ends + 2).min(room);
    let between = wide.saturating_sub(ends);
    Some(format!(
        " {:SCALE$} {oldest}{:between$}{newest}",
        "rows", ""
    ))
}

/// Widths of the columns; 0 for one that is left out.
struct Columns {
    number: usize,
    rows: usize,
    kind: usize,
    until: usize,
    key: usize,
}

/// The cells of a line.
struct Cells<'a> {
    number: &'a str,
    rows: &'a str,
    size: &'a str,
    written: &'a str,
    kind: &'a str,
    until: &'a str,
    key: &'a str,
}

impl Columns {
    fn fit(objects: &[ListedObject], columns: usize) -> Self {
        let digits = |numbers: &mut dyn Iterator<Item = u64>| {
            numbers
                .map(|number| thousands(number).len())
                .max()
                .unwrap_or(0)
        };
        let mut sizes = Self {
            number: objects
                .iter()
                .map(|object| object.sequence_id.to_string().len())
                .max()
                .unwrap_or(0)
                .max(6),
            rows: digits(&mut objects.iter().filter_map(|object| object.rows)).max(4),
            kind: 8,
            until: 26,
            key: 0,
        };
        if sizes.total() > columns {
            sizes.kind = 0;
        }
        if sizes.total() > columns {
            sizes.until = 0;
        }
        let rest = columns.saturating_sub(sizes.total() + 2);
        sizes.key = if rest >= 16 { rest } else { 0 };
        sizes
    }

    fn total(&self) -> usize {
        let optional: usize = [self.kind, self.until, self.key]
            .iter()
            .filter(|size| **size > 0)
            .map(|size| size + 2)
            .sum();
        1 + self.number + 2 + self.rows + 2 + 8 + 2 + 11 + optional + 1
    }

    fn heads(&self) -> String {
        self.join(&Cells {
            number: "SEQ ID",
            rows: "ROWS",
            size: "SIZE",
            written: "WRITTEN",
            kind: "KIND",
            until: "UP TO",
            key: "KEY",
        })
    }

    fn line(&self, model: &Model, object: &ListedObject) -> Line<'static> {
        let rows = object.rows.map_or_else(|| "?".to_owned(), thousands);
        let until = object.to.map_or_else(|| "–".to_owned(), timestamp);
        Line::raw(self.join(&Cells {
            number: &object.sequence_id.to_string(),
            rows: &rows,
            size: &bytes(object.bytes),
            written: &ago(object.modified, model.now),
            kind: kind(object),
            until: &until,
            // The end of the key, as its start is the same for all keys.
            key: &tail(&visible(object.key.as_str()), self.key),
        }))
    }

    fn join(&self, cells: &Cells<'_>) -> String {
        let mut text = format!(
            " {}  {}  {}  {}",
            right(cells.number, self.number),
            right(cells.rows, self.rows),
            right(cells.size, 8),
            left(cells.written, 11)
        );
        for (size, part) in [
            (self.kind, cells.kind),
            (self.until, cells.until),
            (self.key, cells.key),
        ] {
            if size > 0 {
                text.push_str("  ");
                text.push_str(&left(&cut(part, size), size));
            }
        }
        text
    }
}
