//! Cursors, scrolling and marks.

use crate::console::action::listing;
use crate::console::model::scroll::Step;
use crate::console::model::{Model, Screen};

/// Lines that a page has on the screen in front.
#[must_use]
pub fn page(model: &Model) -> usize {
    text_height(model).saturating_sub(1).max(1)
}

/// Lines of the part that scrolls.
fn text_height(model: &Model) -> usize {
    let body = model.body_height();
    match model.stack.last() {
        None | Some(Screen::Journal(_)) => body.saturating_sub(1),
        Some(Screen::Viewer(viewer)) => body.saturating_sub(viewer.head()),
        Some(_) => body,
    }
}

/// Moves the cursor, or the text where there is none.
pub fn step(model: &mut Model, step: Step) {
    let height = text_height(model);
    let safety = model.facts.safety;
    let width = model.width();
    let jobs = model.jobs.records.len();
    match model.stack.last_mut() {
        None => model.tables.step(step),
        Some(Screen::Viewer(viewer)) => {
            let length = viewer.shown().len();
            viewer.scroll.step(step, length, height);
        }
        Some(Screen::Journal(journal)) => {
            let length = journal.shown().len();
            journal.scroll.step(step, length, height);
        }
        Some(Screen::Jobs(scroll)) => scroll.step(step, jobs, height),
        Some(Screen::Plan(plan)) => {
            let length = plan.wrapped(width).len();
            plan.scroll.page(step, length, height);
        }
        Some(Screen::Details(details)) => {
            let length = details.wrapped(width).len();
            details.scroll.page(step, length, height);
        }
        Some(Screen::Help(scroll)) => scroll.page(step, listing::help(safety).len(), height),
        Some(Screen::Edit(_)) => {}
    }
}

/// Keeps cursors within what is there now.
pub fn keep(model: &mut Model) {
    let height = text_height(model);
    let jobs = model.jobs.records.len();
    match model.stack.last_mut() {
        Some(Screen::Viewer(viewer)) => {
            let length = viewer.shown().len();
            viewer.scroll.keep(length, height);
        }
        Some(Screen::Journal(journal)) => {
            let length = journal.shown().len();
            journal.scroll.keep(length, height);
        }
        Some(Screen::Jobs(scroll)) => scroll.keep(jobs, height),
        _ => step(model, Step::Up(0)),
    }
}

/// Marks or unmarks the table under the cursor and goes on to the next.
pub fn mark(model: &mut Model) {
    if model.tables.anchor.is_some() {
        return mark_range(model);
    }
    let Some(table) = model.tables.cursor.clone() else {
        return;
    };
    if !model.tables.marks.remove(&table) {
        model.tables.marks.insert(table);
    }
    model.tables.step(Step::Down(1));
}

/// Marks all tables shown, or unmarks them if they all are.
pub fn mark_all(model: &mut Model) {
    let tables = &mut model.tables;
    let shown: Vec<_> = tables.visible().map(|row| row.table().clone()).collect();
    if shown.iter().all(|table| tables.marks.contains(table)) {
        tables.marks.retain(|mark| !shown.contains(mark));
    } else {
        tables.marks.extend(shown);
    }
}

/// Begins a range of marks, or keeps the one that was begun.
pub fn mark_range(model: &mut Model) {
    let tables = &mut model.tables;
    if tables.anchor.is_none() {
        tables.anchor.clone_from(&tables.cursor);
        return;
    }
    let range: Vec<_> = tables.range().cloned().collect();
    tables.marks.extend(range);
    tables.anchor = None;
}

/// Takes back, one at a time: the notice, the range, the marks, the filter.
pub fn clear(model: &mut Model) {
    let tables = &mut model.tables;
    if model.notice.take().is_some() || tables.anchor.take().is_some() {
        return;
    }
    if tables.marks.is_empty() {
        tables.filter = crate::console::model::filter::Filter::default();
    } else {
        tables.marks.clear();
    }
}
