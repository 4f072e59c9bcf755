//! The cells of a table's row.

use chrono::SecondsFormat;
use ratatui::style::Style;
use ratatui::text::Span;

use super::columns::{Columns, MICROS};
use crate::backend::standing::LastObject;
use crate::backend::status::State;
use crate::console::model::Model;
use crate::console::model::digest::{held, pending};
use crate::console::model::row::{Row, is_slow};
use crate::console::spark::spark;
use crate::console::widgets::spinner::spinner;
use crate::figures::{ago, bytes, count, thousands};
use crate::text::{left, right, tail, visible};
use crate::vocabulary::{SequenceId, Watermark};

/// A text and its style.
type Cell = (String, Style);

/// The symbol of a row's state.
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

/// The cells to the right of the table's name.
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
        timestamp_cell(model, row, columns),
        false,
    );
    add(columns.sequence, sequence_cell(model, row), true);
    add(columns.pending, pending_cell(model, row, columns), false);
    add(columns.last, last_cell(model, row, columns.long), false);
    add(columns.trend, trend_cell(model, row, columns.trend), false);
    add(columns.ingested, ingested_cell(model, row), false);
    add(columns.unreachable, unreachable_cell(model, row), true);
    let estimate = row
        .estimated_rows
        .map_or_else(|| "–".to_owned(), |rows| format!("~{}", thousands(rows)));
    add(columns.rows, (estimate, model.theme.dim), true);
    let size = row.size().map_or_else(|| "–".to_owned(), bytes);
    add(columns.size, (size, model.theme.dim), true);
    add(columns.key, key_cell(model, row, columns.key), false);
    spans
}

/// The cell for a part that has never been known: a spinner, a failure mark, or a dot.
fn absent<T, E>(model: &Model, part: Option<&Result<T, E>>, since: Option<Watermark>) -> Cell {
    match part {
        Some(Err(_)) => ("!".to_owned(), model.theme.error),
        None if since.is_some() => (spinner(model.now).to_owned(), model.theme.dim),
        _ => ("·".to_owned(), model.theme.dim),
    }
}

/// The cell for a stored value that cannot be read.
fn unreadable(model: &Model) -> Cell {
    ("!".to_owned(), model.theme.error)
}

/// The style of a value: dimmed if it is slow to refresh or could not be refreshed.
fn fresh(model: &Model, style: Style, is_stale: bool, awaited: Option<Watermark>) -> Style {
    if is_stale || is_slow(awaited, model.now) {
        model.theme.dim
    } else {
        style
    }
}

fn timestamp_cell(model: &Model, row: &Row, columns: &Columns) -> Cell {
    let since = row.awaited.stored;
    let show = |at: Watermark, is_stale| {
        let text = if columns.age {
            ago(at, model.now)
        } else {
            timestamp_to(at, columns.timestamp)
        };
        (text, fresh(model, Style::new(), is_stale, since))
    };
    if let Some(readable) = &row.status().readable {
        let at = readable.timestamp.as_ref();
        return at.map_or_else(|| unreadable(model), |at| show(at.value, false));
    }
    let Some(stored) = row.stored() else {
        return absent(model, row.status().stored.as_ref(), since);
    };
    match &stored.value.timestamp {
        Some(at) => show(at.value, stored.stale),
        None if stored.value.sequence_id.is_none() && row.last_object().is_none() => {
            let text = if columns.age {
                "never"
            } else {
                "never ingested"
            };
            (text.to_owned(), model.theme.dim)
        }
        None => ("missing".to_owned(), model.theme.error),
    }
}

/// A timestamp in at most `columns` columns: digits of the fraction are cut off, never rounded up.
fn timestamp_to(at: Watermark, columns: usize) -> String {
    // The same precision for the whole column: a timestamp without microseconds is padded with
    // zeros.
    let text = at
        .to_datetime()
        .to_rfc3339_opts(SecondsFormat::Micros, true);
    let text = text.replacen('T', " ", 1);
    text.get(..columns.min(MICROS)).unwrap_or(&text).to_owned()
}

