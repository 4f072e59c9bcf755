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
use crate::text::{cut, visible, width};

/// Columns of the text, at least.
const COLUMNS: usize = 46;

/// Draws the question.
pub fn draw(model: &Model, question: &Question, frame: &mut Frame<'_>, area: Rect) {
    let theme = &model.theme;
    let ask = demand(question);
    let widest = question
        .lines
        .iter()
        .map(|(_, text)| width(text))
        .max()
        .unwrap_or(0);
    let columns = widest.max(width(&ask) + 24).max(COLUMNS);
    let lines = question.lines.len() + 3;
    let hint = "Esc leaves all as it is";
    let room = dialog(
        frame,
        area,
        (columns, lines),
        (&question.title, hint),
        theme,
    );
    let columns = usize::from(room.width);
    let buffer = frame.buffer_mut();
    for (y, (tone, text)) in question.lines.iter().enumerate() {
        put(
            buffer,
            room,
            y,
            &Line::styled(cut(text, columns), style(theme, *tone)),
        );
    }
    // Where there is little room the answer matters more than the lines above it.
    let y = (question.lines.len() + 1).min(usize::from(room.height).saturating_sub(2));
    put(
        buffer,
        room,
        y.saturating_sub(1),
        &Line::raw(" ".repeat(columns)),
    );
    put(buffer, room, y, &answer(model, question, &ask, columns));
    let complaint = question.complaint.clone().unwrap_or_default();
    let complaint = Line::styled(cut(&complaint, columns), style(theme, Tone::Warning));
    put(buffer, room, y + 1, &complaint);
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
