//! Draws the model as a frame. Nothing is decided here.

mod ascii;
mod backfill;
mod cells;
mod columns;
mod details;
pub mod doctor;
mod edit;
mod form;
pub mod heading;
pub mod help;
mod jobs;
mod journal;
mod lapse;
mod menu;
mod page;
mod palette;
mod plan;
mod progress;
mod prompt;
pub mod question;
pub mod table;
pub mod tables;
pub mod tour;
mod viewer;

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::{Frame, Terminal};

use super::model::ledger::Subject;
use super::model::{Answer, Model, Screen};
use super::widgets::footer::footer;
use super::widgets::header::header;
use super::widgets::spinner::spinner;
use super::widgets::{paint, put, style};
use crate::figures::span;
use crate::jobs::Failure;

/// Lines above the body: the header and the title.
pub const BODY: usize = 2;
/// The line of the title.
pub const TITLE: usize = 1;

/// The part of the screen in front that scrolls: the list, or the text if there is no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scrolled {
    /// Number of lines of the body above it.
    above: usize,
    /// Number of lines it has.
    pub lines: usize,
}

impl Scrolled {
    /// The scrolling part of the screen in front, as it is drawn.
    #[must_use]
    pub fn in_front(model: &Model) -> Self {
        let body = model.body_height();
        let body = body.saturating_sub(question::dock(model, body));
        let below = |above: usize| Self {
            above,
            lines: body.saturating_sub(above),
        };
        match model.stack.last() {
            None | Some(Screen::Journal(_)) => below(1),
            Some(Screen::Viewer(viewer)) => below(viewer.head()),
            Some(Screen::Table(page)) => Self {
                above: table::above(model, page, body),
                lines: table::lines(model, page, body),
            },
            Some(Screen::Doctor(doctor)) => Self {
                above: doctor::head(doctor),
                lines: doctor::lines(doctor, model.width(), body),
            },
            Some(_) => below(0),
        }
    }

    /// The index, within the scrolling part, of a line of the terminal.
    #[must_use]
    pub fn at(self, line: usize) -> Option<usize> {
        let place = line.checked_sub(BODY + self.above)?;
        (place < self.lines).then_some(place)
    }
}

/// Draws the model.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    paint(buffer, area, 0, model.theme.header);
    put(buffer, area, 0, &header(model, usize::from(area.width)));
    let said = model.yielded();
    let Areas { title, body, panel } = Areas::of(area, model.tour_lines(), said);
    let dock = question::dock(model, usize::from(body.height));
    let above = Rect {
        height: body.height - u16::try_from(dock).unwrap_or(0),
        ..body
    };
    screen(model, frame, title, above);
    let buffer = frame.buffer_mut();
    if let Some(visit) = model.visit() {
        tour::draw(model, visit, buffer, panel);
    }
    bottom(model, buffer, area);
    if let Some(menu) = &model.menu {
        menu::draw(model, menu, frame, body);
    }
    if let Some(palette) = &model.palette {
        palette::draw(model, palette, frame, body);
    }
    if let Some(question) = &model.question {
        question::draw(model, question, frame, body);
    }
    if model.looks.ascii {
        ascii::translate(frame.buffer_mut());
    }
}

/// The parts of a frame between the header and the message at the bottom.
struct Areas {
    title: Rect,
    body: Rect,
    /// The panel of the tour, below the body.
    panel: Rect,
}

impl Areas {
    /// The parts of a terminal of this `area`, with `tour` lines for the tour, and with `said` lines for the
    /// message beyond the first.
    fn of(area: Rect, tour: usize, said: usize) -> Self {
        let [tour, said] = [tour, said].map(|lines| u16::try_from(lines).unwrap_or(0));
        let body = Rect {
            y: area.y + 2.min(area.height),
            height: area.height.saturating_sub(4 + tour + said),
            ..area
        };
        Self {
            title: Rect {
                y: area.y + 1.min(area.height),
                height: area.height.saturating_sub(1).min(1),
                ..area
            },
            body,
            panel: Rect {
                y: body.bottom(),
                height: tour.min(area.bottom().saturating_sub(body.bottom())),
                ..area
            },
        }
    }
}

/// Draws the message and the footer.
fn bottom(model: &Model, buffer: &mut Buffer, area: Rect) {
    let columns = usize::from(area.width);
    let last = usize::from(area.height).saturating_sub(1);
    if last <= 2 {
        return;
    }
    let lines = messages(model, columns);
    let first = last.saturating_sub(lines.len());
    for (y, line) in lines.iter().enumerate() {
        paint_over(buffer, area, first + y);
        put(buffer, area, first + y, line);
    }
    put(buffer, area, last, &footer(model, columns));
}

/// The columns of the Tables screen, as wide as the terminal allows.
#[must_use]
pub fn columns(model: &Model) -> columns::Columns {
    columns::Columns::fit(model, model.width())
}

