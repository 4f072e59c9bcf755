//! The page of a table: opening it, its tabs, and what they fetch.

use super::{examining, interrupted, opening};
use crate::console::effect::Effect;
use crate::console::model::doctor::Doctor;
use crate::console::model::ledger::Subject;
use crate::console::model::listing::Listing;
use crate::console::model::page::{Tab, TablePage};
use crate::console::model::row::Row;
use crate::console::model::scroll::Direction;
use crate::console::model::viewer::Source;
use crate::console::model::{Answer, Model, Screen};
use crate::console::screens;
use crate::jobs::Request;
use crate::vocabulary::TableName;

/// Shows a tab of the table in front, opening its page if that is not open yet.
pub fn show(model: &mut Model, tab: Tab) -> Vec<Effect> {
    if let Some(page) = model.page_mut() {
        page.tab = tab;
        return ask_for_tab(model);
    }
    let Some(table) = model.row().map(|row| row.table().clone()) else {
        return Vec::new();
    };
    let mut effects = opening::open(model, Screen::Table(TablePage::new(table.clone(), tab)));
    effects.extend(ask(model, &table));
    effects.extend(ask_for_tab(model));
    effects
}

/// Shows the next or the previous tab.
pub fn turn(model: &mut Model, direction: Direction) -> Vec<Effect> {
    let Some(tab) = model.tab() else {
        return Vec::new();
    };
    let tab = tab.turn(direction);
    show(model, tab)
}

/// Requests the newest objects, the versions and the interrupted backfills of a table; what is shown stays until
/// they arrive.
pub fn ask(model: &mut Model, table: &TableName) -> Vec<Effect> {
    let objects = Listing::question(table.clone());
    let mut effects = model.ledger.ask(Subject::Objects, objects);
    effects.extend(ask_the_rest(model, table));
    effects
}

fn ask_the_rest(model: &mut Model, table: &TableName) -> Vec<Effect> {
    let history = Request::History {
        table: table.clone(),
    };
    let mut effects = model.ledger.ask(Subject::History, history);
    effects.extend(interrupted::ask(model, Subject::InterruptedOfPage, table));
    effects
}

/// Requests everything again if another program has written an object meanwhile, that is, if the table's row
/// mentions one that the page in front does not have. Each is looked for once.
pub fn follow(model: &mut Model) -> Vec<Effect> {
    let Some(page) = model.page() else {
        return Vec::new();
    };
    let newest = model.tables.row(&page.table).and_then(Row::newest);
    let Some(newest) = newest.and_then(|known| known.value.sequence_id) else {
        return Vec::new();
    };
    let is_new = page.sought != Some(newest) && !page.objects.lists(newest);
    if !is_new || model.ledger.is_open(Subject::Objects) {
        return Vec::new();
    }
    let table = page.table.clone();
    if let Some(page) = model.page_mut() {
        page.sought = Some(newest);
    }
    ask(model, &table)
}

/// Requests older objects when the last one listed comes into sight. With a filter, this goes on until matching
/// objects fill the screen, but not while the filter is still being typed.
pub fn go_on(model: &mut Model) -> Vec<Effect> {
    let open = [Subject::Objects, Subject::OlderObjects];
    if open.iter().any(|subject| model.ledger.is_open(*subject)) {
        return Vec::new();
    }
    let Some(page) = model.page().filter(|page| page.tab == Tab::Objects) else {
        return Vec::new();
    };
    let height = screens::table::lines(model, page, model.body_height());
    let is_in_sight = page.scroll().offset + height >= page.objects.shown_len();
    if !is_in_sight || model.prompt.is_some() {
        return Vec::new();
    }
    let question = page.objects.question_on(&page.table);
    question.map_or_else(Vec::new, |question| {
        model.ledger.ask(Subject::OlderObjects, question)
    })
}

/// Requests what only some tabs show, when they are first opened.
fn ask_for_tab(model: &mut Model) -> Vec<Effect> {
    let mut effects = ask_next_rows(model);
    effects.extend(examine(model));
    effects
}

fn examine(model: &mut Model) -> Vec<Effect> {
    let Some(page) = model.page_mut() else {
        return Vec::new();
    };
    if page.tab != Tab::Findings || page.doctor.is_some() {
        return Vec::new();
    }
    let table = page.table.clone();
    page.doctor = Some(Doctor::new(Subject::Findings, vec![table], false));
    examining::begin(model, Subject::Findings, None)
}

fn ask_next_rows(model: &mut Model) -> Vec<Effect> {
    let Some(page) = model.page_mut() else {
        return Vec::new();
    };
    if page.tab != Tab::Preview || page.next_rows.is_some() {
        return Vec::new();
    }
    page.next_rows = Some(page.viewer());
    let table = page.table.clone();
    model
        .ledger
        .ask(Subject::NextRows, opening::preview_of(table))
}

/// Fetches everything about the table in front again.
pub fn refresh(model: &mut Model) -> Vec<Effect> {
    let Some(page) = model.page_mut() else {
        return Vec::new();
    };
    let table = page.table.clone();
    let objects = page.objects.question_anew(table.clone());
    let is_looked_at = page.tab == Tab::Preview;
    if is_looked_at {
        if let Some(viewer) = &mut page.next_rows {
            viewer.answer = Answer::Waiting;
        }
    } else {
        page.next_rows = None;
    }
    let is_examined = page.tab == Tab::Findings;
    if !is_examined {
        page.doctor = None;
    }
    model.counted.forget(&table);
    let older = model.ledger.forget(Subject::OlderObjects);
    let mut effects: Vec<Effect> = older.into_iter().collect();
    effects.extend(model.ledger.ask(Subject::Objects, objects));
    effects.extend(ask_the_rest(model, &table));
    if is_examined {
        effects.extend(examining::begin(model, Subject::Findings, None));
    }
    if is_looked_at {
        let request = opening::preview_of(table.clone());
        effects.extend(model.ledger.ask(Subject::NextRows, request));
    }
    effects.extend(super::refresh::look_again(model, &table));
    effects
}

/// After a write to a table, requests its page and its findings again, if they are open.
pub fn written(model: &mut Model, table: &TableName) -> Vec<Effect> {
    let open = model
        .stack
        .iter()
        .any(|screen| matches!(screen, Screen::Table(page) if page.table == *table));
    let mut effects = examining::written(model, table);
    effects.extend(interrupted::written(model, table));
    if open {
        effects.extend(ask(model, table));
    }
    effects
}

/// Opens the object or the version under the cursor.
pub fn open_item(model: &mut Model) -> Vec<Effect> {
    let Some(page) = model.page() else {
        return Vec::new();
    };
    if let Some(object) = page.object() {
        let source = Source::Object(page.table.clone(), object.key.clone());
        return opening::view(model, source);
    }
    let details = page
        .version()
        .map(|version| crate::console::describe::version(page, version));
    details.map_or_else(Vec::new, |details| {
        opening::open(model, Screen::Details(details))
    })
}
