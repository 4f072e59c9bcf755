//! What can be written to a file.

use serde::Serialize;
use serde_json::Value;

use super::lines::how_many;
use crate::console::model::jobs::{JobRecord, JobState};
use crate::console::model::menu::{Choice, ExportKind, MenuItem};
use crate::console::model::page::Tab;
use crate::console::model::row::Row;
use crate::console::model::{Model, Screen};
use crate::figures::{count, length, thousands};
use crate::vocabulary::TableName;

/// Fields of a CSV line, as in `highwater status --output csv`.
const FIELDS: [&str; 13] = [
    "table",
    "mode",
    "timestamp",
    "sequence_id",
    "pending_rows",
    "pending_exact",
    "held_rows",
    "unreachable_rows",
    "last_object.key",
    "last_object.rows",
    "last_object.to",
    "state",
    "findings",
];

/// The list in front: a noun for its records, and the records in the shape of the headless command's JSON.
struct List {
    noun: &'static str,
    records: Vec<Value>,
    /// How many records there are besides these; `None` if they have not been counted.
    missing: Option<usize>,
    /// The fields of a CSV line.
    fields: Vec<String>,
}

impl List {
    fn of<T: Serialize>(noun: &'static str, records: impl IntoIterator<Item = T>) -> Self {
        let records: Vec<Value> = records
            .into_iter()
            .filter_map(|record| serde_json::to_value(record).ok())
            .collect();
        let first = records.first().and_then(Value::as_object);
        Self {
            noun,
            missing: Some(0),
            fields: first.map_or_else(Vec::new, |first| first.keys().cloned().collect()),
            records,
        }
    }

    /// `34 objects`, or `the newest 200 of 3,412 objects` if there are more than these.
    fn size(&self) -> String {
        let here = self.records.len();
        match self.missing {
            Some(0) => count(length(here), self.noun),
            None => format!("the newest {}", count(length(here), self.noun)),
            Some(missing) => {
                let all = count(length(here + missing), self.noun);
                format!("the newest {} of {all}", thousands(length(here)))
            }
        }
    }

    /// The tables, findings, jobs, changes, objects or versions in front, as filtered. On another tab of a
    /// table's page, the table; `None` if no list is in front.
    fn in_front(model: &Model) -> Option<Self> {
        if let Some(doctor) = model.doctor() {
            let found = doctor.shown().map(|case| &case.diagnosis);
            return Some(Self::of("finding", found));
        }
        Some(match model.stack.last() {
            None => Self::of_tables(model.tables.visible()),
            Some(Screen::Jobs(queue)) => Self::of("job", queue.shown(&model.jobs).map(Job::of)),
            Some(Screen::Journal(journal)) => Self::of("change", journal.shown()),
            Some(Screen::Table(page)) if page.tab == Tab::Objects => Self {
                // It is not known how many of the missing objects the filter would let through.
                missing: page
                    .objects
                    .older()
                    .filter(|older| *older == 0 || page.objects.filter().is_empty()),
                ..Self::of("object", page.objects.shown())
            },
            Some(Screen::Table(page)) if page.tab == Tab::History => {
                Self::of("version", page.shown_versions())
            }
            Some(Screen::Table(page)) if page.tab != Tab::Preview => {
                Self::of_tables(model.tables.row(&page.table))
            }
            Some(_) => return None,
        })
    }

    fn of_tables<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        Self {
            fields: FIELDS.map(str::to_owned).to_vec(),
            ..Self::of("table", rows.into_iter().map(Row::status))
        }
    }
}

/// A job as exported. No command lists jobs: these are the jobs of this session.
#[derive(Serialize)]
struct Job<'a> {
    table: &'a TableName,
    #[serde(rename = "job")]
    verb: &'static str,
    state: &'static str,
    asked: String,
    started: Option<String>,
    ended: Option<String>,
    objects: Option<usize>,
    rows: Option<u64>,
    bytes: Option<u64>,
    /// What the job has done, or why it has failed.
    said: Option<String>,
}

impl<'a> Job<'a> {
    fn of(job: &'a JobRecord) -> Self {
        let said = match &job.state {
            JobState::Done(what) => Some(what.clone()),
            JobState::Failed { chain, .. } => Some(chain.join(": ")),
            JobState::Waiting | JobState::Running | JobState::Cancelled => None,
        };
        Self {
            table: &job.table,
            verb: job.verb(),
            state: job.state.as_str(),
            asked: job.asked.to_string(),
            started: job.started.map(|at| at.to_string()),
            ended: job.ended.map(|at| at.to_string()),
            objects: job.kept.map(|kept| kept.objects),
            rows: job.kept.map(|kept| kept.rows),
            bytes: job.kept.map(|kept| kept.bytes),
            said,
        }
    }
}

/// What can be written to a file here.
#[must_use]
pub fn files(model: &Model) -> Vec<MenuItem> {
    let mut items = Vec::new();
    let lines = model.viewer().and_then(|viewer| viewer.answer.ready());
    if let Some(page) = lines {
        let shown = how_many(page);
        items.push(item('j', "as JSON Lines", ExportKind::Lines, &shown));
    }
    if let Some(list) = List::in_front(model) {
        let shown = list.size();
        items.push(item('j', "as JSON", ExportKind::Json, &shown));
        items.push(item('c', "as CSV", ExportKind::Csv, &shown));
    }
    items.push(item('s', "screen as text", ExportKind::Screen, ""));
    items
}

fn item(letter: char, label: &str, kind: ExportKind, detail: &str) -> MenuItem {
    MenuItem {
        letter,
        label: label.to_owned(),
        detail: detail.to_owned(),
        about: Vec::new(),
        choice: Choice::Export(kind),
    }
}

/// The name of a file, and what is written to it. `screen` renders the screen as text.
#[must_use]
pub fn export(
    model: &Model,
    kind: ExportKind,
    screen: impl FnOnce(&Model) -> String,
) -> (String, String) {
    let at = model.now.to_datetime().format("%Y%m%dT%H%M%SZ");
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let profile: String = model.facts.profile.chars().map(plain).collect();
    let (suffix, text) = match kind {
        ExportKind::Json => {
            let records = List::in_front(model).map(|list| list.records);
            let text = serde_json::to_string_pretty(&records.unwrap_or_default());
            ("json", text.unwrap_or_default() + "\n")
        }
        ExportKind::Csv => {
            let list = List::in_front(model);
            ("csv", list.as_ref().map_or_else(String::new, csv))
        }
        // Verbatim: a number that was parsed and written again might not be the same.
        ExportKind::Lines => ("jsonl", lines(model)),
        ExportKind::Screen => ("txt", screen(model)),
    };
    (format!("highwater-{profile}-{at}.{suffix}"), text)
}

fn lines(model: &Model) -> String {
    let page = model.viewer().and_then(|viewer| viewer.answer.ready());
    let lines = page.into_iter().flat_map(|page| &page.lines);
    lines.flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn csv(list: &List) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(&list.fields);
    for record in &list.records {
        let _ = writer.write_record(list.fields.iter().map(|field| text(record, field)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn text(record: &Value, field: &str) -> String {
    let value = field.split('.').fold(record, |value, name| {
        value.get(name).unwrap_or(&Value::Null)
    });
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(" ")
        }
        other => other.to_string(),
    }
}
