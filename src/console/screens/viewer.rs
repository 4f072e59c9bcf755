//! Draws lines of JSON.

use std::ops::Range;

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
    let found = matches(text, search);
    let (mut spans, mut passed, mut begins) = (Vec::new(), 0, 0);
    for (kind, piece) in pieces(text) {
        let style = match kind {
            Kind::Key => theme.json_key,
            Kind::String => theme.json_string,
            Kind::Number => theme.json_number,
            Kind::Word => theme.json_word,
            Kind::Other => theme.dim,
        };
        for (part, is_found) in parts(text, begins..begins + piece.len(), &found) {
            let size = width(part);
            let hidden = column.saturating_sub(passed);
            passed += size;
            if hidden < size {
                let style = if is_found { theme.found } else { style };
                spans.push(Span::styled(skip(part, hidden), style));
            }
        }
        begins += piece.len();
    }
    spans
}

/// A piece of `text`, cut where a match begins or ends, and whether each part belongs to a match.
fn parts<'a>(text: &'a str, piece: Range<usize>, found: &[Range<usize>]) -> Vec<(&'a str, bool)> {
    let mut parts = Vec::new();
    let mut from = piece.start;
    // A match may begin in one piece and end in another.
    let first = found.partition_point(|one| one.end <= piece.start);
    for one in &found[first..] {
        if one.start >= piece.end {
            break;
        }
        let (start, end) = (one.start.max(piece.start), one.end.min(piece.end));
        parts.push((&text[from..start], false));
        parts.push((&text[start..end], true));
        from = end;
    }
    parts.push((&text[from..piece.end], false));
    parts
}

/// Where the search text is found in `text`, in any case.
fn matches(text: &str, search: &str) -> Vec<Range<usize>> {
    let needle = lower(search);
    if needle.is_empty() {
        return Vec::new();
    }
    let text = lower(text);
    let found = text.match_indices(&needle);
    found.map(|(at, hit)| at..at + hit.len()).collect()
}

/// `text` in lower case, except for the few characters that would become shorter or longer: each stays in its place.
fn lower(text: &str) -> String {
    let lower = |c: char| {
        let mut lower = c.to_lowercase();
        let first = lower.next().filter(|one| one.len_utf8() == c.len_utf8());
        first.filter(|_| lower.next().is_none()).unwrap_or(c)
    };
    text.chars().map(lower).collect()
}

#[cfg(test)]
mod tests {
    use super::{beginning, coloured};
    use crate::console::theme::Theme;
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

    #[test]
    fn what_is_found_is_marked_wherever_it_begins_and_ends() {
        let theme = Theme::plain(false);
        let marked = |text: &str, column, search: &str| -> Vec<String> {
            let spans = coloured(text, column, search, &theme).into_iter();
            let shown: String = coloured(text, column, search, &theme)
                .iter()
                .map(|span| span.content.as_ref())
                .collect();
            assert_eq!(shown, text.chars().skip(column).collect::<String>());
            let found = spans.filter(|span| span.style == theme.found);
            found.map(|span| span.content.into_owned()).collect()
        };
        let line = "{\"id\":51,\"Paid\":true,\"ids\":\"\u{130}D ID\"}";
        assert_eq!(marked(line, 0, "\"id\":5"), ["\"id\"", ":", "5"]);
        assert_eq!(marked(line, 3, "\"id\":5"), ["d\"", ":", "5"]);
        assert_eq!(marked(line, 0, "ID"), ["id", "id", "id", "ID"]);
        assert_eq!(marked(line, 0, "\u{130}d"), ["\u{130}D"]);
        assert_eq!(marked(line, 0, "nowhere"), [""; 0]);
        assert_eq!(marked(line, 0, ""), [""; 0]);
    }
}
