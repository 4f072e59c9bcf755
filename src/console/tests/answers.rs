//! Answers of the backend about the tables of a console under test.

use super::support::{at, table};
use crate::backend::Error;
use crate::backend::error::Service;
use crate::backend::finding::Finding;
use crate::backend::source::{Horizon, RowCounts, SourceTable};
use crate::backend::standing::{LastObject, Newest, Verdict};
use crate::backend::status::PartValue;
use crate::backend::stored::{Recorded, Stored};
use crate::backend::table_objects::listing::{FirstRows, ListedObject, ObjectPage};
use crate::jobs::Output;
use crate::vocabulary::{ObjectKey, ParameterName, SequenceId, Version};

pub fn source_table(name: &str) -> SourceTable {
    SourceTable {
        name: table(name),
        bytes: 8_192,
        estimated_rows: Some(100),
        has_infinite_intervals: true,
        columns: Vec::new(),
        findings: Vec::new(),
    }
}

pub fn stored(name: &str, timestamp: Option<&str>, sequence_id: Option<u64>) -> PartValue {
    PartValue::Stored(Ok(stored_values(name, timestamp, sequence_id)))
}

pub fn stored_values(name: &str, timestamp: Option<&str>, sequence_id: Option<u64>) -> Stored {
    Stored {
        timestamp_name: ParameterName::new(format!("/highwater/{name}/timestamp")),
        timestamp: timestamp.map(|text| Recorded {
            value: at(text),
            version: Version(214),
            text: at(text).to_string(),
        }),
        sequence_name: ParameterName::new(format!("/highwater/{name}/sequence_id")),
        sequence_id: sequence_id.map(|number| Recorded {
            value: SequenceId(number),
            version: Version(213),
            text: number.to_string(),
        }),
    }
}

/// The newest object, from its number, rows and time of day.
pub fn newest(last: Option<(u64, u64, &str)>, finding: Option<Finding>) -> PartValue {
    PartValue::Newest(Ok(Newest {
        sequence_id: last.map(|(number, ..)| SequenceId(number)),
        last: last.map(|(number, rows, time)| LastObject {
            key: ObjectKey::new(format!("t/t_{number:08}.jsonl")),
            rows: Some(rows),
            watermark: None,
            to: None,
            bytes: rows * 200,
            modified: at(&format!("2026-05-16T{time}Z")),
        }),
        watermark: None,
        verdict: finding.map_or(Verdict::Sound, Verdict::Stopped),
        notes: Vec::new(),
    }))
}

pub fn horizon() -> Horizon {
    Horizon {
        at: Some(at("2026-05-16T14:02:26Z")),
        clock: at("2026-05-16T14:02:31Z"),
        holder: None,
        findings: Vec::new(),
    }
}

pub fn rows(pending: u64, held: u64) -> PartValue {
    PartValue::Rows(Ok(counts(pending, held, true)))
}

pub fn counts(pending: u64, held: u64, exact: bool) -> RowCounts {
    RowCounts {
        pending,
        exact,
        held: exact.then_some(held),
        unreachable: exact.then_some(0),
        horizon: horizon(),
        findings: Vec::new(),
    }
}

/// Objects of a table, newest first, and how many there are before them.
pub fn objects_page(objects: Vec<ListedObject>, older: usize) -> Output {
    let last = objects.last();
    let until = last.map(ListedObject::place);
    Output::Objects(ObjectPage {
        objects,
        older: Some(older),
        until,
    })
}

/// The first lines of an object, and whether there are more.
pub const fn object_lines(lines: Vec<String>, is_cut: bool) -> Output {
    Output::ObjectLines(FirstRows { lines, is_cut })
}

pub fn unavailable() -> Error {
    Error::Unavailable {
        service: Service::Source,
        place: "db.example.com:5432".to_owned(),
        doing: "counting payment".to_owned(),
        cause: "connection refused".into(),
    }
}

/// The error for a journal that cannot be used.
pub fn journal_gone() -> Error {
    Error::Journal {
        path: "journal.db".into(),
        cause: "it is gone".into(),
    }
}
