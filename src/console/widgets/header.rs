//! The first line: where this is, how dangerous it is, and what is running.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::config::Safety;
use crate::console::model::Model;
use crate::figures::{clock, count, length};
use crate::text::{cut, visible, width};

/// A part of the header. When there is too little room, the part with the lowest rank is dropped
/// first.
struct Part {
    rank: u8,
    right: bool,
    text: String,
    style: Style,
}

/// Ranks of the parts that may be shortened, and the width that must be left of them.
const PLACES: [u8; 3] = [PATH, 3, 4];
/// Rank of a local path, whose end says the most.
const PATH: u8 = 1;
const SHORTEST: usize = 14;
/// Rank of the region, which can be looked up by the bucket's name.
const REGION: u8 = 0;

/// The header in `columns` columns.
#[must_use]
pub fn header(model: &Model, columns: usize) -> Line<'static> {
    let mut parts = parts(model);
    fit(&mut parts, columns);
    let (right, left): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| part.right);
    let spans = |parts: Vec<Part>| -> Vec<Span<'static>> {
        parts
            .into_iter()
            .map(|part| Span::styled(part.text, part.style))
            .collect()
    };
    let line = super::spread(spans(left), spans(right), columns);
    line.style(model.theme.header)
}

/// Makes room: shortens the part with the lowest rank if that is enough and leaves something to
/// read, otherwise drops it.
fn fit(parts: &mut Vec<Part>, columns: usize) {
    loop {
        let taken: usize = parts.iter().map(|part| width(&part.text)).sum();
        // There is a blank between left and right.
        let excess = (taken + 1).saturating_sub(columns);
        let least = (0..parts.len()).min_by_key(|at| parts[*at].rank);
        let Some(part) = least.filter(|_| excess > 0) else {
            return;
        };
        let size = width(&parts[part].text);
        if PLACES.contains(&parts[part].rank) && size >= excess + SHORTEST {
            let shorten: fn(&str, usize) -> String =
                if parts[part].rank == PATH { path } else { cut };
            parts[part].text = shorten(&parts[part].text, size - excess);
        } else {
            parts.remove(part);
        }
    }
}

/// `  …/demo/objects`: the end of a path, starting at a whole name if that fits.
fn path(text: &str, columns: usize) -> String {
    let room = columns.saturating_sub(3);
    let tail = |(at, _): (usize, &str)| Some(&text[at..]).filter(|tail| width(tail) <= room);
    let whole = text.match_indices('/').find_map(tail);
    whole.map_or_else(|| cut(text, columns), |tail| format!("  …{tail}"))
}

fn parts(model: &Model) -> Vec<Part> {
    let (facts, theme) = (&model.facts, &model.theme);
    // On the reversed line of a careful profile, other colours would be unreadable.
    let careful = facts.safety == Safety::Careful;
    let own = |style: Style| if careful { Style::new() } else { style };
    let part = |rank, right, text: String, style: Style| Part {
        rank,
        right,
        text,
        style: own(style),
    };
    let profile = format!("▏{}▕", visible(&facts.profile));
    let source = format!(" {}", visible(&facts.source));
    let objects = format!("  {}", visible(&facts.objects));
    let is_path = facts.objects.starts_with('/');
    let rank = if is_path { PATH } else { 3 };
    let mut parts = vec![
        part(6, false, " highwater ".to_owned(), theme.strong),
        part(10, false, profile, theme.profile),
        part(4, false, source, Style::new()),
        part(rank, false, objects, theme.dim),
    ];
    if let Some(region) = &facts.region {
        let text = format!("  {}", visible(region));
        parts.push(part(REGION, false, text, theme.dim));
    }
    let (safety, style) = match facts.safety {
        Safety::Normal => ("  normal", theme.dim),
        Safety::Careful => ("  careful", theme.strong),
        Safety::ReadOnly => ("  read-only", theme.warning),
    };
    let rank = if facts.safety == Safety::Normal { 2 } else { 9 };
    parts.push(part(rank, false, safety.to_owned(), style));
    if model.jobs.unread_errors > 0 {
        let text = format!("{}  ", count(model.jobs.unread_errors, "error"));
        parts.push(part(8, true, text, theme.error));
    }
    let running = model.jobs.running();
    if running > 0 {
        let text = format!("{}  ", count(length(running), "job"));
        parts.push(part(7, true, text, theme.accent));
    }
    let text = format!("{} UTC ", clock(model.now));
    parts.push(part(5, true, text, theme.dim));
    parts
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_path_keeps_its_last_names_whole() {
        let long = "  /home/ada/.local/state/highwater/demo/objects";
        assert_eq!(path(long, 18), "  …/demo/objects");
        assert_eq!(path(long, 25), "  …/demo/objects");
        assert_eq!(path(long, 26), "  …/highwater/demo/objects");
        assert_eq!(path("  /a_single_long_name", 14), "  /a_single_l…");
    }
}
