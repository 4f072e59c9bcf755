//! What is written to a file.

use serde_json::Value;

use crate::console::model::Model;
use crate::console::model::menu::ExportKind;
use crate::console::model::row::Row;
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

/// What is written to a file, after the name that the file is given.
#[must_use]
pub fn export(model: &Model, kind: ExportKind) -> (String, String) {
    let at = model.now.to_datetime().format("%Y%m%dT%H%M%SZ");
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let profile: String = model.facts.profile.chars().map(plain).collect();
    let rows = model.tables.visible().map(Row::status);
    let statuses: Vec<Value> = rows
        .filter_map(|status| serde_json::to_value(status).ok())
        .collect();
    let (suffix, text) = match kind {
        ExportKind::Json => {
            let text = serde_json::to_string_pretty(&statuses).unwrap_or_default();
            ("json", text + "\n")
        }
        ExportKind::Csv => ("csv", csv(&statuses)),
        ExportKind::Screen => ("txt", screens::text(model)),
    };
    (format!("highwater-{profile}-{at}.{suffix}"), text)
}

fn csv(statuses: &[Value]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(FIELDS);
    for status in statuses {
        let _ = writer.write_record(FIELDS.map(|field| text(status, field)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn text(status: &Value, field: &str) -> String {
    let value = field.split('.').fold(status, |value, name| {
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
