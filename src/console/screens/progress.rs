//! The progress of a job, in one line.

use ratatui::text::Span;

use crate::backend::progress::Phase;
use crate::console::model::Model;
use crate::console::model::jobs::JobRecord;
use crate::console::widgets::bar::bar;
use crate::console::widgets::spinner::spinner;
use crate::figures::{bytes, count, rate, span};
use crate::text::width;

/// Minimum and maximum width of the bar.
const BAR: (usize, usize) = (6, 30);

/// Bar, percentage, rows, rate and time left in `columns` columns; if there is no room, the last
/// parts are dropped.
#[must_use]
pub fn progress(model: &Model, job: &JobRecord, columns: usize) -> Vec<Span<'static>> {
    let theme = &model.theme;
    let turning = |text: &str| {
        vec![
            Span::styled(format!("{} ", spinner(model.now)), theme.accent),
            Span::styled(text.to_owned(), theme.dim),
        ]
    };
    if job.cancelling {
        return turning("cancelling");
    }
    let Some(progress) = job.progress else {
        // Nothing moves in a queue: a long one would send hundreds of spinners over a slow connection.
        let waiting = |text| vec![Span::styled(format!("· {text}"), theme.dim)];
        return match (job.started, &model.jobs.held) {
            (Some(_), _) => turning(&job.doing(model.now)),
            (None, None) => waiting("waiting for its turn"),
            (None, Some(_)) => waiting("held"),
        };
    };
    let Some(percent) = job.percent() else {
        return turning(&job.doing(model.now));
    };
    let mut figures = vec![format!("{percent} %"), count(progress.rows, "row")];
    if progress.phase == Phase::Committing {
        // Before the rows: all of them are there.
        figures.insert(1, job.doing(model.now));
    } else if let Some(rested) = job.stalled(model.now) {
        figures.push(format!("no row for {}", span(rested)));
        figures.push(bytes(progress.bytes));
    } else {
        figures.extend(job.rate().map(rate));
        figures.extend(job.left().map(|left| format!("{} left", span(left))));
        figures.push(bytes(progress.bytes));
    }
    let size = |figures: &[String]| figures.iter().map(|text| width(text) + 3).sum::<usize>();
    while figures.len() > 1 && size(&figures) + BAR.0 > columns {
        figures.pop();
    }
    let room = columns.saturating_sub(size(&figures)).clamp(BAR.0, BAR.1);
    let mut spans = Vec::from(bar(room, percent, theme));
    for (place, text) in figures.into_iter().enumerate() {
        let style = if place == 0 {
            theme.strong
        } else {
            ratatui::style::Style::new()
        };
        spans.push(Span::raw("   "));
        spans.push(Span::styled(text, style));
    }
    spans
}
