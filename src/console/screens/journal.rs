//! The journal.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::unanswered;
use crate::backend::journal::JournalEntry;
use crate::console::action::ActionId;
use crate::console::model::Model;
use crate::console::model::journal::Journal;
use crate::console::model::ledger::Subject;
use crate::console::widgets::spinner::spinner;
use crate::console::widgets::{paint, put};
use crate::figures::{length, minute, span, thousands};
use crate::text::{cut, ends, left, visible, width};
use crate::vocabulary::Watermark;

/// Width that the change should have if possible.
const CHANGE: usize = 28;

/// Draws the screen.
pub fn draw(model: &Model, journal: &Journal, buffer: &mut Buffer, title: Rect, body: Rect) {
    let theme = &model.theme;
    let shown = journal.shown();
    let lines = usize::from(body.height).saturating_sub(1);
    put(
        buffer,
        title,
        0,
        &heading(model, journal, shown.len(), lines),
    );
    let asked = (Subject::Journal, "reading the journal");
    unanswered(model, &journal.answer, asked, buffer, body);
    if shown.is_empty() {
        if let Some(text) = nothing(model, journal) {
            put(buffer, body, 1, &Line::styled(text, theme.dim));
        }
        return;
    }
    let sizes = Sizes::fit(model, &shown, usize::from(body.width));
    put(buffer, body, 0, &Line::styled(sizes.heads(), theme.dim));
    for (place, entry) in shown.iter().enumerate().skip(journal.scroll.offset) {
        let y = 1 + place - journal.scroll.offset;
        if y >= usize::from(body.height) {
            break;
        }
        let style = if entry.profile == model.facts.profile {
            Style::new()
        } else {
            theme.dim
        };
        put(buffer, body, y, &Line::styled(sizes.line(entry), style));
        if place == journal.scroll.cursor {
            paint(buffer, body, y, theme.selection);
        }
    }
}

/// The number of changes, and which of the `matching` ones are in sight in a list of `lines` lines.
fn heading(model: &Model, journal: &Journal, matching: usize, lines: usize) -> Line<'static> {
    let theme = &model.theme;
    let mut spans = vec![Span::styled(" Journal", theme.strong)];
    let answer = journal.answer.ready();
    if let Some(entries) =
        answer.filter(|_| journal.search.is_none_or(|search| search.back_to.is_some()))
    {
        let all = journal.all();
        let first = journal.scroll.offset;
        let last = matching.min(first + lines);
        let told = |number: usize| thousands(length(number));
        let range = format!("{}–{}", told(first + 1), told(last));
        let is_part = last - first.min(last) < matching;
        let is_all = matching == entries.len();
        let matching = told(matching);
        let text = match (is_part, is_all) {
            (false, true) => format!(" {all}"),
            (true, true) => format!(" {range} of {all}"),
            (false, false) => format!(" {matching} of {all}"),
            (true, false) => format!(" {matching} of {all}   {range}"),
        };
        spans.push(Span::raw(text));
    }
    if !journal.filter.is_empty() {
        let text = format!("   {}", visible(&journal.filter.text));
        spans.push(Span::styled(text, theme.accent));
    }
    if let Some(search) = journal.search {
        let back = search.back_to.map(minute);
        let back = back.map_or_else(String::new, |at| format!(", back to {at}"));
        let text = format!("   {} looking through all{back}", spinner(model.now));
        spans.push(Span::styled(text, theme.dim));
    }
    Line::from(spans)
}

/// Why no change is shown, once that is known.
fn nothing(model: &Model, journal: &Journal) -> Option<String> {
    let entries = journal
        .answer
        .ready()
        .filter(|_| journal.search.is_none())?;
    if journal.is_part() && model.prompt.is_some() {
        let key = model.key(ActionId::Accept);
        let text = format!("   none of those shown so far; {key} looks through all");
        return Some(text);
    }
    if entries.is_empty() && !journal.is_part() {
        return Some("   no change has been made from this machine".to_owned());
    }
    let key = model.key(ActionId::Back);
    Some(format!("   no change matches the filter; {key} clears it"))
}

/// The last part of the path that was written to, or the whole of a statement.
fn last_part(entry: &JournalEntry) -> &str {
    if entry.after.is_empty() {
        return &entry.what;
    }
    entry.what.rsplit('/').next().unwrap_or(&entry.what)
}

