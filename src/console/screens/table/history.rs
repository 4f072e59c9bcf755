//! All versions of both stored values, and what each of them changed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::backend::edits::{HistoryEntry, Which};
use crate::console::describe::writer;
use crate::console::model::Model;
use crate::console::model::page::TablePage;
use crate::console::screens::lapse::in_short;
use crate::console::widgets::{paint, put};
use crate::figures::{ago, minute, timestamp};
use crate::text::{cut, left, right, visible};

/// Widths of the columns.
const VALUE: usize = 26;
const SHORT: usize = 23;
const CHANGE: usize = 7;

/// Draws the list.
pub fn draw(model: &Model, page: &TablePage, buffer: &mut Buffer, body: Rect) {
    let theme = &model.theme;
    let Some(history) = page.history.ready() else {
        return;
    };
    if history.is_empty() {
        let text = "   neither value has ever been recorded";
        put(buffer, body, 1, &Line::styled(text, theme.dim));
        return;
    }
    let layout = Layout::fit(usize::from(body.width));
    put(buffer, body, 0, &Line::styled(layout.heads(), theme.dim));
    let scroll = page.scroll();
    for (place, entry) in page.shown_versions().enumerate().skip(scroll.offset) {
        let y = 1 + place - scroll.offset;
        if y >= usize::from(body.height) {
            break;
        }
        put(buffer, body, y, &layout.line(model, page, entry));
        if place == scroll.cursor {
            paint(buffer, body, y, theme.selection);
        }
    }
}

/// Which columns have room.
struct Layout {
    /// Whether the time is shown as a point in time rather than as an age.
    full: bool,
    /// Width of the name of the value.
    what: usize,
    version: usize,
    value: usize,
    change: usize,
    by: usize,
}

impl Layout {
    fn fit(columns: usize) -> Self {
        let full = columns >= 100;
        let when = if full { 16 } else { 10 };
        let what = if columns >= 60 { 11 } else { 3 };
        let version = if columns >= 60 { 5 } else { 0 };
        let change = if columns >= 70 { CHANGE } else { 0 };
        let taken = |size: usize| if size > 0 { size + 2 } else { 0 };
        let rest =
            columns.saturating_sub(2 + when + taken(what) + taken(version) + taken(change) + 2);
        let value = if full { VALUE } else { SHORT }.min(rest);
        let by = rest.saturating_sub(value + 2);
        Self {
            full,
            what,
            version,
            value,
            change,
            by: if by >= 6 { by } else { 0 },
        }
    }

    fn heads(&self) -> String {
        let what = if self.what > 3 { "WHAT" } else { "" };
        self.join(["WHEN", what, "VERS", "VALUE", "CHANGE", "BY"])
    }

    fn join(&self, [when, what, version, value, change, by]: [&str; 6]) -> String {
        let mut text = format!(" {}", left(when, if self.full { 16 } else { 10 }));
        let mut add = |size: usize, part: &str, to_the_right: bool| {
            if size > 0 {
                text.push_str("  ");
                text.push_str(&if to_the_right {
                    right(part, size)
                } else {
                    left(&cut(part, size), size)
                });
            }
        };
        add(self.what, what, false);
        add(self.version, version, true);
        add(self.value, value, false);
        add(self.change, change, true);
        add(self.by, by, false);
        text
    }

    fn line(&self, model: &Model, page: &TablePage, entry: &HistoryEntry) -> Line<'static> {
        let is_timestamp = entry.which == Which::Timestamp;
        let what = match (is_timestamp, self.what > 3) {
            (true, true) => "timestamp",
            (true, false) => "ts",
            (false, true) => "sequence id",
            (false, false) => "seq",
        };
        let (change, back) = change(model, page, entry, is_timestamp);
        let when = if self.full {
            minute(entry.written_at)
        } else {
            ago(entry.written_at, model.now)
        };
        let version = entry.version.to_string();
        // A timestamp is shown as everywhere else; the page of the version has it as stored.
        let read = model.facts.spelling.read(&entry.value);
        let value = match read {
            Ok(at) if is_timestamp => timestamp(at),
            _ => visible(&entry.value),
        };
        let parts = [&when, what, &version, &value, &change, &writer(entry)];
        let style = if back {
            model.theme.warning
        } else {
            Style::new()
        };
        Line::from(Span::styled(self.join(parts), style))
    }
}

/// What a version changed from the one before, `+2 h` or `−1`, and whether the value went back.
fn change(
    model: &Model,
    page: &TablePage,
    entry: &HistoryEntry,
    is_timestamp: bool,
) -> (String, bool) {
    let Some(before) = page.before(entry) else {
        return (String::new(), false);
    };
    let sign = |back: bool| if back { "−" } else { "+" };
    if is_timestamp {
        let read = |text: &str| model.facts.spelling.read(text).ok();
        let (Some(old), Some(new)) = (read(&before.value), read(&entry.value)) else {
            return ("?".to_owned(), false);
        };
        let moved = new.micros().saturating_sub(old.micros());
        let text = match moved {
            0 => "=".to_owned(),
            moved => match moved.saturating_abs() {
                // Whole seconds would be zero.
                little @ ..1_000_000 => {
                    let (millis, micros) = (little / 1_000, little % 1_000);
                    format!("{}{millis}.{micros:03} ms", sign(moved < 0))
                }
                much => format!("{}{}", sign(moved < 0), in_short(much)),
            },
        };
        return (text, moved < 0);
    }
    let (Ok(old), Ok(new)) = (
        before.value.trim().parse::<i64>(),
        entry.value.trim().parse::<i64>(),
    ) else {
        return ("?".to_owned(), false);
    };
    let text = match new.abs_diff(old) {
        0 => "=".to_owned(),
        moved => format!("{}{moved}", sign(new < old)),
    };
    (text, new < old)
}
