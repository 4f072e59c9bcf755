//! The cells of a table's row.

use ratatui::style::Style;
use ratatui::text::Span;

use super::columns::Columns;
use crate::backend::Watermark;
use crate::backend::source::RowCounts;
use crate::backend::status::{LastObject, State};
use crate::console::model::Model;
use crate::console::model::row::{Row, is_slow};
use crate::console::widgets::spinner::spinner;
use crate::figures::{ago, bytes, thousands, timestamp};
use crate::text::{left, right};

/// A text with its style.
type Cell = (String, Style);

/// The sign of a state.
#[must_use]
pub fn glyph(model: &Model, row: &Row) -> Span<'static> {
    let theme = &model.theme;
    match row.state() {
        Some(State::NeedsAttention) => Span::styled("✗", theme.error),
        Some(State::Unreachable) => Span::styled("!", theme.error),
        Some(State::Running) => Span::styled("◐", theme.accent),
        Some(State::Pending) => Span::styled("●", theme.accent),
        Some(State::NeverIngested) => Span::styled("○", theme.dim),
        Some(State::UpToDate) => Span::styled("✓", theme.ok),
        None if row.is_filling() => Span::styled(spinner(model.now), theme.dim),
        None => Span::styled("·", theme.dim),
    }
}

/// Everything right of the table's name.
#[must_use]
pub fn cells(model: &Model, row: &Row, columns: &Columns) -> Vec<Span<'static>> {
    let gap = " ".repeat(columns.gap);
    let mut spans = Vec::new();
    let mut add = |width: usize, (text, style): Cell, to_the_right: bool| {
        if width > 0 {
            let text = if to_the_right {
                right(&text, width)
            } else {
                left(&text, width)
            };
            spans.push(Span::raw(gap.clone()));
            spans.push(Span::styled(text, style));
        }
    };
    add(
        columns.timestamp,
        timestamp_cell(model, row, columns.age),
        false,
    );
    add(columns.sequence, sequence_cell(model, row), true);
    add(columns.pending, pending_cell(model, row), true);
    add(columns.last, last_cell(model, row, columns.long), false);
    spans
}

/// What stands for a part that is not there: a spinner, a mark of failure, or nothing yet.
fn absent<T, E>(model: &Model, part: Option<&Result<T, E>>, since: Option<Watermark>) -> Cell {
    match part {
        Some(Err(_)) => ("!".to_owned(), model.theme.error),
        None if since.is_some() => (spinner(model.now).to_owned(), model.theme.dim),
        _ => ("·".to_owned(), model.theme.dim),
    }
}

fn fresh(model: &Model, style: Style, since: Option<Watermark>) -> Style {
    if is_slow(since, model.now) {
        model.theme.dim
    } else {
        style
    }
}

fn timestamp_cell(model: &Model, row: &Row, age: bool) -> Cell {
    let since = row.awaited.stored;
    let Some(Ok(stored)) = &row.status.stored else {
        return absent(model, row.status.stored.as_ref(), since);
    };
    match &stored.timestamp {
        Some(at) if age => (ago(at.value, model.now), fresh(model, Style::new(), since)),
        Some(at) => (timestamp(at.value), fresh(model, Style::new(), since)),
        None if stored.sequence_id.is_none() => {
            let text = if age { "never" } else { "never ingested" };
            (text.to_owned(), model.theme.dim)
        }
        None => ("missing".to_owned(), model.theme.error),
    }
}

fn sequence_cell(model: &Model, row: &Row) -> Cell {
    let since = row.awaited.stored;
    let Some(Ok(stored)) = &row.status.stored else {
        return absent(model, row.status.stored.as_ref(), since);
    };
    stored.sequence_id.as_ref().map_or_else(
        || ("–".to_owned(), model.theme.dim),
        |id| (id.value.to_string(), fresh(model, Style::new(), since)),
    )
}

fn pending_cell(model: &Model, row: &Row) -> Cell {
    let since = row.awaited.rows;
    let Some(Ok(counts)) = &row.status.rows else {
        return absent(model, row.status.rows.as_ref(), since);
    };
    let style = if counts.pending > 0 {
        model.theme.strong
    } else {
        model.theme.dim
    };
    (pending_text(counts), fresh(model, style, since))
}

fn last_cell(model: &Model, row: &Row, long: bool) -> Cell {
    let since = row.awaited.newest;
    let Some(Ok(newest)) = &row.status.newest else {
        return absent(model, row.status.newest.as_ref(), since);
    };
    newest.last.as_ref().map_or_else(
        || ("–".to_owned(), model.theme.dim),
        |last| {
            (
                last_text(last, model.now, long),
                fresh(model, Style::new(), since),
            )
        },
    )
}

/// `1,204 +12`, with `~` before an estimate.
#[must_use]
pub fn pending_text(counts: &RowCounts) -> String {
    let estimate = if counts.exact { "" } else { "~" };
    let held = match counts.held {
        Some(held) if held > 0 => format!(" +{}", thousands(held)),
        _ => String::new(),
    };
    format!("{estimate}{}{held}", thousands(counts.pending))
}

/// `1,204 rows · 2 h ago`; the size where the rows are not known.
#[must_use]
pub fn last_text(last: &LastObject, now: Watermark, long: bool) -> String {
    let size = match last.rows {
        Some(1) if long => "1 row".to_owned(),
        Some(rows) if long => format!("{} rows", thousands(rows)),
        Some(rows) => thousands(rows),
        None => bytes(last.bytes),
    };
    format!("{size} · {}", ago(last.modified, now))
}
