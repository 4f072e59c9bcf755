//! A filter or a search being typed.

use ratatui::text::{Line, Span};

use crate::console::model::{Model, Prompt, Screen};
use crate::console::widgets::field::field;
use crate::text::{cut, visible, width, wrap};

/// Maximum number of lines that the prompt takes.
const LINES: usize = 3;
/// Separator between the input and the text about it.
const GAP: &str = "   ";

/// The input, what is wrong with it, and, while it is empty, what can be typed. What is wrong may cover a few
/// lines of the body.
pub fn lines(model: &Model, prompt: &Prompt, columns: usize) -> Vec<Line<'static>> {
    let theme = &model.theme;
    let mut spans = vec![Span::styled(" /", theme.accent)];
    spans.extend(field(&prompt.input, columns.saturating_sub(3), true, theme));
    let taken: usize = spans.iter().map(|span| width(&span.content)).sum();
    let room = columns.saturating_sub(taken + GAP.len() + 1);
    if prompt.input.value().is_empty() {
        let words = cut(words(model), room);
        spans.push(Span::styled(format!("{GAP}{words}"), theme.dim));
    }
    let complaint = model.complaint().map(|text| visible(&text));
    // Goes above the input if it would be cut short next to it.
    let (beside, above): (Vec<_>, Vec<_>) =
        complaint.into_iter().partition(|text| width(text) <= room);
    spans.extend(
        beside
            .iter()
            .map(|text| Span::styled(format!("{GAP}{text}"), theme.warning)),
    );
    let above = above
        .iter()
        .flat_map(|text| wrap(text, columns.saturating_sub(2)));
    let above = above
        .take(LINES - 1)
        .map(|text| Line::styled(format!(" {text}"), theme.warning));
    above.chain([Line::from(spans)]).collect()
}

/// Examples of what can be typed to filter the list in front; empty for a search.
fn words(model: &Model) -> &'static str {
    if model.doctor().is_some() {
        return "text  !text  severity:error  finding:stuck";
    }
    match model.stack.last() {
        None => "text  !text  pending>0  age>2h  state:pending  finding:stuck  job:failed",
        Some(Screen::Jobs(_)) => "text  !text  failed  running",
        Some(Screen::Journal(_)) => "text  !text  profile:dev",
        Some(_) if model.viewer().is_some() => "",
        Some(_) => "text  !text",
    }
}
