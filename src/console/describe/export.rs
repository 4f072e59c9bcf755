//! What is written to a file.

use serde::Serialize;
use serde_json::Value;

use crate::console::model::menu::ExportKind;
use crate::console::model::page::Tab;
use crate::console::model::row::Row;
use crate::console::model::{Model, Screen};
use crate::console::screens;

/// Fields of a line of CSV: those of `highwater status --output csv`.
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

/// The list in front: what its records are called, each in the shape of the headless command's JSON.
struct List {
    noun: &'static str,
    records: Vec<Value>,
    /// The fields of a line of CSV.
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
            fields: first.map_or_else(Vec::new, |first| first.keys().cloned().collect()),
            records,
        }
    }

    /// The findings and the journal as they are filtered, the objects or versions of a table; on any other
    /// screen the tables as they are filtered.
    fn in_front(model: &Model) -> Self {
        if let Some(doctor) = model.doctor() {
            return Self::of("finding", doctor.shown().map(|case| &case.diagnosis));
        }
        match model.stack.last() {
            Some(Screen::Journal(journal)) => Self::of("change", journal.shown()),
            Some(Screen::Table(page)) if page.tab == Tab::Objects => {
                Self::of("object", page.objects.ready().into_iter().flatten())
            }
            Some(Screen::Table(page)) if page.tab == Tab::History => {
                Self::of("version", page.history.ready().into_iter().flatten())
            }
            _ => Self {
                fields: FIELDS.map(str::to_owned).to_vec(),
                ..Self::of("table", model.tables.visible().map(Row::status))
            },
        }
    }
}

/// What the records are called that can be written from here, and how many there are.
#[must_use]
pub fn records(model: &Model) -> (&'static str, usize) {
    let list = List::in_front(model);
    (list.noun, list.records.len())
}

/// What is written to a file, after the name that the file is given.
#[must_use]
pub fn export(model: &Model, kind: ExportKind) -> (String, String) {
    let at = model.now.to_datetime().format("%Y%m%dT%H%M%SZ");
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let profile: String = model.facts.profile.chars().map(plain).collect();
    let list = List::in_front(model);
    let (suffix, text) = match kind {
        ExportKind::Json => {
            let text = serde_json::to_string_pretty(&list.records).unwrap_or_default();
            ("json", text + "\n")
        }
        ExportKind::Csv => ("csv", csv(&list)),
        ExportKind::Screen => ("txt", screens::text(model)),
    };
    (format!("highwater-{profile}-{at}.{suffix}"), text)
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
