//! What can be copied.

use super::lines::how_many;
use super::{command, job};
use crate::console::model::doctor::Doctor;
use crate::console::model::menu::{Choice, MenuItem};
use crate::console::model::page::TablePage;
use crate::console::model::row::Row;
use crate::console::model::{Model, Screen, reason};
use crate::figures::timestamp;
use crate::text::visible;

/// The letters that copy the writes of a finding's repairs, one after the other.
const REPAIRS: [char; 4] = ['w', 'v', 'u', 'x'];

/// What can be copied here, most useful first.
#[must_use]
pub fn choices(model: &Model) -> Vec<MenuItem> {
    let mut items = match model.stack.last() {
        _ if model.doctor().is_some() => of_case(model),
        None => model.row().map_or_else(Vec::new, of_row),
        Some(Screen::Table(page)) => of_page(model, page),
        Some(Screen::Viewer(_)) => of_line(model),
        Some(Screen::Journal(journal)) => {
            let entry = journal.current();
            let text = entry.and_then(|entry| serde_json::to_string(entry).ok());
            text.map(|text| item('j', "entry as JSON", text))
                .into_iter()
                .collect()
        }
        Some(Screen::Jobs(_)) => reason::current_job(model)
            .map(|of| item('j', "job", job(model, of).copy))
            .into_iter()
            .collect(),
        Some(Screen::Details(details)) => vec![item('p', "page", details.copy.clone())],
        Some(Screen::Plan(plan)) => {
            let lines: Vec<String> = plan.lines().into_iter().map(|said| said.text).collect();
            vec![item('p', "plan", lines.join("\n"))]
        }
        Some(Screen::BackfillPlan(plans)) => {
            let lines: Vec<String> = plans.lines().into_iter().map(|said| said.text).collect();
            vec![item('p', "plan", lines.join("\n"))]
        }
        Some(Screen::Edit(_) | Screen::Backfill(_) | Screen::Help(_) | Screen::Doctor(_)) => {
            Vec::new()
        }
    };
    if let Some(error) = error(model) {
        items.push(item('e', "error", error));
    }
    if let Some(command) = command(model) {
        items.push(item('c', "command", command));
    }
    items
}

fn item(letter: char, label: &str, text: String) -> MenuItem {
    MenuItem {
        letter,
        label: label.to_owned(),
        detail: visible(&text),
        about: Vec::new(),
        choice: Choice::Copy(text),
    }
}

fn of_row(row: &Row) -> Vec<MenuItem> {
    let mut items = Vec::new();
    if let Ok(text) = serde_json::to_string(row.status()) {
        items.push(item('j', "row as JSON", text));
    }
    items.push(item('n', "name", row.table().to_string()));
    if let Some(at) = row.timestamp() {
        items.push(item('t', "timestamp", at.to_string()));
    }
    if let Some(id) = row.status().sequence_id() {
        items.push(item('s', "sequence id", id.to_string()));
    }
    if let Some(counts) = row.counts() {
        items.push(item('r', "pending rows", counts.value.pending.to_string()));
    }
    if let Some(last) = row.last_object() {
        items.push(item('k', "key", last.key.to_string()));
    }
    items
}

fn of_case(model: &Model) -> Vec<MenuItem> {
    let Some(case) = model.doctor().and_then(Doctor::current) else {
        return Vec::new();
    };
    let diagnosis = &case.diagnosis;
    let mut items = Vec::new();
    if let Some(statement) = case.statement() {
        items.push(item('s', "statement", statement.to_owned()));
    }
    for (repair, letter) in diagnosis.repairs.iter().zip(REPAIRS) {
        let writes: Vec<String> = repair
            .writes()
            .iter()
            .map(|write| format!("{}: {}", write.what, write.change()))
            .collect();
        let label = format!("writes of {}", repair.id);
        items.push(item(letter, &label, writes.join("\n")));
    }
    if let Ok(text) = serde_json::to_string(diagnosis) {
        items.push(item('j', "finding as JSON", text));
    }
    if let Ok(text) = serde_json::to_string(&diagnosis.evidence) {
        items.push(item('d', "evidence", text));
    }
    items.push(item('m', "message", diagnosis.finding.message.clone()));
    if let Some(table) = case.table() {
        items.push(item('n', "name", table.to_string()));
    }
    items
}

fn of_page(model: &Model, page: &TablePage) -> Vec<MenuItem> {
    let mut items = Vec::new();
    if let Some(object) = page.object() {
        items.push(item('k', "key", object.key.to_string()));
        if let Ok(text) = serde_json::to_string(object) {
            items.push(item('j', "object as JSON", text));
        }
    } else if let Some(version) = page.version() {
        items.push(item('v', "value", version.value.clone()));
        if let Ok(text) = serde_json::to_string(version) {
            items.push(item('j', "version as JSON", text));
        }
        items.push(item('w', "written at", timestamp(version.written_at)));
    } else if page.next_rows.is_some() && model.viewer().is_some() {
        items = of_line(model);
    } else {
        if let Some(lines) = super::whole_tab(model, page) {
            let lines: Vec<String> = lines.into_iter().map(|said| said.text).collect();
            items.push(item('p', "page", lines.join("\n")));
        }
        items.extend(model.row().map_or_else(Vec::new, of_row));
    }
    items
}

fn of_line(model: &Model) -> Vec<MenuItem> {
    let Some(viewer) = model.viewer() else {
        return Vec::new();
    };
    let Some(page) = viewer.answer.ready() else {
        return Vec::new();
    };
    let mut items = Vec::new();
    if let Some(line) = viewer.line().and_then(|line| page.lines.get(line)) {
        items.push(item('l', "line", line.clone()));
    }
    if let Some(key) = page.key.as_ref() {
        items.push(item('k', "key", key.clone()));
    }
    items.push(item('a', &how_many(page), page.lines.join("\n")));
    items
}

fn error(model: &Model) -> Option<String> {
    let wrong = reason::some_trouble(model).is_ok();
    let about = matches!(model.stack.last(), None | Some(Screen::Table(_)));
    let details = super::trouble(model).filter(|_| wrong && about)?;
    Some(details.copy)
}
