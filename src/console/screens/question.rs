//! A question over the screen, or below the plan that it is about.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::console::action::ActionId;
use crate::console::model::question::{Expected, Question, Strength};
use crate::console::model::{Model, Tone};
use crate::console::widgets::dialog::{dialog, framed};
use crate::console::widgets::field::field;
use crate::console::widgets::{clip, put, style};
use crate::figures::{count, length};
use crate::text::{cut, visible, width, wrap};

/// Lines of the answer, with what is above and below it, and of the box around all.
const ANSWER: usize = 3;
const BORDERS: usize = 2;
/// Lines of the answer below a plan.
const DOCKED: usize = 1;
/// Columns of the text, at least.
const COLUMNS: usize = 46;

/// Draws the question.
pub fn draw(model: &Model, question: &Question, frame: &mut Frame<'_>, area: Rect) {
    if question.is_docked {
        return draw_docked(model, question, frame, area);
    }
    let theme = &model.theme;
    let columns = columns(question, usize::from(area.width));
    let lines = wrapped(question, columns);
    let hint = "Esc leaves all as it is";
    let room = dialog(
        frame,
        area,
        (columns, lines.len() + ANSWER),
        (&question.title, hint),
        theme,
    );
    let columns = usize::from(room.width);
    let buffer = frame.buffer_mut();
    // The answer is always in sight; what it is about scrolls where there is little room.
    let height = usize::from(room.height).saturating_sub(ANSWER);
    let offset = question.offset.min(lines.len().saturating_sub(height));
    for (y, (tone, text)) in lines.iter().skip(offset).take(height).enumerate() {
        put(
            buffer,
            room,
            y,
            &Line::styled(text.clone(), style(theme, *tone)),
        );
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
    let y = usize::from(room.height).saturating_sub(2);
    put_answer(model, question, frame, (room, y));
}

/// Puts the answer at line `y`, and below it what was wrong with the last one.
fn put_answer(model: &Model, question: &Question, frame: &mut Frame<'_>, (room, y): (Rect, usize)) {
    let columns = usize::from(room.width);
    let buffer = frame.buffer_mut();
    let ask = demand(question);
    put(buffer, room, y, &answer(model, question, &ask, columns));
    let complaint = question.complaint.clone().unwrap_or_default();
    let warning = style(&model.theme, Tone::Warning);
    let complaint = Line::styled(cut(&complaint, columns), warning);
    put(buffer, room, y + 1, &complaint);
}

/// Draws the question over the last lines of `area`, as wide as it is: the plan stands above.
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
    let answer = answer(model, question, &demand(question), columns);
    // What was wrong with the last answer stands beside it.
    let complaint = question.complaint.iter();
    let complaint =
        complaint.map(|text| Span::styled(text.clone(), style(&model.theme, Tone::Warning)));
    let spans = answer.spans.into_iter().chain([Span::raw("   ")]);
    let spans = clip(spans.chain(complaint).collect(), columns);
    put(frame.buffer_mut(), room, 0, &Line::from(spans));
}

/// Lines that a question below a plan takes of a body of `body` lines; 0 where there is none.
#[must_use]
pub fn dock(model: &Model, body: usize) -> usize {
    let is_docked = model.question.as_ref().is_some_and(|one| one.is_docked);
    if is_docked {
        (DOCKED + BORDERS).min(body)
    } else {
        0
    }
}

/// The lines of a question in at most `columns` columns.
fn wrapped(question: &Question, columns: usize) -> Vec<(Tone, String)> {
    let lines = question.lines.iter().flat_map(|(tone, text)| {
        let parts = wrap(text, columns).into_iter();
        parts.map(move |part| (*tone, part.trim_end().to_owned()))
    });
    lines.collect()
}

/// Columns of the text in a terminal of `columns` columns.
fn columns(question: &Question, columns: usize) -> usize {
    let widths = question.lines.iter().map(|(_, text)| width(text));
    let asked = width(&demand(question)) + 24;
    let wanted = widths.max().unwrap_or(0).max(asked).max(COLUMNS);
    wanted.min(columns.saturating_sub(4))
}

/// How many lines are hidden at most, in a terminal of `terminal` columns and `body` lines.
#[must_use]
pub fn hidden(question: &Question, terminal: usize, body: usize) -> usize {
    let lines = wrapped(question, columns(question, terminal)).len();
    lines.saturating_sub(shown(body))
}

/// How many lines are shown at most, of `body` lines.
#[must_use]
pub const fn shown(body: usize) -> usize {
    body.saturating_sub(BORDERS + ANSWER)
}

fn demand(question: &Question) -> String {
    match &question.strength {
        Strength::YesNo => String::new(),
        Strength::Typed(Expected::Name(table)) => {
            format!("type {} to confirm: ", visible(&table.to_string()))
        }
        Strength::Typed(Expected::Number(number)) => {
            format!(
                "{}: type how many, to confirm: ",
                count(length(*number), "table")
            )
        }
    }
}

fn answer(model: &Model, question: &Question, ask: &str, columns: usize) -> Line<'static> {
    let theme = &model.theme;
    if question.strength == Strength::YesNo {
        let choice = |text: &'static str, chosen: bool| {
            Span::styled(text, if chosen { theme.selection } else { theme.dim })
        };
        return Line::from(vec![
            choice(" No ", !question.yes),
            Span::raw("  "),
            choice(" Yes ", question.yes),
        ]);
    }
    let mut spans = vec![Span::styled(ask.to_owned(), theme.warning)];
    let room = columns.saturating_sub(width(ask));
    spans.extend(field(&question.typed, room, true, theme));
    Line::from(spans)
}
