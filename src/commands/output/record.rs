//! How a kind of record is described to the output.
//!
//! A record serializes into the shape of its command's JSON. Tables and CSV are views of that same
//! shape, described once for each kind by its [`Column`]s, each of which is a path into it.

use serde::Serialize;
use serde_json::Value;

use super::paint::Tone;
use crate::figures;

/// An item of the list that a command prints.
pub trait Record: Serialize {
    /// All fields in the order of the JSON shape. CSV has all of them, a table only those with a title.
    const COLUMNS: &'static [Column];
}

/// One field of a record.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Field names from the outside in: `last_object.key`. A path through an array means the field
    /// of each element.
    pub path: &'static str,
    /// Heading in a table; `None` keeps it out.
    pub title: Option<&'static str>,
    pub form: Form,
    /// What happens to it on a narrow terminal.
    pub room: Room,
    /// Colour of a cell by its text.
    pub tone: fn(&str) -> Tone,
}

/// What happens to a field that does not fit on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// It stays beside the others.
    Fixed,
    /// It wraps, or moves beneath its row.
    Flexible,
    /// It is left out of the table, but not of the other formats.
    Spare,
}

/// How a table shows a field.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// As it is, left-aligned.
    Text,
    /// A number, right-aligned, with thousands separated.
    Count,
    /// A size with a unit, right-aligned.
    Bytes,
    /// Made from the whole record, right-aligned.
    Made(fn(&Value) -> String),
    /// Made from the whole record, left-aligned.
    Worded(fn(&Value) -> String),
}

/// Stands for a missing value.
pub const NOTHING: &str = "–";

impl Column {
    /// A field shown as it is.
    #[must_use]
    pub const fn text(path: &'static str, title: &'static str) -> Self {
        Self::new(path, Some(title), Form::Text)
    }

    /// A field shown as a number.
    #[must_use]
    pub const fn count(path: &'static str, title: &'static str) -> Self {
        Self::new(path, Some(title), Form::Count)
    }

    /// A field shown as a size.
    #[must_use]
    pub const fn bytes(path: &'static str, title: &'static str) -> Self {
        Self::new(path, Some(title), Form::Bytes)
    }

    /// A field whose cell is made from the whole record.
    #[must_use]
    pub const fn made(path: &'static str, title: &'static str, make: fn(&Value) -> String) -> Self {
        Self::new(path, Some(title), Form::Made(make))
    }

    /// A field whose cell is text made from the whole record.
    #[must_use]
    pub const fn worded(
        path: &'static str,
        title: &'static str,
        make: fn(&Value) -> String,
    ) -> Self {
        Self::new(path, Some(title), Form::Worded(make))
    }

    /// A field that is not in the table.
    #[must_use]
    pub const fn hidden(path: &'static str) -> Self {
        Self::new(path, None, Form::Text)
    }

    /// This field, as [`Room::Flexible`].
    #[must_use]
    pub const fn flexible(mut self) -> Self {
        self.room = Room::Flexible;
        self
    }

    /// This field, as [`Room::Spare`].
    #[must_use]
    pub const fn spare(mut self) -> Self {
        self.room = Room::Spare;
        self
    }

    /// This field, coloured by its text.
    #[must_use]
    pub const fn toned(mut self, tone: fn(&str) -> Tone) -> Self {
        self.tone = tone;
        self
    }

    const fn new(path: &'static str, title: Option<&'static str>, form: Form) -> Self {
        Self {
            path,
            title,
            form,
            room: Room::Fixed,
            tone: plain,
        }
    }

    /// The cell of this column in a table.
    pub(super) fn cell(&self, record: &Value) -> String {
        let shown = match self.form {
            Form::Made(make) | Form::Worded(make) => make(record),
            Form::Text => joined(record, self.path, ", "),
            Form::Count => number(record, self.path).map_or_else(String::new, figures::thousands),
            Form::Bytes => number(record, self.path).map_or_else(String::new, figures::bytes),
        };
        if shown.is_empty() {
            NOTHING.to_owned()
        } else {
            shown
        }
    }

    /// Whether cells are right-aligned; a column that may wrap or be left out is left-aligned.
    pub(super) const fn is_right(&self) -> bool {
        matches!(self.room, Room::Fixed) && !matches!(self.form, Form::Text | Form::Worded(_))
    }
}

const fn plain(_: &str) -> Tone {
    Tone::Plain
}

/// All values that `path` leads to; through an array, those of each element.
#[must_use]
pub fn values<'a>(record: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![record];
    for name in path.split('.') {
        found = found
            .into_iter()
            .flat_map(elements)
            .filter_map(|value| value.get(name))
            .collect();
    }
    found.into_iter().flat_map(elements).collect()
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        _ => std::slice::from_ref(value),
    }
}

/// The values at `path` as text; empty if there are none.
#[must_use]
pub fn joined(record: &Value, path: &str, separator: &str) -> String {
    let texts: Vec<String> = values(record, path).into_iter().map(text).collect();
    texts.join(separator)
}

/// The number at `path`, if there is one.
#[must_use]
pub fn number(record: &Value, path: &str) -> Option<u64> {
    values(record, path).first()?.as_u64()
}

/// The sum of all numbers at `path`.
#[must_use]
pub fn sum(record: &Value, path: &str) -> u64 {
    let numbers = values(record, path).into_iter().filter_map(Value::as_u64);
    numbers.fold(0, u64::saturating_add)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_goes_through_objects_and_arrays() {
        let record =
            json!({"last": {"rows": 3}, "objects": [{"rows": 1}, {"rows": 2}], "none": null});
        assert_eq!(joined(&record, "last.rows", ";"), "3");
        assert_eq!(joined(&record, "objects.rows", ";"), "1;2");
        assert_eq!(joined(&record, "none.rows", ";"), "");
        assert_eq!(sum(&record, "objects.rows"), 3);
        assert_eq!(number(&record, "last.rows"), Some(3));
        assert_eq!(number(&record, "none"), None);
    }
}