/// Widths of the columns; 0 for one that is left out.
struct Sizes<'a> {
    /// The profile of the console.
    own: &'a str,
    /// The time, if there is little room and ages are shown instead of times.
    aged: Option<Watermark>,
    profile: usize,
    who: usize,
    table: usize,
    action: usize,
    rest: usize,
}

impl<'a> Sizes<'a> {
    /// The columns for these entries. The profile has a column if any entry was made in a profile other
    /// than the console's; if there is no room for the column, the name is put in front of the change.
    fn fit(model: &'a Model, entries: &[&JournalEntry], columns: usize) -> Self {
        let widest = |of: &dyn Fn(&JournalEntry) -> String, least: usize, most: usize| {
            let size = entries
                .iter()
                .map(|entry| width(&visible(&of(entry))))
                .max();
            size.unwrap_or(0).clamp(least, most)
        };
        let own = model.facts.profile.as_str();
        let foreign = entries.iter().any(|entry| entry.profile != own);
        let mut sizes = Self {
            own,
            aged: (columns < 70).then_some(model.now),
            profile: if foreign {
                widest(&|entry| entry.profile.clone(), 7, 16)
            } else {
                0
            },
            who: widest(&|entry| entry.who.clone(), 3, 16),
            table: widest(&|entry| entry.table.to_string(), 5, 24),
            action: widest(&|entry| entry.action.clone(), 6, 8),
            rest: 0,
        };
        if columns < 70 {
            sizes.who = 0;
        }
        if columns < 50 {
            sizes.action = 0;
            sizes.profile = 0;
            sizes.table = sizes.table.min(12);
        }
        // The change matters more than who made it, and than the end of a long name.
        if sizes.room(columns) < CHANGE {
            sizes.table = sizes.table.min(14);
        }
        if sizes.room(columns) < CHANGE {
            sizes.who = 0;
        }
        sizes.rest = sizes.room(columns);
        sizes
    }

    /// Width left for the change.
    fn room(&self, columns: usize) -> usize {
        let parts = [self.profile, self.who, self.table, self.action];
        let parts = parts.iter().filter(|size| **size > 0);
        let taken: usize = parts.map(|size| size + 2).sum();
        columns.saturating_sub(taken + self.when() + 4)
    }

    const fn when(&self) -> usize {
        if self.aged.is_some() { 6 } else { 16 }
    }

    fn heads(&self) -> String {
        self.join(
            if self.aged.is_some() { "AGO" } else { "WHEN" },
            ["PROFILE", "WHO", "TABLE", "ACTION"],
            "CHANGE",
        )
    }

    fn line(&self, entry: &JournalEntry) -> String {
        let name = match last_part(entry) {
            "timestamp" if self.aged.is_some() => "ts",
            "sequence_id" if self.aged.is_some() => "seq",
            // The table has a column of its own.
            name if self.aged.is_some() => {
                let table = entry.table.name();
                let rest = name.strip_prefix(table).unwrap_or(name);
                rest.trim_start_matches('_')
            }
            name => name,
        };
        let before = entry.before.as_ref();
        let before = before.map_or_else(String::new, |before| format!("   was {before}"));
        let profile = if self.profile == 0 && entry.profile != self.own {
            format!("{}: ", entry.profile)
        } else {
            String::new()
        };
        let after = Some(&entry.after).filter(|after| !after.is_empty());
        let after = after.map_or_else(String::new, |after| format!(" {after}"));
        let change = format!("{profile}{name}{after}{before}   {}", entry.reason);
        let when = self.aged.map_or_else(
            || minute(entry.at),
            |now| span(now.micros() - entry.at.micros()),
        );
        self.join(
            &when,
            [
                &entry.profile,
                &entry.who,
                &entry.table.to_string(),
                &entry.action,
            ],
            change.trim_end(),
        )
    }

    fn join(&self, when: &str, parts: [&str; 4], change: &str) -> String {
        let mut text = format!(" {}", left(when, self.when()));
        let sizes = [self.profile, self.who, self.table, self.action];
        for (size, part) in sizes.into_iter().zip(parts) {
            if size > 0 {
                text.push_str("  ");
                text.push_str(&left(&ends(&visible(part), size), size));
            }
        }
        format!("{text}  {}", cut(&visible(change), self.rest))
    }
}
