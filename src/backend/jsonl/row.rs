//! Access to the fields of one tuple of a binary COPY.

use super::column::Column;
use super::encoding::Encoding;
use super::error::{DecodeError, ValueError};
use super::tuple::TupleReader;

/// One tuple with the columns it was selected with; its fields are in PostgreSQL's binary form.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [Column],
    tuple: &'a [u8],
    /// The lengths and contents of the fields, known to be complete.
    fields: &'a [u8],
}

impl<'a> Row<'a> {
    /// A row over `tuple`, as returned by [`TupleReader`](super::TupleReader).
    ///
    /// # Errors
    /// The number of fields differs from the number of columns, or the tuple is too short or too
    /// long.
    pub fn parse(columns: &'a [Column], tuple: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Fields::open(tuple, columns.len())?;
        let fields = cursor.rest;
        for _ in columns {
            cursor.next_field()?;
        }
        cursor.finish()?;
        Ok(Self {
            columns,
            tuple,
            fields,
        })
    }

    /// The current row of `reader`. Its fields are not checked again: the reader has found them to
    /// be complete.
    pub(in crate::backend) fn current(columns: &'a [Column], reader: &'a TupleReader) -> Self {
        let tuple = reader.tuple();
        Self {
            columns,
            tuple,
            fields: tuple.get(size_of::<i16>()..).unwrap_or_default(),
        }
    }

    /// The columns, in the order of the fields.
    #[must_use]
    pub const fn columns(&self) -> &'a [Column] {
        self.columns
    }

    /// The whole tuple, as taken by [`LineEncoder`](super::LineEncoder).
    #[must_use]
    pub const fn tuple(&self) -> &'a [u8] {
        self.tuple
    }

    /// Returns the bytes of a field by its position; `None` for NULL, and beyond the last field.
    #[must_use]
    pub fn field(&self, position: usize) -> Option<&'a [u8]> {
        let mut cursor = Fields::new(self.fields);
        for _ in 0..position {
            cursor.next_field().ok()?;
        }
        cursor.next_field().ok().flatten()
    }

    /// Returns the value of a `timestamp` or `timestamptz` column in microseconds since 2000-01-01
    /// (UTC for `timestamptz`), with the ends of the range as ±infinity; `None` for NULL.
    ///
    /// # Errors
    /// The column at this position has a different type, or its bytes are not a timestamp.
    ///
    /// # Panics
    /// If `position` is beyond the last of [`Self::columns`].
    pub fn timestamp(&self, position: usize) -> Result<Option<i64>, DecodeError> {
        let column = &self.columns[position];
        if !matches!(column.encoding, Encoding::Timestamp | Encoding::TimestampTz) {
            return Err(DecodeError::NotATimestamp {
                column: column.name.clone(),
                type_name: column.type_name.clone(),
            });
        }
        let Some(bytes) = self.field(position) else {
            return Ok(None);
        };
        let micros = bytes.try_into().map_err(|_| DecodeError::Value {
            column: column.name.clone(),
            type_name: column.type_name.clone(),
            problem: ValueError::Size { found: bytes.len() },
        })?;
        Ok(Some(i64::from_be_bytes(micros)))
    }
}

/// Iterates over the fields of one tuple.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    position: usize,
}

impl<'a> Fields<'a> {
    const fn new(rest: &'a [u8]) -> Self {
        Self { rest, position: 0 }
    }

    /// Reads the number of fields, which has to be `expected`.
    pub(super) fn open(tuple: &'a [u8], expected: usize) -> Result<Self, DecodeError> {
        let Some((count, rest)) = tuple.split_first_chunk() else {
            return Err(DecodeError::Truncated { field: 0 });
        };
        let found = i16::from_be_bytes(*count);
        if usize::try_from(found) != Ok(expected) {
            return Err(DecodeError::FieldCount { expected, found });
        }
        Ok(Self::new(rest))
    }

    /// Returns the next field; `None` for NULL.
    #[inline]
    pub(super) fn next_field(&mut self) -> Result<Option<&'a [u8]>, DecodeError> {
        let field = self.position;
        // Built only when needed: dropping one for every field of every row takes time.
        let truncated = || DecodeError::Truncated { field };
        let Some((length, rest)) = self.rest.split_first_chunk() else {
            return Err(truncated());
        };
        self.position += 1;
        let length = i32::from_be_bytes(*length);
        if length == -1 {
            self.rest = rest;
            return Ok(None);
        }
        let size = usize::try_from(length).map_err(|_| DecodeError::Length { length })?;
        let Some((bytes, rest)) = rest.split_at_checked(size) else {
            return Err(truncated());
        };
        self.rest = rest;
        Ok(Some(bytes))
    }

    /// Checks that nothing is left after the last field.
    pub(super) const fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(DecodeError::Surplus {
            bytes: self.rest.len(),
        })
    }
}
