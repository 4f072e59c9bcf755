//! Menus and the palette.

use super::{moving, opening, perform, repairing};
use crate::console::action::{ActionId, Key};
use crate::console::effect::Effect;
use crate::console::model::column::Column;
use crate::console::model::filter::Filter;
use crate::console::model::menu::{Choice, Menu, MenuItem};
use crate::console::model::palette::{Entry, Palette};
use crate::console::model::scroll::{Direction, Step};
use crate::console::model::sort::SortColumn;
use crate::console::model::{Model, Tone};
use crate::console::{describe, screens};
use crate::figures::{bytes, length};
use crate::text::visible;
use crate::vocabulary::TableName;

/// Size up to which a copy arrives in full: terminals and multiplexers accept little more at a time.
const TAKEN_WHOLE: u64 = 70_000;

/// Opens the menu of sort orders.
pub fn sort(model: &mut Model) -> Vec<Effect> {
    let sort = model.tables.sort;
    let letters = ['n', 's', 't', 'i', 'p', 'h', 'r', 'w', 'u', 'e', 'd'];
    let items = SortColumn::ALL
        .into_iter()
        .zip(letters)
        .map(|(column, letter)| MenuItem {
            letter,
            label: column.label().to_owned(),
            detail: if column == sort.column {
                let direction = if sort.down { "↓" } else { "↑" };
                format!("{direction}, again reverses it")
            } else {
                String::new()
            },
            about: Vec::new(),
            choice: Choice::Sort(column),
        })
        .collect();
    let mut menu = Menu::new("Sort by", ActionId::Sort, items);
    menu.cursor = sort.column as usize;
    model.menu = Some(menu);
    Vec::new()
}

/// Opens the menu of columns.
pub fn columns(model: &mut Model) -> Vec<Effect> {
    let fitting = screens::columns(model);
    let left_out = model.tables.left_out;
    let item = |column: Column| {
        let detail = match (left_out.has(column), fitting.of(column)) {
            (true, _) => "left out",
            (false, 0) => "no room",
            (false, _) if column == Column::Timestamp && fitting.age => "as its age",
            (false, _) => "shown",
        };
        MenuItem {
            letter: column.letter(),
            label: column.label().to_owned(),
            detail: detail.to_owned(),
            about: Vec::new(),
            choice: Choice::Column(column),
        }
    };
    let items = Column::ALL.into_iter().map(item).collect();
    model.menu = Some(Menu::new("Columns", ActionId::ChooseColumns, items));
    Vec::new()
}

/// Opens the menu of what can be copied here.
pub fn copy(model: &mut Model) -> Vec<Effect> {
    let items = describe::choices(model);
    if !items.is_empty() {
        model.menu = Some(Menu::new("Copy", ActionId::Copy, items));
    }
    Vec::new()
}

/// Opens the menu of what can be written to a file.
pub fn export(model: &mut Model) -> Vec<Effect> {
    let items = describe::files(model);
    model.menu = Some(Menu::new("Write to a file", ActionId::Export, items));
    Vec::new()
}

/// Opens the palette.
pub fn palette(model: &mut Model) -> Vec<Effect> {
    model.notice = None;
    model.palette = Some(Palette::new(model));
    Vec::new()
}

/// Handles a change of the palette's input.
pub fn search(model: &mut Model) {
    if let Some(mut palette) = model.palette.take() {
        palette.search(model);
        model.palette = Some(palette);
    }
}

/// Moves the cursor of the menu or the palette, wrapping around, or that of the list being filtered; or
/// scrolls the question in front.
pub fn step(model: &mut Model, direction: Direction) -> Vec<Effect> {
    if let Some(palette) = &mut model.palette {
        palette.step(direction);
    } else if let Some(menu) = &mut model.menu {
        menu.cursor = direction.turn(menu.cursor, menu.items.len());
    } else {
        let step = match direction {
            Direction::Forward => Step::Down(1),
            Direction::Backward => Step::Up(1),
        };
        if model.question.is_some() {
            scroll(model, step);
        } else {
            moving::step(model, step);
        }
    }
    Vec::new()
}

