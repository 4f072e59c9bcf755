//! The Tables screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::cells::{cells, glyph};
use super::columns::{BEFORE, Columns};
use super::heading::heading;
use super::progress::progress;
use super::{BODY, failed, waiting};
use crate::backend::finding::Severity;
use crate::console::action::ActionId;
use crate::console::describe;
use crate::console::model::Model;
use crate::console::model::ledger::Subject;
use crate::console::model::row::Row;
use crate::console::model::setback::Setback;
use crate::console::widgets::{paint, put, spread};
use crate::figures::{ago, span};
use crate::text::{cut, ends, left, right, visible, width, wrap};

/// Columns before the remark under a row.
const REMARK: usize = 5;
/// Width for the remark under a row and its key, if the screen is that wide.
const REMARKS: usize = 120;

/// Draws the screen.
pub fn draw(model: &Model, buffer: &mut Buffer, title: Rect, body: Rect) {
    put(buffer, title, 0, &heading(model, usize::from(title.width)));
    let tables = &model.tables;
    if !tables.loaded {
        match &tables.trouble {
            Some(failure) => {
                let taken = failed(model, failure, buffer, body);
                let text = format!("   {}", again(model));
                put(
                    buffer,
                    body,
                    taken + 1,
                    &Line::styled(text, model.theme.dim),
                );
            }
            None => put(
                buffer,
                body,
                1,
                &waiting(model, Subject::Tables, opening(model)),
            ),
        }
        return;
    }
    // Below the list, so that nothing moves on the screen when these lines come and go.
    let below = about_all(model, usize::from(body.width));
    let list = Rect {
        height: body
            .height
            .saturating_sub(u16::try_from(below.len()).unwrap_or(0)),
        ..body
    };
    for (y, line) in below.iter().enumerate() {
        put(buffer, body, usize::from(list.height) + y, line);
    }
    draw_list(model, buffer, list);
}

fn draw_list(model: &Model, buffer: &mut Buffer, body: Rect) {
    let tables = &model.tables;
    if tables.shown.is_empty() {
        let lines = nothing(model, usize::from(body.width));
        for (y, line) in lines.iter().enumerate() {
            put(buffer, body, 1 + y, line);
        }
        return;
    }
    let mut y = 0;
    let columns = Columns::fit(model, usize::from(body.width));
    put(
        buffer,
        body,
        y,
        &Line::styled(heads(&columns), model.theme.dim),
    );
    y += 1;
    for (place, row) in tables.visible().enumerate().skip(tables.offset) {
        if y >= usize::from(body.height) {
            break;
        }
        y += draw_row(model, (place, row), &columns, buffer, (body, y));
    }
}

/// Why no table is shown.
fn nothing(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let (tables, theme) = (&model.tables, &model.theme);
    let (text, style) = match tables.filter.complaint() {
        _ if tables.rows.is_empty() => (
            "no table is selected: see source.tables and source.exclude of the profile".to_owned(),
            theme.dim,
        ),
        // While the filter is being typed, the complaint is shown next to it.
        Some(complaint) if model.prompt.is_none() => (visible(complaint), theme.warning),
        Some(_) => ("no table matches the filter".to_owned(), theme.dim),
        None => (
            format!(
                "no table matches the filter; {} clears it",
                model.key(ActionId::Clear)
            ),
            theme.dim,
        ),
    };
    let lines = wrap(&text, columns.saturating_sub(4)).into_iter();
    lines
        .map(|text| Line::styled(format!("   {text}"), style))
        .collect()
}

const fn opening(model: &Model) -> &'static str {
    if model.facts.demo {
        "starting the demo's database"
    } else {
        "connecting"
    }
}

/// Position in the list of the row drawn at a line of the screen.
#[must_use]
pub fn place_at(model: &Model, line: usize) -> Option<usize> {
    let tables = &model.tables;
    let mut below = line.checked_sub(BODY + 1)?;
    if below >= tables.height {
        return None;
    }
    for (place, row) in tables.visible().enumerate().skip(tables.offset) {
        let height = row.height();
        if below < height {
            return Some(place);
        }
        below -= height;
    }
    None
}

/// Lines about all tables: what holds rows back, what weakens the guarantee, and the services out of reach, since when,
/// and when they are tried again.
fn about_all(model: &Model, width_of_body: usize) -> Vec<Line<'static>> {
    let tables = &model.tables;
    let led = |sign: &str, text: &String, style| leading(model, (sign, text), style, width_of_body);
    let held = tables.held.as_ref();
    let held = held.map(|held| led("+", held, model.theme.dim));
    let weak = tables.weak.as_ref();
    let weak = weak.map(|weak| led("!", weak, model.theme.warning));
    let out = tables.outages.iter().map(|line| {
        let line = visible(line);
        let columns = width_of_body.saturating_sub(3);
        let told = retry(model);
        let fits = |told: &&String| width(&line) + width(told) <= columns;
        // The time of the next try matters more than the end of a long name.
        let told = told.iter().find(fits).unwrap_or(&told[2]);
        let room = columns.saturating_sub(width(told));
        let text = format!(" ! {}{told}", cut(&line, room));
        Line::styled(text, model.theme.error)
    });
    held.into_iter().chain(weak).chain(out).collect()
}

/// A line with the key that opens the doctor.
fn leading(
    model: &Model,
    (sign, text): (&str, &str),
    style: Style,
    columns: usize,
) -> Line<'static> {
    let key = model.key(ActionId::Doctor);
    let room = columns.saturating_sub(width(&key) + 10);
    let text = format!(" {sign} {}", cut(text, room));
    let hint = vec![
        Span::styled(key, model.theme.accent),
        Span::styled("  why ", model.theme.dim),
    ];
    spread(vec![Span::styled(text, style)], hint, columns)
}

