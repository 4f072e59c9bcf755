//! The jobs of this session.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::progress::progress;
use crate::console::model::Model;
use crate::console::model::jobs::{JobRecord, JobState};
use crate::console::model::scroll::Scroll;
use crate::console::widgets::{paint, put};
use crate::figures::{clock, count, length, span};
use crate::text::{cut, left, right, visible, width};

/// From this width on, it is said when a job was asked for.
const ROOMY: usize = 100;
/// Columns of what a job has done and how long it took, at most.
const REPORT: usize = 120;

/// Draws the screen.
pub fn draw(model: &Model, scroll: Scroll, buffer: &mut Buffer, title: Rect, body: Rect) {
    let theme = &model.theme;
    let records = &model.jobs.records;
    let running = model.jobs.running();
    let mut spans = vec![
        Span::styled(" Jobs", theme.strong),
        Span::raw(format!(" {}", records.len())),
    ];
    if running > 0 {
        spans.push(Span::styled(
            format!("   {} running", count(length(running), "job")),
            theme.accent,
        ));
    }
    put(buffer, title, 0, &Line::from(spans));
    if records.is_empty() {
        let text = "   nothing was written from here yet";
        put(buffer, body, 1, &Line::styled(text, theme.dim));
        return;
    }
    let name = records
        .iter()
        .map(|job| width(&label(job)))
        .max()
        .unwrap_or(0)
        .min(32);
    for (place, job) in records.iter().enumerate().skip(scroll.offset) {
        let y = place - scroll.offset;
        if y >= usize::from(body.height) {
            break;
        }
        put(
            buffer,
            body,
            y,
            &line(model, job, name, usize::from(body.width)),
        );
        if place == scroll.cursor {
            paint(buffer, body, y, theme.selection);
        }
    }
}

fn label(job: &JobRecord) -> String {
    format!("{} {}", job.verb(), visible(&job.table.to_string()))
}

fn line(model: &Model, job: &JobRecord, name: usize, columns: usize) -> Line<'static> {
    let theme = &model.theme;
    let sign = match job.state {
        JobState::Waiting => Span::styled("·", theme.dim),
        JobState::Running => Span::styled("◐", theme.accent),
        JobState::Done(_) => Span::styled("✓", theme.ok),
        JobState::Cancelled => Span::styled("–", theme.warning),
        JobState::Failed { .. } => Span::styled("✗", theme.error),
    };
    let mut spans = vec![
        Span::raw(" "),
        sign,
        Span::raw(format!(" {}  ", left(&label(job), name))),
    ];
    let mut room = columns.saturating_sub(name + 6);
    if columns >= ROOMY {
        let asked = format!("{}  ", clock(job.asked));
        room -= width(&asked);
        spans.push(Span::styled(asked, theme.dim));
    }
    // On a wide screen how long it took stays near what it has done.
    let room = room.min(REPORT);
    let until = job.ended.unwrap_or(model.now).micros();
    let took = span(until - job.started.unwrap_or(job.asked).micros());
    let took = right(&took, 8);
    let text = room.saturating_sub(width(&took));
    let (what, style) = match &job.state {
        JobState::Waiting | JobState::Running => {
            let told = progress(model, job, text);
            let taken: usize = told.iter().map(|span| width(&span.content)).sum();
            spans.extend(told);
            if job.started.is_some() {
                spans.push(Span::raw(" ".repeat(text.saturating_sub(taken))));
                spans.push(Span::styled(took, theme.dim));
            }
            return Line::from(spans);
        }
        JobState::Done(what) => (visible(what), ratatui::style::Style::new()),
        JobState::Cancelled => (job.cancelled(), theme.warning),
        JobState::Failed { chain, .. } => (
            visible(chain.first().map_or("failed", String::as_str)),
            theme.error,
        ),
    };
    spans.push(Span::styled(left(&cut(&what, text), text), style));
    spans.push(Span::styled(took, theme.dim));
    Line::from(spans)
}