/// Scrolls a question: its own lines, or the plan above it.
pub fn scroll(model: &mut Model, step: Step) {
    let Some(question) = &model.question else {
        return;
    };
    if question.is_docked {
        return moving::step(model, step);
    }
    let most = screens::question::hidden(question, model.width(), model.body_height());
    if let Some(question) = &mut model.question {
        question.offset = step.from(question.offset, most + 1);
    }
}

/// Handles a letter typed in a menu: it selects its item. The letter of the key that opened the menu selects
/// the item under the cursor.
pub fn letter(model: &mut Model, letter: char) -> Vec<Effect> {
    let Some(menu) = &mut model.menu else {
        return Vec::new();
    };
    if let Some(place) = menu.items.iter().position(|item| item.letter == letter) {
        menu.cursor = place;
        return pick(model);
    }
    let opener = menu.opener;
    if model.keymap.keys(opener).contains(&Key::char(letter)) {
        return pick(model);
    }
    Vec::new()
}

/// Selects the item under the cursor of the menu.
pub fn pick(model: &mut Model) -> Vec<Effect> {
    let item = model
        .menu
        .take()
        .and_then(|menu| menu.items.into_iter().nth(menu.cursor));
    let Some(item) = item else {
        return Vec::new();
    };
    match item.choice {
        Choice::Sort(column) => {
            model.tables.sort = model.tables.sort.choose(column);
            vec![Effect::Remember(model.preferences())]
        }
        Choice::Column(column) => {
            model.tables.left_out = model.tables.left_out.toggle(column);
            // The menu stays open, so that the user can see the effect and choose further columns.
            columns(model);
            if let Some(menu) = &mut model.menu {
                menu.cursor = column as usize;
            }
            vec![Effect::Remember(model.preferences())]
        }
        Choice::Copy(text) => {
            let size = length(text.len());
            if size > TAKEN_WHOLE {
                let key = model.key(ActionId::Export);
                let text = format!(
                    "copied: {}, {}; some terminals take less, {key} writes a file",
                    item.label,
                    bytes(size)
                );
                model.say(Tone::Warning, text);
            } else {
                model.say(Tone::Text, format!("copied: {}", item.label));
            }
            vec![Effect::Copy(text)]
        }
        Choice::Export(kind) => {
            let (name, text) = describe::export(model, kind, screens::text);
            vec![Effect::Save { name, text }]
        }
        Choice::Repair(repair) => repairing::chosen(model, *repair),
    }
}

/// Runs the entry under the cursor of the palette.
pub fn run(model: &mut Model) -> Vec<Effect> {
    let Some(palette) = model.palette.take() else {
        return Vec::new();
    };
    match palette.found.into_iter().nth(palette.cursor) {
        Some(Entry::Action(action)) => perform::try_action(model, action),
        Some(Entry::Elsewhere(action)) => super::refuse(model, action.label, &action.belongs()),
        Some(Entry::Table(table)) => go_to(model, table),
        None => Vec::new(),
    }
}

/// Puts the cursor on a table, closing or clearing everything that hides it.
fn go_to(model: &mut Model, table: TableName) -> Vec<Effect> {
    let mut effects = Vec::new();
    while !model.stack.is_empty() {
        effects.extend(opening::back(model));
    }
    let now = model.now;
    let tables = &mut model.tables;
    let hidden = tables
        .row(&table)
        .is_some_and(|row| !tables.filter.matches(row, now));
    if hidden {
        tables.filter = Filter::default();
    }
    tables.cursor = Some(table);
    effects
}

/// Says whether a file was written.
pub fn saved(model: &mut Model, saved: Result<std::path::PathBuf, String>) {
    match saved {
        Ok(path) => model.say(
            Tone::Ok,
            format!("written: {}", visible(&path.display().to_string())),
        ),
        Err(why) => model.say(Tone::Error, format!("not written: {}", visible(&why))),
    }
}
