//! The jobs of this session.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::progress::progress;
use crate::console::action::ActionId;
use crate::console::model::Model;
use crate::console::model::jobs::{JobRecord, JobState};
use crate::console::model::queue::Queue;
use crate::console::widgets::{clip, paint, put};
use crate::figures::{clock, length, span, thousands};
use crate::text::{cut, ends, left, right, visible, width};

/// Width from which the time of the request is shown.
const ROOMY: usize = 100;
/// Maximum width of what a job has done and how long it took.
const REPORT: usize = 120;
/// Minimum and maximum width of a job's label; less if all labels are shorter.
const NAME: (usize, usize) = (16, 72);

/// Draws the screen.
pub fn draw(model: &Model, queue: &Queue, buffer: &mut Buffer, title: Rect, body: Rect) {
    let theme = &model.theme;
    let shown: Vec<&JobRecord> = queue.shown(&model.jobs).collect();
    let lines = usize::from(body.height);
    let heading = clip(
        heading(model, queue, shown.len(), lines),
        usize::from(title.width),
    );
    put(buffer, title, 0, &Line::from(heading));
    if shown.is_empty() {
        let text = if model.jobs.records.is_empty() {
            "   nothing written from here yet".to_owned()
        } else {
            let key = model.key(ActionId::Back);
            format!("   no job matches the filter; {key} clears it")
        };
        put(buffer, body, 1, &Line::styled(text, theme.dim));
        return;
    }
    let columns = usize::from(body.width);
    let name = shown.iter().map(|job| width(&job.label())).max();
    let most = (columns * 2 / 5).clamp(NAME.0, NAME.1);
    let name = name.unwrap_or(0).min(most);
    let current = queue.current(&model.jobs).map(|job| job.id);
    for (place, job) in shown.iter().enumerate().skip(queue.scroll.offset) {
        let y = place - queue.scroll.offset;
        if y >= lines {
            break;
        }
        put(buffer, body, y, &line(model, job, name, columns));
        if current == Some(job.id) {
            paint(buffer, body, y, theme.selection);
        }
    }
}

/// The number of jobs, which of the `shown` ones are in sight in a list of `lines` lines, and the number in
/// each state.
fn heading(model: &Model, queue: &Queue, shown: usize, lines: usize) -> Vec<Span<'static>> {
    let theme = &model.theme;
    let all = model.jobs.records.len();
    let number = |number: usize| thousands(length(number));
    let text = if shown == all {
        format!(" {}", number(all))
    } else {
        format!(" {} of {}", number(shown), number(all))
    };
    let mut spans = vec![Span::styled(" Jobs", theme.strong), Span::raw(text)];
    if shown > lines {
        let first = queue.scroll.offset;
        let last = number(shown.min(first + lines));
        let text = format!("   {}–{last}", number(first + 1));
        spans.push(Span::styled(text, theme.dim));
    }
    if !queue.filter.is_empty() {
        let text = format!("   {}", visible(&queue.filter.text));
        spans.push(Span::styled(text, theme.accent));
    }
    for (state, style) in [
        ("failed", theme.error),
        ("running", theme.accent),
        ("waiting", theme.dim),
    ] {
        let jobs = model.jobs.records.iter();
        let found = jobs.filter(|job| job.state.as_str() == state).count();
        if found > 0 {
            let text = format!("   {} {state}", number(found));
            spans.push(Span::styled(text, style));
        }
    }
    if let Some(held) = &model.jobs.held {
        let text = format!(", held: {}", held.by);
        spans.push(Span::styled(text, theme.warning));
    }
    spans
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
        Span::raw(format!(" {}  ", left(&ends(&job.label(), name), name))),
    ];
    let mut room = columns.saturating_sub(name + 6);
    if columns >= ROOMY {
        let asked = format!("{}  ", clock(job.asked));
        room -= width(&asked);
        spans.push(Span::styled(asked, theme.dim));
    }
    // On a wide screen, keep the duration close to what the job has done.
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
        JobState::Done(what) => (visible(what), Style::new()),
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