fn sequence_cell(model: &Model, row: &Row) -> Cell {
    let since = row.awaited.stored;
    let show = |id: SequenceId, is_stale| {
        let style = fresh(model, Style::new(), is_stale, since);
        (id.to_string(), style)
    };
    if let Some(readable) = &row.status().readable {
        let id = readable.sequence_id.as_ref();
        return id.map_or_else(|| unreadable(model), |id| show(id.value, false));
    }
    let Some(stored) = row.stored() else {
        return absent(model, row.status().stored.as_ref(), since);
    };
    stored.value.sequence_id.as_ref().map_or_else(
        || ("–".to_owned(), model.theme.dim),
        |id| show(id.value, stored.stale),
    )
}

/// The number of pending rows, aligned with those above and below, and the held rows after it.
fn pending_cell(model: &Model, row: &Row, columns: &Columns) -> Cell {
    let number = columns.pending.saturating_sub(columns.held);
    let since = row.awaited.rows;
    let Some(counts) = row.counts() else {
        let (sign, style) = absent(model, row.status().rows.as_ref(), since);
        return (right(&sign, number), style);
    };
    let style = if counts.value.pending > 0 {
        model.theme.strong
    } else {
        model.theme.dim
    };
    let held = held(&counts.value);
    let blank = if held.is_empty() { "" } else { " " };
    let pending = pending(&counts.value);
    let text = if columns.held > 0 {
        format!("{}{blank}{held}", right(&pending, number))
    } else {
        right(&format!("{pending}{blank}{held}"), number)
    };
    (text, fresh(model, style, counts.stale, since))
}

fn last_cell(model: &Model, row: &Row, long: bool) -> Cell {
    let since = row.awaited.newest;
    let Some(newest) = row.newest() else {
        return absent(model, row.status().newest.as_ref(), since);
    };
    newest.value.last.as_ref().map_or_else(
        || ("–".to_owned(), model.theme.dim),
        |last| {
            let style = fresh(model, Style::new(), newest.stale, since);
            (last_text(last, model.now, long), style)
        },
    )
}

fn trend_cell(model: &Model, row: &Row, columns: usize) -> Cell {
    let counts: Vec<u64> = row.trend.newest(columns).collect();
    let style = if counts.iter().any(|count| *count > 0) {
        model.theme.accent
    } else {
        model.theme.dim
    };
    (spark(&counts), style)
}

/// The age of the newest ingested row.
fn ingested_cell(model: &Model, row: &Row) -> Cell {
    let is_stale = row.status().readable.is_none() && row.stored().is_some_and(|known| known.stale);
    row.timestamp().map_or_else(
        || ("–".to_owned(), model.theme.dim),
        |at| {
            let style = fresh(model, Style::new(), is_stale, row.awaited.stored);
            (ago(at, model.now), style)
        },
    )
}

fn unreachable_cell(model: &Model, row: &Row) -> Cell {
    let since = row.awaited.rows;
    let Some(counts) = row.counts() else {
        return absent(model, row.status().rows.as_ref(), since);
    };
    let Some(rows) = counts.value.unreachable else {
        return ("·".to_owned(), model.theme.dim);
    };
    let style = if rows > 0 {
        model.theme.warning
    } else {
        model.theme.dim
    };
    (thousands(rows), fresh(model, style, counts.stale, since))
}

/// The end of the key, as its start is the same for all keys.
fn key_cell(model: &Model, row: &Row, columns: usize) -> Cell {
    let last = row.last_object();
    let key = last.map_or_else(|| "–".to_owned(), |last| visible(last.key.as_str()));
    (tail(&key, columns), model.theme.dim)
}

/// `1,204 rows · 2 h ago`, or the size in bytes if the number of rows is not known.
fn last_text(last: &LastObject, now: Watermark, long: bool) -> String {
    let size = match last.rows {
        Some(rows) if long => count(rows, "row"),
        Some(rows) => thousands(rows),
        None => bytes(last.bytes),
    };
    format!("{size} · {}", ago(last.modified, now))
}
