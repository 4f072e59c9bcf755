//! Splitting a binary COPY into tuples, from chunks that may be cut anywhere.

use std::ops::Range;

use bytes::Bytes;

use super::error::DecodeError;
use super::framing::{Found, header, tuple};

/// Capacity of the carry-over buffer that is kept after a large tuple, in bytes.
const CARRY_KEPT: usize = 1 << 20;

/// Splits a binary COPY into its tuples.
///
/// The stream may be cut into chunks anywhere. A tuple that lies within one chunk is borrowed from
/// it without a copy; PostgreSQL sends one tuple per chunk, the first one together with the header.
///
/// ```
/// # use highwater::backend::jsonl::{DecodeError, TupleReader};
/// # fn each(chunks: Vec<bytes::Bytes>) -> Result<(), DecodeError> {
/// let mut reader = TupleReader::new(14);
/// for chunk in chunks {
///     reader.push(chunk);
///     while let Some(tuple) = reader.next_tuple()? {
///         // encode it
///     }
/// }
/// reader.finish()
/// # }
/// ```
#[derive(Debug)]
pub struct TupleReader {
    columns: usize,
    stage: Stage,
    /// The chunk being read, unless something had to be carried over from an earlier one.
    chunk: Bytes,
    /// The beginning of an unfinished tuple, with the chunks after it; read instead of `chunk`
    /// unless empty.
    carried: Vec<u8>,
    /// How far `chunk` or `carried` has been read.
    read: usize,
    /// The position of the current tuple in `chunk` or `carried`.
    current: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    Tuples,
    Ended,
}

impl TupleReader {
    /// A reader of tuples with `columns` fields.
    #[must_use]
    pub const fn new(columns: usize) -> Self {
        Self {
            columns,
            stage: Stage::Header,
            chunk: Bytes::new(),
            carried: Vec::new(),
            read: 0,
            current: 0..0,
        }
    }

    /// Adds the next chunk of the stream. What is left of earlier chunks is read first.
    pub fn push(&mut self, chunk: Bytes) {
        if self.rest().is_empty() {
            self.carried.clear();
            self.carried.shrink_to(CARRY_KEPT);
            self.chunk = chunk;
            self.read = 0;
        } else {
            self.carry();
            self.carried.extend_from_slice(&chunk);
        }
    }

