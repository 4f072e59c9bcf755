//! Writing rows into a body, as a stream of bytes.

use super::super::error::DecodeError;
use super::super::line::LineEncoder;
use crate::config::BodyFormat;

/// Assembles the lines of a batch into the body of an object.
///
/// The caller bounds the memory: when [`Self::ready`] is enough for a part, it
/// [takes](Self::take) the bytes, and writing continues.
#[derive(Debug)]
pub struct BodyWriter {
    format: BodyFormat,
    rows: u64,
    /// What has been written but not yet taken.
    body: Vec<u8>,
}

impl BodyWriter {
    /// A writer of an empty body.
    #[must_use]
    pub const fn new(format: BodyFormat) -> Self {
        Self {
            format,
            rows: 0,
            body: Vec::new(),
        }
    }

    /// Encodes one tuple and appends its line. If the tuple is invalid, nothing is appended.
    ///
    /// # Errors
    /// The tuple cannot be decoded.
    pub fn write_row(&mut self, encoder: &LineEncoder, tuple: &[u8]) -> Result<(), DecodeError> {
        let start = self.body.len();
        if self.format == BodyFormat::JsonArray {
            let opening: &[u8] = if self.rows == 0 { b"[" } else { b",\n" };
            self.body.extend_from_slice(opening);
        }
        if let Err(error) = encoder.encode_row(tuple, &mut self.body) {
            self.body.truncate(start);
            return Err(error);
        }
        if self.format == BodyFormat::Jsonl {
            self.body.push(b'\n');
        }
        self.rows += 1;
        Ok(())
    }

    /// How many rows have been written.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// How many bytes of the body are ready to be taken.
    #[must_use]
    pub const fn ready(&self) -> usize {
        self.body.len()
    }

    /// Takes the bytes that are ready. `spare` takes their place, and is cleared first: handing
    /// back a used buffer saves an allocation.
    pub fn take(&mut self, mut spare: Vec<u8>) -> Vec<u8> {
        spare.clear();
        std::mem::replace(&mut self.body, spare)
    }

    /// Ends the body, and returns the bytes that have not been taken. Nothing can follow.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        if self.format == BodyFormat::JsonArray {
            let end: &[u8] = if self.rows == 0 { b"[]" } else { b"]" };
            self.body.extend_from_slice(end);
        }
        std::mem::take(&mut self.body)
    }
}

#[cfg(test)]
mod tests {
    use tokio_postgres::types::Type;

    use super::super::super::{CatalogType, Column};
    use super::*;

    /// A body of rows with one integer each, taken whenever `part` bytes are ready.
    fn body(format: BodyFormat, rows: i32, part: usize) -> String {
        let integer = CatalogType::built_in(Type::INT4.oid());
        let encoder = LineEncoder::new(vec![Column::new("a", "int4", &integer)]);
        let mut writer = BodyWriter::new(format);
        let mut body = Vec::new();
        for row in 1..=rows {
            let mut tuple = vec![0, 1, 0, 0, 0, 4];
            tuple.extend(row.to_be_bytes());
            writer.write_row(&encoder, &tuple).expect("one integer");
            if writer.ready() >= part {
                body.extend(writer.take(Vec::new()));
            }
        }
        assert_eq!(writer.rows(), u64::from(rows.unsigned_abs()));
        body.extend(writer.finish());
        String::from_utf8(body).expect("text")
    }

    #[test]
    fn lines_end_with_a_line_break_and_elements_of_an_array_are_separated_by_one() {
        for part in [1, usize::MAX] {
            let lines = body(BodyFormat::Jsonl, 2, part);
            assert_eq!(lines, "{\"a\":1}\n{\"a\":2}\n");
            let array = body(BodyFormat::JsonArray, 2, part);
            assert_eq!(array, "[{\"a\":1},\n{\"a\":2}]");
        }
        assert_eq!(body(BodyFormat::Jsonl, 0, 1), "");
        assert_eq!(body(BodyFormat::JsonArray, 0, 1), "[]");
    }

    #[test]
    fn a_tuple_that_is_wrong_leaves_nothing_behind() {
        for format in [BodyFormat::Jsonl, BodyFormat::JsonArray] {
            let mut writer = BodyWriter::new(format);
            let encoder = LineEncoder::new(Vec::new());
            assert!(writer.write_row(&encoder, &[0, 1]).is_err());
            assert_eq!((writer.rows(), writer.ready()), (0, 0));
        }
    }
}
