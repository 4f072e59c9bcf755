//! The list of findings.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::console::describe;
use crate::console::model::Model;
use crate::console::model::doctor::{Case, Doctor, Reply, Stage};
use crate::console::widgets::spinner::spinner;
use crate::console::widgets::{paint, put, style};
use crate::text::{cut, ends, left, visible, width};

/// Maximum width of a table's name, in a narrow list and in a wide one.
const NAME: (usize, usize) = (12, 24);
/// Minimum width of the message if it is shown in the list.
const MESSAGE: usize = 14;

/// Width of the tables' names, in a list of `columns` columns.
pub fn name_columns(doctor: &Doctor, columns: usize) -> usize {
    let most = if columns < 80 { NAME.0 } else { NAME.1 };
    let reply = doctor.reply.as_ref();
    let reply = reply.map_or(0, |reply| width(&visible(&reply.table.to_string())));
    doctor.widths.table.max(reply).clamp(5, most)
}

/// Draws the list.
pub fn draw(model: &Model, doctor: &Doctor, buffer: &mut Buffer, list: Rect) {
    let columns = usize::from(list.width);
    let name = name_columns(doctor, columns);
    let code = doctor.widths.code.min(columns.saturating_sub(name + 6));
    let offset = doctor.scroll.offset;
    let end = doctor.lines().min(offset + usize::from(list.height));
    for place in offset..end {
        let line = match (doctor.case_at(place), &doctor.reply) {
            (Some(case), _) => line(model, doctor, case, (name, code, columns)),
            (None, Some(reply)) => reply_line(model, reply, (name, columns)),
            (None, None) => continue,
        };
        let y = place - offset;
        put(buffer, list, y, &line);
        if place == doctor.scroll.cursor {
            paint(buffer, list, y, model.theme.selection);
        }
    }
}

fn line(
    model: &Model,
    doctor: &Doctor,
    case: &Case,
    (name, code, columns): (usize, usize, usize),
) -> Line<'static> {
    let theme = &model.theme;
    let (mut sign, tone) = describe::sign(case);
    let treated = case.remark.is_some() && doctor.is_awaited(case.table());
    if treated || matches!(case.stage, Stage::Repairing(_)) {
        sign = spinner(model.now);
    }
    let tone = style(theme, tone);
    let rest = columns.saturating_sub(name + code + 7);
    let message = if rest >= MESSAGE {
        format!("  {}", cut(&short(case), rest.saturating_sub(2)))
    } else {
        String::new()
    };
    // Both ends of a name are kept: names that start alike differ at the end.
    let subject = describe::subject(&case.diagnosis);
    let (plain, faint) = if case.stage == Stage::Gone {
        (theme.dim, theme.dim)
    } else {
        (Style::new(), tone)
    };
    Line::from(vec![
        Span::styled(format!(" {sign} "), tone),
        Span::styled(left(&ends(&subject, name), name), plain),
        Span::styled(
            format!("  {}", left(case.diagnosis.code().as_str(), code)),
            faint,
        ),
        Span::styled(message, plain),
    ])
}

/// The line about a table that the user asked about, if no finding is about it.
pub fn reply_line(model: &Model, reply: &Reply, (name, columns): (usize, usize)) -> Line<'static> {
    let theme = &model.theme;
    let (sign, tone, said) = if reply.is_healthy {
        let said = if reply.is_noted {
            "nothing is wrong with it, but for notes"
        } else {
            "nothing is wrong with it"
        };
        ("✓", theme.ok, said)
    } else {
        ("?", theme.warning, "it could not be looked at")
    };
    let table = left(&ends(&visible(&reply.table.to_string()), name), name);
    Line::from(vec![
        Span::styled(format!(" {sign} "), tone),
        Span::raw(table),
        Span::styled(
            format!("  {}", cut(said, columns.saturating_sub(name + 5))),
            tone,
        ),
    ])
}

/// The outcome of its repair, or else its message.
fn short(case: &Case) -> String {
    match &case.remark {
        Some(remark) => visible(&remark.text),
        None => describe::message(&case.diagnosis),
    }
}
