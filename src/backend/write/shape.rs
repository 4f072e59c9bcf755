//! The shape of an object's rows, as far as its metadata records it.

use crate::backend::Backend;
use crate::backend::jsonl::{Column, Encoding};
use crate::vocabulary::TableName;

/// The columns of the rows, and how their timestamps were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub schema: String,
    /// The name of the time zone, if none of the timestamp columns has one of its own.
    pub timezone: Option<&'static str>,
    /// A hash of what tells the rows apart; see [`Backend::row_time_of`].
    pub row_time: String,
}

impl Backend {
    /// The shape of rows of `table` with these `columns`.
    pub(super) fn shape(&self, table: &TableName, columns: &[Column]) -> Shape {
        let naive = |name: &String| {
            let mut columns = columns.iter();
            columns.any(|column| column.name == *name && is_naive(column))
        };
        let profile = self.profile();
        let all_naive = profile.timestamp_columns(table).iter().all(naive);
        Shape {
            schema: schema_hash(columns),
            timezone: all_naive.then_some(profile.source.timezone.name()),
            row_time: self.row_time_of(table, columns),
        }
    }

    /// A short hash of what tells the rows of `table`, which has these `columns`, apart: which columns are its
    /// timestamp, their types, and the zone in which those without one are read. If two batches have the same
    /// hash, the same bounds select the same rows.
    pub(in crate::backend) fn row_time_of(&self, table: &TableName, columns: &[Column]) -> String {
        let profile = self.profile();
        let timezone = profile.source.timezone.name();
        let named = profile.timestamp_columns(table).iter();
        let parts = named.flat_map(|name| {
            let column = columns.iter().find(|column| column.name == *name);
            let type_name = column.map_or("", |column| column.type_name.as_str());
            let zone = column.filter(|column| is_naive(column)).map(|_| timezone);
            [name.as_str(), type_name, zone.unwrap_or_default()]
        });
        hash(parts)
    }
}

fn is_naive(column: &Column) -> bool {
    column.encoding == Encoding::Timestamp
}

/// A short hash of column names and types, which changes when the shape of the rows does.
fn schema_hash(columns: &[Column]) -> String {
    let columns = columns.iter();
    hash(columns.flat_map(|column| [column.name.as_str(), column.type_name.as_str()]))
}

/// 64-bit FNV-1a over `parts`, each followed by a zero byte, in hexadecimal.
fn hash<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.flat_map(|part| part.bytes().chain([0])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}
