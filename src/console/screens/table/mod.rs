//! The page of a table.

mod filtered;
mod history;
mod objects;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{doctor, unanswered, viewer};
use crate::console::describe;
use crate::console::model::Model;
use crate::console::model::details::wrapped;
use crate::console::model::ledger::Subject;
use crate::console::model::page::{Tab, TablePage};
use crate::console::model::scroll::Direction;
use crate::console::model::viewer::Viewer;
use crate::console::widgets::put;
use crate::text::{ends, visible, width};

/// Minimum width of the table's name; less if the name is shorter.
const NAME: usize = 12;

/// Height of the list of the tab in front, in a body of `body` lines.
#[must_use]
pub fn lines(model: &Model, page: &TablePage, body: usize) -> usize {
    let body = body.saturating_sub(filtered::lines(page));
    match page.tab {
        Tab::Objects => body.saturating_sub(1 + objects::around(page, body)),
        Tab::History => body.saturating_sub(1),
        Tab::Preview => body.saturating_sub(above(model, page, body)),
        Tab::Findings => page
            .doctor
            .as_ref()
            .map_or(body, |of| doctor::lines(of, model.width(), body)),
        Tab::State | Tab::Columns => body,
    }
}

/// Number of lines above the list of the tab in front, in a body of `body` lines.
#[must_use]
pub fn above(model: &Model, page: &TablePage, body: usize) -> usize {
    let body = body.saturating_sub(filtered::lines(page));
    match page.tab {
        Tab::Objects => 1 + objects::chart_lines(page, body),
        Tab::History => 1,
        Tab::Preview => model.viewer().map_or(0, Viewer::head),
        Tab::Findings => page.doctor.as_ref().map_or(0, doctor::head),
        Tab::State | Tab::Columns => 0,
    }
}

/// Draws the page.
pub fn draw(model: &Model, page: &TablePage, buffer: &mut Buffer, title: Rect, body: Rect) {
    put(
        buffer,
        title,
        0,
        &heading(model, page, usize::from(title.width)),
    );
    let body = filtered::draw(model, page, buffer, body);
    match page.tab {
        Tab::Objects => {
            let asked = (Subject::Objects, "listing objects");
            unanswered(model, &page.objects.answer, asked, buffer, body);
            objects::draw(model, page, buffer, body);
        }
        Tab::History => {
            let asked = (Subject::History, "reading all versions");
            unanswered(model, &page.history, asked, buffer, body);
            history::draw(model, page, buffer, body);
        }
        Tab::Preview => {
            if let Some(lines) = &page.next_rows {
                viewer::draw_lines(model, lines, buffer, body);
            }
        }
        Tab::Findings => {
            if let Some(doctor) = &page.doctor {
                doctor::draw_cases(model, doctor, buffer, body);
            }
        }
        Tab::State | Tab::Columns => text(model, page, buffer, body),
    }
}

fn text(model: &Model, page: &TablePage, buffer: &mut Buffer, body: Rect) {
    let Some(lines) = describe::tab(model, page) else {
        let gone = "   the table is no longer selected";
        put(buffer, body, 1, &Line::styled(gone, model.theme.dim));
        return;
    };
    let lines = wrapped(&lines, usize::from(body.width));
    super::page::draw(model, &lines, page.scroll().offset, buffer, body);
}

/// The table's name and its tabs; if there is little room, the tabs without their numbers, or only the
/// one in front.
fn heading(model: &Model, page: &TablePage, columns: usize) -> Line<'static> {
    let name = visible(&page.table.to_string());
    let least = width(&name).min(NAME);
    for numbered in [true, false] {
        let labels = Tab::ALL.map(|tab| label(model, page, tab, numbered));
        let taken: usize = labels.iter().map(|label| width(label)).sum();
        let room = columns.saturating_sub(taken + 3);
        if room >= least {
            let tabs = Tab::ALL.into_iter().zip(labels);
            return all_tabs(model, page, &ends(&name, room), tabs);
        }
    }
    let theme = &model.theme;
    let place = format!(" {} of {}", page.tab as usize + 1, Tab::ALL.len());
    let label = label(model, page, page.tab, false);
    let room = columns.saturating_sub(width(&place) + width(&label) + 4);
    Line::from(vec![
        Span::styled(format!(" {}  ", ends(&name, room)), theme.strong),
        Span::styled(label, theme.tab),
        Span::styled(place, theme.dim),
    ])
}

/// The tab at a column of the heading. If the heading has room for only the tab in front, its column
/// stands for the tab after it.
#[must_use]
pub fn tab_at(model: &Model, page: &TablePage, column: usize) -> Option<Tab> {
    let heading = heading(model, page, model.width());
    let (name, labels) = heading.spans.split_first()?;
    let mut end = width(&name.content);
    if column < end {
        return None;
    }
    if labels.len() < Tab::ALL.len() {
        let is_on_it = column < heading.width();
        return is_on_it.then(|| page.tab.turn(Direction::Forward));
    }
    let mut tabs = labels.iter().zip(Tab::ALL);
    let at = tabs.find(|(label, _)| {
        end += width(&label.content);
        column < end
    });
    at.map(|(_, tab)| tab)
}

fn all_tabs(
    model: &Model,
    page: &TablePage,
    name: &str,
    tabs: impl Iterator<Item = (Tab, String)>,
) -> Line<'static> {
    let theme = &model.theme;
    let mut spans = vec![Span::styled(format!(" {name}  "), theme.strong)];
    for (tab, label) in tabs {
        let style = if tab == page.tab {
            theme.tab
        } else {
            theme.dim
        };
        spans.push(Span::styled(label, style));
    }
    Line::from(spans)
}

/// ` 2 Objects `; for the findings, with their number.
fn label(model: &Model, page: &TablePage, tab: Tab, numbered: bool) -> String {
    let number = if numbered {
        format!("{} ", tab as usize + 1)
    } else {
        String::new()
    };
    let row = model.tables.row(&page.table);
    let found = match tab {
        Tab::Findings => match &page.doctor {
            // A finished examination knows more than the row does.
            Some(doctor) if doctor.under_way().is_none() => doctor.found(),
            _ => row.map_or(0, |row| row.findings().len()),
        },
        _ => 0,
    };
    let found = if found > 0 {
        format!(" {found}")
    } else {
        String::new()
    };
    format!(" {number}{}{found} ", tab.label())
}
