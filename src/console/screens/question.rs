//! A question over the screen, or below the plan that it is about.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::console::action::ActionId;
use crate::console::model::question::{Expected, Question, Strength};
use crate::console::model::{Model, Said, Tone};
use crate::console::widgets::dialog::{dialog, framed};
use crate::console::widgets::field::field;
use crate::console::widgets::{clip, put, style};
use crate::figures::{count, length};
use crate::text::{cut, visible, width, wrap};

/// Lines around the answer, and of the border around everything.
const AROUND: usize = 2;
const BORDERS: usize = 2;
/// Lines of the plan that stay visible above a question, if it has that many.
const PLAN: usize = 2;
/// Columns needed for the input next to the text to be typed; if there are fewer, the input has a line of its
/// own.
const TYPED: usize = 6;
/// Minimum width of the text.
const COLUMNS: usize = 46;

/// Draws the question.
pub fn draw(model: &Model, question: &Question, frame: &mut Frame<'_>, area: Rect) {
    if question.is_docked {
        return draw_docked(model, question, frame, area);
    }
    let theme = &model.theme;
    let columns = columns(question, usize::from(area.width));
    let lines = wrapped(question, columns);
    let hint = format!("{} leaves all as it is", model.key(ActionId::Abandon));
    let most = usize::from(area.height).saturating_sub(BORDERS + AROUND);
    let answered = answer_lines(question, columns, most);
    let room = dialog(
        frame,
        area,
        (columns, lines.len() + answered + AROUND),
        (&question.title, &hint),
        theme,
    );
    let columns = usize::from(room.width);
    let buffer = frame.buffer_mut();
    // The answer is always in sight; if there is little room, the text scrolls.
    let height = usize::from(room.height).saturating_sub(answered + AROUND);
    let offset = question.offset.min(lines.len().saturating_sub(height));
    for (y, said) in lines.iter().skip(offset).take(height).enumerate() {
        let line = Line::styled(&said.text, style(theme, said.tone));
        put(buffer, room, y, &line);
    }
    if lines.len() > height {
        let below = lines.len() - offset - height;
        let text = match (offset, below) {
            (0, below) => format!("↓ {below} more"),
            (above, 0) => format!("↑ {above} more"),
            (above, below) => format!("↑ {above}  ↓ {below} more"),
        };
        let text = crate::text::right(&text, columns);
        put(buffer, room, height, &Line::styled(text, theme.dim));
    }
    put_answer(model, question, frame, (room, answered));
}

/// Draws the answer in the last lines of `room`, and below it what was wrong with the last one.
fn put_answer(
    model: &Model,
    question: &Question,
    frame: &mut Frame<'_>,
    (room, lines): (Rect, usize),
) {
    let columns = usize::from(room.width);
    let buffer = frame.buffer_mut();
    let last = usize::from(room.height).saturating_sub(1);
    let first = last.saturating_sub(lines);
    for (y, line) in answer(model, question, columns, lines).iter().enumerate() {
        put(buffer, room, first + y, line);
    }
    let complaint = question.complaint.clone().unwrap_or_default();
    let warning = style(&model.theme, Tone::Warning);
    let complaint = Line::styled(cut(&complaint, columns), warning);
    put(buffer, room, last, &complaint);
}

/// Draws the question over the last lines of `area`, in full width, with the plan above it.
fn draw_docked(model: &Model, question: &Question, frame: &mut Frame<'_>, area: Rect) {
    let height = u16::try_from(dock(model, usize::from(area.height))).unwrap_or(area.height);
    let place = Rect {
        y: area.bottom() - height,
        height,
        ..area
    };
    let hint = format!("{} puts this aside", model.key(ActionId::Abandon));
    let room = framed(frame, place, (&question.title, &hint), &model.theme);
    let columns = usize::from(room.width);
    let mut lines = answer(model, question, columns, usize::from(room.height));
    // What was wrong with the last answer is shown next to it.
    if let (Some(complaint), Some(last)) = (&question.complaint, lines.last_mut()) {
        let complaint = Span::styled(complaint.clone(), style(&model.theme, Tone::Warning));
        let spans = std::mem::take(&mut last.spans).into_iter();
        let spans = spans.chain([Span::raw("   "), complaint]).collect();
        last.spans = clip(spans, columns);
    }
    for (y, line) in lines.iter().enumerate() {
        put(frame.buffer_mut(), room, y, line);
    }
}

