//! Cursors, scrolling and marks.

use super::touring;
use crate::console::describe;
use crate::console::effect::Effect;
use crate::console::model::details::wrapped;
use crate::console::model::scroll::{Scroll, Step};
use crate::console::model::viewer::Viewer;
use crate::console::model::{Model, Screen};
use crate::console::screens::{self, Scrolled};

/// Number of lines in a page of the screen in front.
#[must_use]
pub fn page(model: &Model) -> usize {
    text_height(model).saturating_sub(1).max(1)
}

/// Number of lines of the part that scrolls.
fn text_height(model: &Model) -> usize {
    Scrolled::in_front(model).lines
}

/// The length of the part that scrolls, and whether it has a cursor.
enum Extent {
    List(usize),
    Text(usize),
    Nothing,
}

fn extent(model: &Model) -> Extent {
    let columns = model.width();
    match model.stack.last() {
        None | Some(Screen::Edit(_) | Screen::Backfill(_)) => Extent::Nothing,
        // When lines are fetched or planned again, the scroll position stays.
        Some(Screen::Plan(plan)) if plan.answer.ready().is_none() => Extent::Nothing,
        _ if model.viewer().is_some_and(Viewer::is_waiting) => Extent::Nothing,
        Some(Screen::Viewer(viewer)) => Extent::List(viewer.shown().len()),
        Some(Screen::Doctor(doctor)) => Extent::List(doctor.lines()),
        Some(Screen::Table(page)) => match (model.viewer(), page.length()) {
            (Some(viewer), _) => Extent::List(viewer.shown().len()),
            (None, Some(length)) => Extent::List(length),
            (None, None) => describe::tab(model, page).map_or(Extent::Nothing, |lines| {
                Extent::Text(wrapped(&lines, columns).len())
            }),
        },
        Some(Screen::Journal(journal)) => Extent::List(journal.shown().len()),
        Some(Screen::Jobs(queue)) => Extent::List(queue.shown(&model.jobs).count()),
        Some(Screen::Plan(plan)) => Extent::Text(plan.wrapped(columns).len()),
        Some(Screen::BackfillPlan(plans)) => Extent::Text(plans.wrapped(columns).len()),
        Some(Screen::Details(details)) => Extent::Text(details.wrapped(columns).len()),
        Some(Screen::Help(help)) => Extent::Text(screens::help::lines(model, help).len()),
    }
}

fn scroll(model: &mut Model) -> Option<&mut Scroll> {
    if model.doctor().is_some() {
        return model.doctor_mut().map(|doctor| &mut doctor.scroll);
    }
    if model.viewer().is_some() {
        return model.viewer_mut().map(|viewer| &mut viewer.scroll);
    }
    match model.stack.last_mut()? {
        Screen::Table(page) => Some(page.scroll_mut()),
        Screen::Viewer(viewer) => Some(&mut viewer.scroll),
        Screen::Journal(journal) => Some(&mut journal.scroll),
        Screen::Jobs(queue) => Some(&mut queue.scroll),
        Screen::Help(help) => Some(&mut help.scroll),
        Screen::Plan(plan) => Some(&mut plan.scroll),
        Screen::Doctor(doctor) => Some(&mut doctor.scroll),
        Screen::Details(details) => Some(&mut details.scroll),
        Screen::BackfillPlan(plans) => Some(&mut plans.scroll),
        Screen::Edit(_) | Screen::Backfill(_) => None,
    }
}

/// Moves the cursor, or scrolls the text if there is none.
pub fn step(model: &mut Model, step: Step) {
    if model.stack.is_empty() {
        return model.tables.step(step);
    }
    let (height, extent) = (text_height(model), extent(model));
    if let Some(doctor) = model.doctor_mut() {
        return doctor.step(step, height);
    }
    if let Some(scroll) = scroll(model) {
        match extent {
            Extent::List(length) => scroll.step(step, length, height),
            Extent::Text(length) => scroll.page(step, length, height),
            Extent::Nothing => {}
        }
    }
    note_job(model);
}

/// On the jobs screen, records which job the cursor is now on.
fn note_job(model: &mut Model) {
    if let Some(Screen::Jobs(queue)) = model.stack.last_mut() {
        queue.point(&model.jobs);
    }
}

/// Puts the cursor on a line of the terminal, if that belongs to a list with a cursor.
pub fn point_at(model: &mut Model, line: usize) {
    if model.stack.is_empty() {
        if let Some(place) = screens::tables::place_at(model, line) {
            model.tables.point_at(place);
        }
        return;
    }
    let (place, extent) = (Scrolled::in_front(model).at(line), extent(model));
    if let (Some(below), Extent::List(_), Some(scroll)) = (place, extent, scroll(model)) {
        scroll.cursor = scroll.offset + below;
        note_job(model);
    }
}

/// Keeps cursors within the present content.
pub fn keep(model: &mut Model) {
    if model.stack.is_empty() {
        return;
    }
    let (height, extent) = (text_height(model), extent(model));
    if let Some(scroll) = scroll(model) {
        match extent {
            Extent::List(length) => scroll.keep(length, height),
            Extent::Text(length) => scroll.page(Step::Up(0), length, height),
            Extent::Nothing => {}
        }
    }
}

/// Marks or unmarks the table under the cursor, and moves to the next.
pub fn mark(model: &mut Model) -> Vec<Effect> {
    if model.tables.anchor.is_some() {
        return mark_range(model);
    }
    if let Some(table) = model.tables.cursor.clone() {
        if !model.tables.marks.remove(&table) {
            model.tables.marks.insert(table);
        }
        model.tables.step(Step::Down(1));
    }
    Vec::new()
}

/// Marks all tables shown, or unmarks them if they all are.
pub fn mark_all(model: &mut Model) -> Vec<Effect> {
    let tables = &mut model.tables;
    let shown: Vec<_> = tables.visible().map(|row| row.table().clone()).collect();
    if shown.iter().all(|table| tables.marks.contains(table)) {
        tables.marks.retain(|mark| !shown.contains(mark));
    } else {
        tables.marks.extend(shown);
    }
    Vec::new()
}

/// Starts a range of marks, or completes the one that was started.
pub fn mark_range(model: &mut Model) -> Vec<Effect> {
    let tables = &mut model.tables;
    if tables.anchor.is_none() {
        tables.anchor.clone_from(&tables.cursor);
    } else {
        let range: Vec<_> = tables.range().cloned().collect();
        tables.marks.extend(range);
        tables.anchor = None;
    }
    Vec::new()
}

/// Undoes, one at a time: the range, the marks, the filter; then leaves the tour. The notice disappears
/// with the first of them.
pub fn clear(model: &mut Model) -> Vec<Effect> {
    let tables = &mut model.tables;
    model.notice = None;
    if tables.anchor.take().is_some() {
        return Vec::new();
    }
    if !tables.marks.is_empty() {
        tables.marks.clear();
    } else if tables.filter.is_empty() {
        touring::leave(model);
    } else {
        tables.filter = crate::console::model::filter::Filter::default();
    }
    Vec::new()
}
