//! The plan of an ingestion.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::{page, unanswered};
use crate::console::model::Model;
use crate::console::model::ledger::Subject;
use crate::console::model::plan::Plan;
use crate::console::widgets::{put, spread};
use crate::figures::{count, length};

/// Draws the screen.
pub fn draw(model: &Model, plan: &Plan, buffer: &mut Buffer, title: Rect, body: Rect) {
    let theme = &model.theme;
    let tables = count(length(plan.tables.len()), "table");
    let left = vec![
        Span::styled(" Ingest", theme.strong),
        Span::raw(format!(" {tables}")),
    ];
    let mut right = Vec::new();
    if plan.answer.ready().is_some() {
        let rows = count(plan.rows(), "row");
        let text = match plan.objects() {
            // Tables that could not be planned may have pending rows.
            0 if plan.refused().is_some() => String::new(),
            0 => "nothing to write ".to_owned(),
            objects => format!("{rows} in {} ", count(length(objects), "object")),
        };
        right.push(Span::styled(text, theme.strong));
    }
    put(
        buffer,
        title,
        0,
        &spread(left, right, usize::from(title.width)),
    );
    unanswered(
        model,
        &plan.answer,
        (Subject::Plan, "reading, and counting in one snapshot"),
        buffer,
        body,
    );
    let lines = plan.wrapped(usize::from(body.width));
    page::draw(model, &lines, plan.scroll.offset, buffer, body);
}