/// When the next try is due.
fn again(model: &Model) -> String {
    match model.tables.rounds.due {
        Some(due) if due > model.now => {
            let left = due.micros() - model.now.micros();
            format!("again in {}", span(left + 999_999))
        }
        _ => "trying again".to_owned(),
    }
}

/// What is being done about a service that is out of reach, in three lengths, longest first.
fn retry(model: &Model) -> [String; 3] {
    let (rounds, again) = (&model.tables.rounds, again(model));
    if model.facts.demo {
        return [
            format!("   {}   E says why", describe::OWN_SERVER),
            format!("   {}", describe::OWN_SERVER),
            "  the demo's: leave, start again".to_owned(),
        ];
    }
    let since = rounds.down_since.unwrap_or(model.now);
    let age = span(model.now.micros() - since.micros());
    [
        format!("   for {age}, anything dimmed is older   {again}   E says why"),
        format!("  {again}  E says why"),
        format!("  {again}"),
    ]
}

fn heads(columns: &Columns) -> String {
    let gap = " ".repeat(columns.gap);
    let mut text = format!("{:BEFORE$}{}", "", left("TABLE", columns.name));
    let mut add = |width: usize, head: &str, to_the_right: bool| {
        if width > 0 {
            text.push_str(&gap);
            text.push_str(&if to_the_right {
                right(head, width)
            } else {
                left(head, width)
            });
        }
    };
    add(
        columns.timestamp,
        if columns.age { "AGE" } else { "TIMESTAMP" },
        false,
    );
    add(columns.sequence, "SEQ ID", true);
    // Over the numbers, if they are as wide.
    let numbers = columns.pending.saturating_sub(columns.held);
    let pending = if numbers < width("PENDING") {
        "PENDING".to_owned()
    } else {
        left(&right("PENDING", numbers), columns.pending)
    };
    add(columns.pending, &pending, true);
    add(columns.last, "LAST OBJECT", false);
    add(columns.trend, "TREND", false);
    add(columns.ingested, "AGE", false);
    add(columns.unreachable, "UNREACHABLE", true);
    add(columns.rows, "TABLE ROWS", true);
    add(columns.size, "SIZE", true);
    add(columns.key, "LAST KEY", false);
    text
}

/// Draws a row and the remark under it, and returns the number of lines taken.
fn draw_row(
    model: &Model,
    (place, row): (usize, &Row),
    columns: &Columns,
    buffer: &mut Buffer,
    (body, y): (Rect, usize),
) -> usize {
    let theme = &model.theme;
    let selected = model.tables.place() == place;
    let mark = if model.tables.is_marked(row.table(), place) {
        "▌"
    } else {
        " "
    };
    let mut spans = vec![
        Span::styled(mark, theme.accent),
        glyph(model, row),
        Span::raw(" "),
        Span::raw(left(&ends(&row.digest().name, columns.name), columns.name)),
    ];
    if let Some(job) = row.job.and_then(|id| model.jobs.get(id)) {
        let room = usize::from(body.width).saturating_sub(BEFORE + columns.name + columns.gap + 1);
        spans.push(Span::raw(" ".repeat(columns.gap)));
        spans.extend(progress(model, job, room));
    } else {
        spans.extend(cells(model, row, columns));
    }
    put(buffer, body, y, &Line::from(spans));
    if selected {
        paint(buffer, body, y, theme.selection);
    }
    // The key stays near its remark, however wide the terminal is.
    let room = usize::from(body.width).min(columns.taken().max(REMARKS));
    let Some(below) = below(model, row, room) else {
        return 1;
    };
    put(buffer, body, y + 1, &below);
    2
}

/// `ingest failed 2 min ago: …`, with the first line of the error.
fn setback_in_words(model: &Model, setback: &Setback) -> String {
    let when = ago(setback.at, model.now);
    let said = setback.chain.first().map_or("", String::as_str);
    let said = visible(said.lines().next().unwrap_or_default());
    format!("{} failed {when}: {said}", setback.verb)
}

/// The line under a row: the remark, and the key for more.
fn below(model: &Model, row: &Row, columns: usize) -> Option<Line<'static>> {
    let theme = &model.theme;
    let (severity, text) = match (row.remark(), row.setback()) {
        (Some(remark), _) => (remark.severity, remark.text.clone()),
        (None, Some(setback)) => (Severity::Error, setback_in_words(model, setback)),
        (None, None) => return None,
    };
    let style = match severity {
        Severity::Info => theme.dim,
        Severity::Warning => theme.warning,
        Severity::Error => theme.error,
    };
    let (key, words) = match row.remark().and_then(|remark| remark.code) {
        Some(_) if row.has_repair() => (ActionId::Doctor, ["see the repair", "repair"]),
        Some(_) => (ActionId::Doctor, ["see why", "why"]),
        None => (ActionId::Trouble, ["see why", "why"]),
    };
    let key = model.key(key);
    let room = |word: &str| columns.saturating_sub(REMARK + width(&key) + width(word) + 5);
    // The shorter word, if the remark needs the room.
    let word = words.into_iter().find(|word| width(&text) <= room(word));
    let word = word.unwrap_or(words[1]);
    let room = room(word);
    let hint = [
        Span::styled(key, theme.accent),
        Span::styled(format!("  {word} "), theme.dim),
    ];
    let text = format!("{:REMARK$}{}", "", cut(&text, room));
    Some(spread(
        vec![Span::styled(text, style)],
        hint.into(),
        columns,
    ))
}