    /// Returns the next whole tuple, from its number of fields to its last field; `None` if another
    /// chunk is needed, or the stream has ended.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub fn next_tuple(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        Ok(if self.advance()? {
            Some(self.tuple())
        } else {
            None
        })
    }

    /// The current tuple, to which [`Self::advance`] has moved.
    #[must_use]
    pub fn tuple(&self) -> &[u8] {
        self.bytes().get(self.current.clone()).unwrap_or_default()
    }

    /// Moves to the next whole tuple; `false` if another chunk is needed, or the stream has ended.
    ///
    /// # Errors
    /// The bytes are not a binary COPY of tuples with this number of fields. The reader is then of
    /// no further use.
    pub fn advance(&mut self) -> Result<bool, DecodeError> {
        if self.stage == Stage::Header {
            match header(self.rest())? {
                Found::Whole(size) => {
                    self.read += size;
                    self.stage = Stage::Tuples;
                }
                Found::Trailer | Found::Part => return Ok(false),
            }
        }
        if self.stage == Stage::Ended {
            return self.nothing_left().map(|()| false);
        }
        match tuple(self.rest(), self.columns)? {
            Found::Whole(size) => {
                self.current = self.read..self.read + size;
                self.read += size;
                Ok(true)
            }
            Found::Trailer => {
                self.read += 2;
                self.stage = Stage::Ended;
                self.nothing_left().map(|()| false)
            }
            Found::Part => Ok(false),
        }
    }

    /// Checks that the stream is complete, now that no chunk follows.
    ///
    /// # Errors
    /// The trailer has not arrived, so rows may be missing; or something follows it.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.stage {
            Stage::Ended => self.nothing_left(),
            Stage::Header | Stage::Tuples => Err(DecodeError::NoTrailer),
        }
    }

    fn bytes(&self) -> &[u8] {
        if self.carried.is_empty() {
            &self.chunk
        } else {
            &self.carried
        }
    }

    fn rest(&self) -> &[u8] {
        &self.bytes()[self.read..]
    }

    fn nothing_left(&self) -> Result<(), DecodeError> {
        match self.rest().len() {
            0 => Ok(()),
            bytes => Err(DecodeError::Surplus { bytes }),
        }
    }

    /// Moves what has not been read yet to the beginning of `carried`.
    fn carry(&mut self) {
        if self.carried.is_empty() {
            self.carried.extend_from_slice(&self.chunk[self.read..]);
            self.chunk = Bytes::new();
        } else {
            self.carried.drain(..self.read);
        }
        self.read = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::backend::jsonl::framing::TRAILER;

    const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

    /// A stream with these tuples, and the bytes that the reader has to return for each tuple.
    fn stream(rows: &[Vec<Option<Vec<u8>>>]) -> (Vec<u8>, Vec<Vec<u8>>) {
        let mut bytes = HEADER.to_vec();
        let mut tuples = Vec::new();
        for row in rows {
            let mut tuple = i16::try_from(row.len())
                .expect("few")
                .to_be_bytes()
                .to_vec();
            for field in row {
                let length = field
                    .as_ref()
                    .map_or(Ok(-1), |field| i32::try_from(field.len()));
                tuple.extend(length.expect("small").to_be_bytes());
                tuple.extend(field.iter().flatten());
            }
            bytes.extend(&tuple);
            tuples.push(tuple);
        }
        bytes.extend(TRAILER.to_be_bytes());
        (bytes, tuples)
    }

    /// The tuples of a stream that arrives in these chunks.
    fn read<'a>(
        columns: usize,
        chunks: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Vec<Vec<u8>>, DecodeError> {
        let mut reader = TupleReader::new(columns);
        let mut tuples = Vec::new();
        for chunk in chunks {
            reader.push(Bytes::copy_from_slice(chunk));
            while let Some(tuple) = reader.next_tuple()? {
                tuples.push(tuple.to_vec());
            }
        }
        reader.finish().map(|()| tuples)
    }

    #[test]
    fn a_stream_without_its_trailer_is_not_whole() {
        let (bytes, tuples) = stream(&[vec![Some(vec![1]), None]]);
        assert_eq!(read(2, [bytes.as_slice()]), Ok(tuples));
        let cut = &bytes[..bytes.len() - 2];
        assert_eq!(read(2, [cut]), Err(DecodeError::NoTrailer));
        assert_eq!(read(2, [&cut[..5]]), Err(DecodeError::NoTrailer));
        let longer = [bytes.as_slice(), b"x"].concat();
        assert_eq!(
            read(2, [longer.as_slice()]),
            Err(DecodeError::Surplus { bytes: 1 })
        );
    }

    #[test]
    fn what_is_no_binary_copy_of_the_columns_is_refused() {
        let (bytes, _) = stream(&[vec![None]]);
        assert_eq!(read(1, [b"1\t2\n".as_slice()]), Err(DecodeError::Signature));
        assert_eq!(
            read(2, [bytes.as_slice()]),
            Err(DecodeError::FieldCount {
                expected: 2,
                found: 1
            })
        );
        let mut with_oids = bytes.clone();
        with_oids[12] = 1;
        assert_eq!(
            read(1, [with_oids.as_slice()]),
            Err(DecodeError::Flags { flags: 1 << 16 })
        );
        let mut negative = bytes;
        negative[24] = 0xfe;
        assert_eq!(
            read(1, [negative.as_slice()]),
            Err(DecodeError::Length { length: -2 })
        );
    }

    #[test]
    fn a_header_extension_is_skipped() {
        let (bytes, tuples) = stream(&[vec![None]]);
        let mut extended = bytes[..18].to_vec();
        extended.extend(b"\x03abc");
        extended.extend(&bytes[19..]);
        assert_eq!(read(1, extended.chunks(1)), Ok(tuples));
    }

    fn rows() -> impl Strategy<Value = Vec<Vec<Option<Vec<u8>>>>> {
        let field = prop::option::of(prop::collection::vec(any::<u8>(), 0..20));
        prop::collection::vec(prop::collection::vec(field, 3), 0..8)
    }

    proptest! {
        #[test]
        fn tuples_are_the_same_wherever_the_stream_is_cut(
            rows in rows(),
            sizes in prop::collection::vec(1_usize..40, 1..60),
        ) {
            let (bytes, tuples) = stream(&rows);
            let mut chunks = Vec::new();
            let mut rest = bytes.as_slice();
            for size in sizes.iter().cycle() {
                let (chunk, after) = rest.split_at((*size).min(rest.len()));
                chunks.push(chunk);
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(read(3, chunks), Ok(tuples));
        }

        #[test]
        fn chunks_may_be_pushed_before_the_tuples_of_earlier_ones_are_read(rows in rows()) {
            let (bytes, tuples) = stream(&rows);
            let mut reader = TupleReader::new(3);
            for chunk in bytes.chunks(7) {
                reader.push(Bytes::copy_from_slice(chunk));
            }
            for tuple in tuples {
                prop_assert_eq!(reader.next_tuple(), Ok(Some(tuple.as_slice())));
            }
            prop_assert_eq!(reader.next_tuple(), Ok(None));
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn no_bytes_at_all_make_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            columns in 0_usize..4,
        ) {
            let _ = read(columns, [bytes.as_slice()]);
            let _ = read(columns, [HEADER, &bytes]);
            let count = u16::try_from(columns).expect("a few").to_be_bytes();
            let _ = read(columns, [HEADER, &count, &bytes]);
        }
    }
}
