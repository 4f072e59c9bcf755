//! The doctor: the findings, and the details of the one under the cursor.

mod healthy;
mod list;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{for_how_long, page, waiting};
use crate::backend::finding::Severity;
use crate::console::action::ActionId;
use crate::console::describe;
use crate::console::model::details::wrapped;
use crate::console::model::doctor::Doctor;
use crate::console::model::{Model, Said};
use crate::console::widgets::spinner::spinner;
use crate::console::widgets::{clip, put, spread};
use crate::figures::{count, length};
use crate::text::{cut, left, visible, width};
use crate::vocabulary::TableName;

/// Width from which the details are next to the findings rather than below them.
const BESIDE: usize = 120;
/// Maximum number of failures that are named above the list.
const FAILURES: usize = 2;

/// The layout of list and details.
struct Layout {
    /// Height of the list.
    list: usize,
    /// Width of the list.
    columns: usize,
    beside: bool,
}

impl Layout {
    fn of(doctor: &Doctor, columns: usize, body: usize) -> Self {
        let room = body.saturating_sub(head(doctor));
        let beside = columns >= BESIDE;
        if beside {
            return Self {
                list: room,
                columns: (columns * 9 / 20).min(150),
                beside,
            };
        }
        // The list gives way to the details of the finding under the cursor.
        let most = (room * 2 / 5).max(3);
        Self {
            list: doctor.lines().clamp(1, most).min(room),
            columns,
            beside,
        }
    }
}

/// Number of lines above the list: column heads and failures.
#[must_use]
pub fn head(doctor: &Doctor) -> usize {
    1 + doctor.failures.len().min(FAILURES)
}

/// Height of the list, in a body of `body` lines.
#[must_use]
pub fn lines(doctor: &Doctor, columns: usize, body: usize) -> usize {
    Layout::of(doctor, columns, body).list
}

/// Draws the screen.
pub fn draw(model: &Model, doctor: &Doctor, buffer: &mut Buffer, title: Rect, body: Rect) {
    put(buffer, title, 0, &heading(model, doctor));
    draw_cases(model, doctor, buffer, body);
}

fn heading(model: &Model, doctor: &Doctor) -> Line<'static> {
    let theme = &model.theme;
    let tables = count(length(doctor.tables.len()), "table");
    let mut spans = vec![
        Span::styled(" Doctor", theme.strong),
        Span::raw(format!(" {tables}")),
    ];
    let layout = Layout::of(doctor, model.width(), model.body_height());
    if doctor.lines() > layout.list {
        let first = doctor.scroll.offset + 1;
        let last = (doctor.scroll.offset + layout.list).min(doctor.lines());
        let text = format!("   {first}–{last} of {}", doctor.lines());
        spans.push(Span::styled(text, theme.dim));
    }
    let kinds = [
        (Severity::Error, "error", theme.error),
        (Severity::Warning, "warning", theme.warning),
        (Severity::Info, "note", theme.dim),
    ];
    for (severity, noun, style) in kinds {
        let found = doctor.count(severity);
        if found > 0 {
            spans.push(Span::styled(
                format!("   {}", count(length(found), noun)),
                style,
            ));
        }
    }
    if !doctor.filter().is_empty() {
        let text = format!("   {}", visible(doctor.filter()));
        spans.push(Span::styled(text, theme.accent));
    }
    Line::from(clip(spans, model.width()))
}

/// Draws the findings, and the details of the one under the cursor.
pub fn draw_cases(model: &Model, doctor: &Doctor, buffer: &mut Buffer, body: Rect) {
    let (columns, height) = (usize::from(body.width), usize::from(body.height));
    let layout = Layout::of(doctor, columns, height);
    put(buffer, body, 0, &heads(model, doctor, &layout, columns));
    draw_failures(model, doctor, buffer, body);
    if doctor.cases.is_empty() {
        draw_none(model, doctor, buffer, body, &layout);
    } else if doctor.lines() == 0 {
        draw_unmatched(model, doctor, buffer, body);
    } else {
        let above = head(doctor);
        let list = Rect {
            y: body.y + number(above).min(body.height),
            height: number(layout.list).min(body.height.saturating_sub(number(above))),
            width: number(layout.columns),
            ..body
        };
        list::draw(model, doctor, buffer, list);
        let known = if layout.beside {
            beside(model, buffer, body, list.width)
        } else {
            below(model, buffer, body, above + layout.list)
        };
        draw_known(model, doctor, buffer, known);
    }
}

/// Draws the first failures, one per line.
fn draw_failures(model: &Model, doctor: &Doctor, buffer: &mut Buffer, body: Rect) {
    for (y, failure) in doctor.failures.iter().take(FAILURES).enumerate() {
        let chain = failure.chain();
        let said = visible(chain.first().map_or("", String::as_str));
        let text = cut(&said, usize::from(body.width).saturating_sub(18));
        let line = Line::styled(
            format!(" ! {text}   {} says more", model.key(ActionId::Trouble)),
            model.theme.error,
        );
        put(buffer, body, y + 1, &line);
    }
}

