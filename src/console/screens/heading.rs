//! The heading of the list of tables: which of them it shows, and what keeps them waiting.

use ratatui::text::{Line, Span};

use crate::console::model::Model;
use crate::console::widgets::{clip, spread};
use crate::figures::{count, length, span, thousands};
use crate::text::{visible, width};

/// Columns left for the heading itself if a service that does not answer is reported.
const LIST: usize = 18;

/// The heading in `columns` columns.
#[must_use]
pub fn heading(model: &Model, columns: usize) -> Line<'static> {
    let (tables, theme) = (&model.tables, &model.theme);
    let told = |number: usize| thousands(length(number));
    let (shown, all) = (told(tables.shown.len()), told(tables.rows.len()));
    let number = if !tables.loaded {
        String::new()
    } else if shown == all {
        format!(" {all}")
    } else {
        format!(" {shown} of {all}")
    };
    let mut spans = vec![Span::styled(" Tables", theme.strong), Span::raw(number)];
    if let Some((first, last)) = tables.in_sight() {
        let text = format!("   {}–{}", told(first + 1), told(last + 1));
        spans.push(Span::styled(text, theme.dim));
    }
    if !tables.filter.text.is_empty() {
        let text = format!("   {}", visible(&tables.filter.text));
        spans.push(Span::styled(text, theme.accent));
    }
    let marked = tables.marked().len();
    if marked > 0 {
        let unseen = marked - tables.marked_and_shown().len();
        let unseen = if unseen == 0 {
            String::new()
        } else {
            format!(", {unseen} not shown")
        };
        let text = format!("   {} marked{unseen}", count(length(marked), "table"));
        spans.push(Span::styled(text, theme.accent));
    }
    // This replaces the order, so that nothing else moves when it comes and goes.
    if let Some(text) = silence(model, columns) {
        let room = columns.saturating_sub(width(&text) + 1);
        let text = Span::styled(text, theme.warning);
        return spread(clip(spans, room), vec![text], columns);
    }
    let order = Span::styled(order(model), theme.dim);
    spread(clip(spans, columns), vec![order], columns)
}

/// The service that has not answered for long enough to be reported, in as many words as there is
/// room for.
fn silence(model: &Model, columns: usize) -> Option<String> {
    let (since, who) = model.tables.unanswered(model.now)?;
    let waited = span(model.now.micros() - since.micros());
    let text = format!("  {who} has not answered for {waited} ");
    let fits = width(&text) + LIST <= columns;
    Some(if fits {
        text
    } else {
        format!("  no answer for {waited} ")
    })
}

/// The order of the list, on the right of its heading.
fn order(model: &Model) -> String {
    format!("sort: {} ", model.tables.sort.label())
}

/// Whether a column of the heading is part of the order.
#[must_use]
pub fn is_order_at(model: &Model, column: usize) -> bool {
    let (order, columns) = (order(model), model.width());
    let heading = heading(model, columns);
    let is_there = heading
        .spans
        .last()
        .is_some_and(|last| last.content == order);
    is_there && column >= columns.saturating_sub(width(&order))
}
