//! A question over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::console::model::question::{Expected, Question, Strength};
use crate::console::model::{Model, Tone};
use crate::console::widgets::dialog::dialog;
use crate::console::widgets::field::field;
use crate::console::widgets::{put, style};
use crate::figures::{count, length};
use crate::text::{cut, visible, width, wrap};

/// Lines of the answer, with what is above and below it, and of the box around all.
const ANSWER: usize = 3;
const BORDERS: usize = 2;
/// Columns of the text, at least.
const COLUMNS: usize = 46;

/// Draws the question.
pub fn draw(model: &Model, question: &Question, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let ask = demand(question);
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
    put(buffer, room, y, &answer(model, question, &ask, columns));
    let complaint = question.complaint.clone().unwrap_or_default();
    let complaint = Line::styled(cut(&complaint, columns), style(theme, Tone::Warning));
    put(buffer, room, y + 1, &complaint);
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
    lines.saturating_sub(body.saturating_sub(BORDERS + ANSWER))
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