/// Draws what is shown while there are no findings: that they are being looked for, or that all is
/// well.
fn draw_none(model: &Model, doctor: &Doctor, buffer: &mut Buffer, body: Rect, layout: &Layout) {
    let above = head(doctor);
    let Some((tables, rest)) = doctor.under_way() else {
        return healthy::draw(model, doctor, buffer, body, above);
    };
    if let Some(reply) = &doctor.reply {
        let name = list::name_columns(doctor, layout.columns);
        let line = list::reply_line(model, reply, (name, usize::from(body.width)));
        put(buffer, body, above, &line);
    }
    let text = examining(tables, rest);
    let line = waiting(model, doctor.subject, &text);
    put(buffer, body, above + doctor.heads(), &line);
}

/// Draws what is shown if the filter lets no finding through.
fn draw_unmatched(model: &Model, doctor: &Doctor, buffer: &mut Buffer, body: Rect) {
    let said = format!("none of {} matches the filter", cases(doctor));
    // While the filter is being typed, the complaint is shown next to it.
    let why = doctor.complaint().filter(|_| model.prompt.is_none());
    let why = why.map(|why| Said::warning(visible(&why)));
    let lines: Vec<_> = std::iter::once(Said::dim(said)).chain(why).collect();
    let lines = wrapped(&lines, usize::from(body.width));
    for (y, said) in lines.iter().enumerate() {
        put(buffer, body, head(doctor) + 1 + y, &page::line(model, said));
    }
}

/// Draws a rule after the first `columns`, and returns the area to its right.
fn beside(model: &Model, buffer: &mut Buffer, body: Rect, columns: u16) -> Rect {
    let rule = Rect {
        x: body.x + columns,
        width: 1,
        ..body
    };
    for y in 0..usize::from(body.height) {
        put(buffer, rule, y, &Line::styled("│", model.theme.dim));
    }
    Rect {
        x: body.x + columns + 1,
        width: body.width.saturating_sub(columns + 1),
        ..body
    }
}

/// Draws a rule after the first `lines`, and returns the area below it.
fn below(model: &Model, buffer: &mut Buffer, body: Rect, lines: usize) -> Rect {
    let rule = "─".repeat(usize::from(body.width));
    put(buffer, body, lines, &Line::styled(rule, model.theme.dim));
    Rect {
        y: body.y + number(lines + 1).min(body.height),
        height: body.height.saturating_sub(number(lines + 1)),
        ..body
    }
}

fn cases(doctor: &Doctor) -> String {
    count(length(doctor.cases.len()), "finding")
}

/// The column heads of the list, and which tables are being examined.
fn heads(model: &Model, doctor: &Doctor, layout: &Layout, columns: usize) -> Line<'static> {
    let theme = &model.theme;
    let heads = if doctor.cases.is_empty() {
        String::new()
    } else {
        format!(
            " {} FINDING",
            left("  TABLE", list::name_columns(doctor, layout.columns) + 3)
        )
    };
    let mut right = Vec::new();
    if let Some((tables, rest)) = doctor.under_way()
        && !doctor.cases.is_empty()
    {
        let waited = for_how_long(model, doctor.subject);
        let room = columns.saturating_sub(width(&heads) + width(&waited) + 5);
        right.push(Span::styled(
            format!("{} ", spinner(model.now)),
            theme.accent,
        ));
        let text = cut(&examining(tables, rest), room);
        right.push(Span::styled(format!("{text}{waited} "), theme.dim));
    }
    spread(vec![Span::styled(heads, theme.dim)], right, columns)
}

/// `examining payment and 12 more`
fn examining(tables: &[TableName], rest: usize) -> String {
    let Some(first) = tables.first() else {
        return "examining".to_owned();
    };
    let first = visible(&first.to_string());
    match tables.len() - 1 + rest {
        0 => format!("examining {first}"),
        more => format!("examining {first} and {more} more"),
    }
}

fn draw_known(model: &Model, doctor: &Doctor, buffer: &mut Buffer, area: Rect) {
    let known = match (doctor.current(), doctor.current_reply()) {
        (Some(case), _) => describe::case(model, case),
        (None, Some(reply)) => describe::reply(model, reply),
        (None, None) => return,
    };
    let lines = wrapped(&known, usize::from(area.width));
    let room = usize::from(area.height);
    let fits = lines.len() <= room;
    let shown = if fits { room } else { room.saturating_sub(1) };
    for (y, said) in lines.iter().take(shown).enumerate() {
        put(buffer, area, y, &page::line(model, said));
    }
    if !fits {
        let more = count(length(lines.len() - shown), "line");
        let text = format!(
            "   … {more} more: {} shows all",
            model.key(ActionId::Trouble)
        );
        put(buffer, area, shown, &Line::styled(text, model.theme.dim));
    }
}

fn number(lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX)
}