/// Lines that a question below a plan takes of a body of `body` lines; 0 if there is none.
#[must_use]
pub fn dock(model: &Model, body: usize) -> usize {
    let docked = model.question.as_ref().filter(|one| one.is_docked);
    docked.map_or(0, |question| {
        let columns = model.width().saturating_sub(4);
        let most = body.saturating_sub(PLAN + BORDERS);
        (answer_lines(question, columns, most) + BORDERS).min(body)
    })
}

/// The lines of a question, wrapped to `columns` columns.
fn wrapped(question: &Question, columns: usize) -> Vec<Said> {
    let lines = question.lines.iter();
    lines.flat_map(|said| said.wrapped(columns)).collect()
}

/// Width of the text in a terminal of `columns` columns.
fn columns(question: &Question, columns: usize) -> usize {
    let widths = question.lines.iter().map(|said| width(&said.text));
    let asked = width(&demand(question)) + 24;
    let wanted = widths.max().unwrap_or(0).max(asked).max(COLUMNS);
    wanted.min(columns.saturating_sub(4))
}

/// Number of lines out of sight, in a terminal of `terminal` columns and `body` lines.
#[must_use]
pub fn hidden(question: &Question, terminal: usize, body: usize) -> usize {
    let columns = columns(question, terminal);
    let lines = wrapped(question, columns).len();
    lines.saturating_sub(shown(question, columns, body))
}

/// Number of lines on one page, in a terminal of `terminal` columns and `body` lines.
#[must_use]
pub fn page(question: &Question, terminal: usize, body: usize) -> usize {
    shown(question, columns(question, terminal), body)
}

fn shown(question: &Question, columns: usize, body: usize) -> usize {
    let room = body.saturating_sub(BORDERS + AROUND);
    room.saturating_sub(answer_lines(question, columns, room))
}

fn demand(question: &Question) -> String {
    match &question.strength {
        Strength::YesNo => String::new(),
        Strength::Typed(Expected::Name(table)) => {
            format!("type {} to confirm: ", visible(&table.to_string()))
        }
        Strength::Typed(Expected::Number(number)) => {
            format!(
                "{}: type how many to confirm: ",
                count(length(*number), "table")
            )
        }
    }
}

/// Lines of the answer in `columns` columns, at most `most`: the text to be typed is shown in full, and the
/// input is always in sight.
fn answer_lines(question: &Question, columns: usize, most: usize) -> usize {
    let asked = demand(question);
    if width(&asked) + TYPED <= columns || question.strength == Strength::YesNo {
        return 1;
    }
    (wrap(&asked, columns).len() + 1).min(most.max(1))
}

/// The answer in at most `lines` lines of `columns` columns.
fn answer(model: &Model, question: &Question, columns: usize, lines: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    if question.strength == Strength::YesNo {
        let choice = |text: &'static str, chosen: bool| {
            Span::styled(text, if chosen { theme.selection } else { theme.dim })
        };
        return vec![Line::from(vec![
            choice(" No ", !question.yes),
            Span::raw("  "),
            choice(" Yes ", question.yes),
        ])];
    }
    let asked = demand(question);
    if width(&asked) + TYPED <= columns {
        let room = columns - width(&asked);
        let mut spans = vec![Span::styled(asked, theme.warning)];
        spans.extend(field(&question.typed, room, true, theme));
        return vec![Line::from(spans)];
    }
    let asked = wrap(&asked, columns).into_iter();
    let asked = asked.map(|part| Line::styled(part, theme.warning));
    let typed = Line::from(field(&question.typed, columns, true, theme));
    asked.take(lines.saturating_sub(1)).chain([typed]).collect()
}
