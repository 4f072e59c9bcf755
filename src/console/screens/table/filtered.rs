//! A line that says that a tab is filtered and by which words, as the title line has no room for
//! this.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::console::action::ActionId;
use crate::console::describe;
use crate::console::model::Model;
use crate::console::model::doctor::Doctor;
use crate::console::model::page::{Tab, TablePage};
use crate::console::widgets::{clip, put, spread};
use crate::figures::{count, length, thousands};
use crate::text::{visible, width};

/// Number of lines taken.
#[must_use]
pub fn lines(page: &TablePage) -> usize {
    usize::from(!filter(page).is_empty())
}

/// The words that the tab in front is filtered by; empty if it is not.
fn filter(page: &TablePage) -> &str {
    let findings = page.doctor.as_ref().filter(|_| page.tab == Tab::Findings);
    let own = page.filter().map(|words| words.text.as_str());
    findings.map(Doctor::filter).or(own).unwrap_or_default()
}

/// Draws the line at the end of `body`, and returns the area above it.
pub fn draw(model: &Model, page: &TablePage, buffer: &mut Buffer, body: Rect) -> Rect {
    if lines(page) == 0 || body.height == 0 {
        return body;
    }
    let theme = &model.theme;
    let key = model.key(ActionId::Back);
    let hint = vec![
        Span::styled(key, theme.accent),
        Span::styled("  clears ", theme.dim),
    ];
    let columns = usize::from(body.width);
    let taken: usize = hint.iter().map(|span| width(&span.content)).sum();
    let said = vec![
        Span::raw(format!(" {}", shown(model, page))),
        Span::styled(format!("   {}", visible(filter(page))), theme.accent),
    ];
    let said = clip(said, columns.saturating_sub(taken + 1));
    let above = Rect {
        height: body.height - 1,
        ..body
    };
    put(
        buffer,
        body,
        usize::from(above.height),
        &spread(said, hint, columns),
    );
    above
}

/// `12 of 34 objects`
fn shown(model: &Model, page: &TablePage) -> String {
    let row = model.tables.row(&page.table);
    let (shown, all, noun) = match page.tab {
        Tab::Objects => (page.objects.shown_len(), page.objects.len(), "object"),
        Tab::History => {
            let all = page.history.ready().map_or(0, Vec::len);
            (page.shown_versions().count(), all, "version")
        }
        Tab::Findings => {
            let all = page.doctor.as_ref().map_or(0, |doctor| doctor.cases.len());
            let shown = page
                .doctor
                .as_ref()
                .map_or(0, |doctor| doctor.shown().count());
            (shown, all, "finding")
        }
        Tab::State | Tab::Preview | Tab::Columns => {
            let words = page.filter();
            let shown = row
                .zip(words)
                .map(|(row, words)| describe::matching_columns(row, words));
            let all = row.map_or(0, |row| row.columns.len());
            (shown.unwrap_or(0), all, "column")
        }
    };
    format!(
        "{} of {}",
        thousands(length(shown)),
        count(length(all), noun)
    )
}
