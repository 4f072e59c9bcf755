//! A line of text input.

use ratatui::text::Span;
use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation;

use crate::console::theme::Theme;
use crate::text::{skip, visible, width};

/// The input in at most `columns` columns, with a caret if it has the focus.
#[must_use]
pub fn field(input: &Input, columns: usize, focused: bool, theme: &Theme) -> Vec<Span<'static>> {
    let typed: Vec<char> = input.value().chars().collect();
    let cursor = input.cursor().min(typed.len());
    let before = visible(&typed[..cursor].iter().collect::<String>());
    let after = visible(&typed[cursor..].iter().collect::<String>());
    if !focused {
        return vec![Span::raw(before + &after)];
    }
    let hidden = (width(&before) + 1).saturating_sub(columns);
    let mut rest = after.graphemes(true);
    let under = rest.next().unwrap_or(" ").to_owned();
    vec![
        Span::raw(skip(&before, hidden)),
        Span::styled(under, theme.caret),
        Span::raw(rest.as_str().to_owned()),
    ]
}
