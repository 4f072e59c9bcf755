//! Draws lines of JSON.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::unanswered;
use crate::console::json::{Kind, pieces};
use crate::console::model::Model;
use crate::console::model::ledger::Subject;
use crate::console::model::viewer::{Source, Viewer};
use crate::console::theme::Theme;
use crate::console::widgets::{clip, paint, put, spread};
use crate::text::{cut, right, skip, visible, width};

/// Draws the screen.
pub fn draw(model: &Model, viewer: &Viewer, buffer: &mut Buffer, title: Rect, body: Rect) {
    let theme = &model.theme;
    let columns = usize::from(title.width);
    let what = match viewer.source {
        Source::Preview(_) => " Preview",
        Source::Object(..) => " Object",
    };
    let table = visible(&viewer.source.table().to_string());
    let mut left = vec![
        Span::styled(what, theme.strong),
        Span::raw(format!(" {table}")),
    ];
    if !viewer.search.is_empty() {
        let text = format!("   /{}", visible(&viewer.search));
        left.push(Span::styled(text, theme.accent));
    }
    let form = if viewer.pretty { "pretty " } else { "compact " };
    put(
        buffer,
        title,
        0,
        &spread(left, vec![Span::styled(form, theme.dim)], columns),
    );
    draw_lines(model, viewer, buffer, body);
}

/// Draws the key, the bounds and the lines, or what takes their place.
pub fn draw_lines(model: &Model, viewer: &Viewer, buffer: &mut Buffer, body: Rect) {
    let theme = &model.theme;
    let columns = usize::from(body.width);
    let subject = if model.page().is_some() {
        Subject::NextRows
    } else {
        Subject::Viewer
    };
    let asked = (subject, "reading rows");
    unanswered(model, &viewer.answer, asked, buffer, body);
    let Some(page) = viewer.answer.ready() else {
        return;
    };
    for (y, fact) in page.facts.iter().enumerate() {
        let style = if y == 0 { Style::new() } else { theme.dim };
        let text = format!("   {}", cut(fact, columns.saturating_sub(4)));
        put(buffer, body, y, &Line::styled(text, style));
    }
    lines(model, viewer, buffer, body);
}

fn lines(model: &Model, viewer: &Viewer, buffer: &mut Buffer, body: Rect) {
    let theme = &model.theme;
    let shown = viewer.shown();
    let stored = viewer.answer.ready().map_or(0, |page| page.lines.len());
    let numbers = stored.max(1).to_string().len().max(2);
    let mut before = viewer
        .scroll
        .offset
        .checked_sub(1)
        .and_then(|at| shown.get(at))
        .map(|line| line.line);
    for (place, line) in shown.iter().enumerate().skip(viewer.scroll.offset) {
        let y = viewer.head() + place - viewer.scroll.offset;
        if y >= usize::from(body.height) {
            break;
        }
        let number = if before == Some(line.line) || line.line == stored {
            String::new()
        } else {
            (line.line + 1).to_string()
        };
        before = Some(line.line);
        let mut spans = vec![Span::styled(
            format!(" {} ", right(&number, numbers)),
            theme.dim,
        )];
        if line.line == stored {
            let text = skip(&line.text, viewer.column);
            spans.push(Span::styled(text, theme.warning));
        } else {
            let text = beginning(&line.text, viewer.column + usize::from(body.width));
            spans.extend(coloured(text, viewer.column, &viewer.search, theme));
        }
        let spans = clip(spans, usize::from(body.width));
        put(buffer, body, y, &Line::from(spans));
        if place == viewer.scroll.cursor {
            paint(buffer, body, y, theme.selection);
        }
    }
}

/// A prefix of `text` that contains all of its first `columns` columns: a line may be megabytes long, and
/// a frame must not parse all of it. In text that is safe to show, each character is at least one column
/// wide, with at most three marks on it.
fn beginning(text: &str, columns: usize) -> &str {
    let end = text.char_indices().nth(columns.saturating_mul(4));
    end.map_or(text, |(end, _)| &text[..end])
}

/// The line from `column` on, in the colours of JSON, with search matches highlighted.
fn coloured(text: &str, column: usize, search: &str, theme: &Theme) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut passed = 0;
    for (kind, piece) in pieces(text) {
        let size = width(piece);
        let hidden = column.saturating_sub(passed);
        passed += size;
        if hidden >= size && size > 0 {
            continue;
        }
        let style = match kind {
            Kind::Key => theme.json_key,
            Kind::String => theme.json_string,
            Kind::Number => theme.json_number,
            Kind::Word => theme.json_word,
            Kind::Other => theme.dim,
        };
        mark(&skip(piece, hidden), search, style, theme.found, &mut spans);
    }
    spans
}

fn mark(text: &str, search: &str, style: Style, found: Style, spans: &mut Vec<Span<'static>>) {
    let needle = search.to_lowercase();
    let lower = text.to_lowercase();
    // Lower case may have another length; positions in it would then not be positions in the text.
    if needle.is_empty() || lower.len() != text.len() {
        spans.push(Span::styled(text.to_owned(), style));
        return;
    }
    let mut from = 0;
    while let Some(at) = lower[from..].find(&needle) {
        let (start, end) = (from + at, from + at + needle.len());
        let (Some(before), Some(hit)) = (text.get(from..start), text.get(start..end)) else {
            break;
        };
        spans.push(Span::styled(before.to_owned(), style));
        spans.push(Span::styled(hit.to_owned(), found));
        from = end;
    }
    spans.push(Span::styled(
        text.get(from..).unwrap_or_default().to_owned(),
        style,
    ));
}

#[cfg(test)]
mod tests {
    use super::beginning;
    use crate::text::{visible, width};

    #[test]
    fn the_beginning_of_a_line_has_all_columns_that_are_asked_for_and_is_short() {
        for character in ["x", "価", "e\u{301}\u{302}\u{303}"] {
            let line = visible(&character.repeat(1_000_000));
            let beginning = beginning(&line, 120);
            assert!(width(beginning) >= 120, "{character}");
            assert!(beginning.len() <= 120 * 4 * 4, "{character}");
        }
        assert_eq!(beginning("short", 120), "short");
    }
}
