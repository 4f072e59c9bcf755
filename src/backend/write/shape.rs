//! What the rows of an object look like, as far as the object says it.

use crate::backend::Backend;
use crate::backend::jsonl::{Column, Encoding};
use crate::vocabulary::TableName;

/// The form of the rows, and how their timestamps were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub schema: String,
    /// The name of the zone, where all timestamps that tell the rows apart are without one.
    pub timezone: Option<&'static str>,
}

impl Backend {
    /// The shape of rows of `table` with these `columns`.
    pub(super) fn shape(&self, table: &TableName, columns: &[Column]) -> Shape {
        let naive = |name: &String| {
            let mut columns = columns.iter();
            columns.any(|column| column.name == *name && column.encoding == Encoding::Timestamp)
        };
        let profile = self.profile();
        let all_naive = profile.timestamp_columns(table).iter().all(naive);
        Shape {
            schema: schema_hash(columns),
            timezone: all_naive.then_some(profile.source.timezone.name()),
        }
    }
}

/// A short hash of column names and types (64-bit FNV-1a in hexadecimal): it changes when the shape
/// of the rows does.
fn schema_hash(columns: &[Column]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in columns
        .iter()
        .flat_map(|column| format!("{}\0{}\0", column.name, column.type_name).into_bytes())
    {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}