/// The frame as text, without trailing blanks.
#[must_use]
pub fn text(model: &Model) -> String {
    let (columns, lines) = model.size;
    // A terminal in memory cannot fail.
    let Ok(mut terminal) = Terminal::new(TestBackend::new(columns, lines));
    let Ok(drawn) = terminal.draw(|frame| view(model, frame));
    let width = usize::from(columns).max(1);
    let mut text = String::new();
    for line in drawn.buffer.content.chunks(width) {
        let mut hidden = 0;
        let from = text.len();
        for cell in line {
            if hidden == 0 {
                text.push_str(cell.symbol());
                hidden = crate::text::width(cell.symbol()).max(1);
            }
            hidden -= 1;
        }
        let end = text[from..].trim_end().len();
        text.truncate(from + end);
        text.push('\n');
    }
    text
}

fn screen(model: &Model, frame: &mut Frame<'_>, title: Rect, body: Rect) {
    match model.stack.last() {
        None => tables::draw(model, frame.buffer_mut(), title, body),
        Some(Screen::Table(page)) => table::draw(model, page, frame.buffer_mut(), title, body),
        Some(Screen::Plan(plan)) => plan::draw(model, plan, frame.buffer_mut(), title, body),
        Some(Screen::Viewer(viewer)) => {
            viewer::draw(model, viewer, frame.buffer_mut(), title, body);
        }
        Some(Screen::Jobs(queue)) => jobs::draw(model, queue, frame.buffer_mut(), title, body),
        Some(Screen::Journal(journal)) => {
            journal::draw(model, journal, frame.buffer_mut(), title, body);
        }
        Some(Screen::Doctor(doctor)) => {
            doctor::draw(model, doctor, frame.buffer_mut(), title, body);
        }
        Some(Screen::Details(details)) => {
            details::draw(model, details, frame.buffer_mut(), title, body);
        }
        Some(Screen::Help(help)) => help::draw(model, help, frame.buffer_mut(), title, body),
        Some(Screen::BackfillPlan(plans)) => {
            backfill::draw_plan(model, plans, frame.buffer_mut(), title, body);
        }
        Some(Screen::Backfill(form)) => {
            below(model, frame, title, body);
            backfill::draw_form(model, form, frame, body);
        }
        Some(Screen::Edit(form)) => {
            below(model, frame, title, body);
            edit::draw(model, form, frame, body);
        }
    }
}

/// Draws the screen that a dialog is on top of.
fn below(model: &Model, frame: &mut Frame<'_>, title: Rect, body: Rect) {
    let buffer = frame.buffer_mut();
    match model.stack.iter().rev().nth(1) {
        Some(Screen::Table(page)) => table::draw(model, page, buffer, title, body),
        Some(Screen::Journal(journal)) => journal::draw(model, journal, buffer, title, body),
        Some(Screen::Doctor(doctor)) => doctor::draw(model, doctor, buffer, title, body),
        _ => tables::draw(model, buffer, title, body),
    }
}

/// Clears a line of the screen.
fn paint_over(buffer: &mut Buffer, area: Rect, y: usize) {
    let blank = Line::raw(" ".repeat(usize::from(area.width)));
    paint(buffer, area, y, Style::reset());
    put(buffer, area, y, &blank);
}

/// The lines above the footer: the prompt, or the message.
fn messages(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    if let Some(prompt) = &model.prompt {
        return prompt::lines(model, prompt, columns);
    }
    let said = model.said().into_iter();
    said.map(|said| Line::styled(format!(" {}", said.text), style(theme, said.tone)))
        .collect()
}

/// Draws what takes the place of an answer: a spinner with what is being waited for, or the error with its
/// causes.
fn unanswered<T>(
    model: &Model,
    answer: &Answer<T>,
    (subject, what): (Subject, &str),
    buffer: &mut Buffer,
    body: Rect,
) {
    match answer {
        Answer::Ready(_) => {}
        Answer::Waiting => put(buffer, body, 1, &waiting(model, subject, what)),
        Answer::Failed(failure) => {
            failed(model, failure, buffer, body);
        }
    }
}

/// A spinner with what is being waited for.
fn waiting(model: &Model, subject: Subject, what: &str) -> Line<'static> {
    let text = format!("{what}{}", for_how_long(model, subject));
    Line::from(vec![
        Span::styled(format!("   {} ", spinner(model.now)), model.theme.accent),
        Span::styled(text, model.theme.dim),
    ])
}

/// `, for 38 s`, if an answer takes long enough to be reported.
fn for_how_long(model: &Model, subject: Subject) -> String {
    let waited = model.ledger.waited(subject, model.now);
    waited.map_or_else(String::new, |waited| format!(", for {}", span(waited)))
}

/// Draws an error with its causes and what to do next, and returns the number of lines taken.
fn failed(model: &Model, failure: &Failure, buffer: &mut Buffer, body: Rect) -> usize {
    let page = super::describe::failure(model, failure);
    let lines = page.wrapped(usize::from(body.width));
    for (y, said) in lines.iter().enumerate() {
        put(buffer, body, y + 1, &page::line(model, said));
    }
    lines.len() + 1
}
