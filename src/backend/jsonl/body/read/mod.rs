//! Reading the rows of a body.

use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::rows::{Part, Structure, is_whole};

/// First bytes of a gzip member (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// First bytes of a zstd frame (RFC 8878, 3.1.1), little endian.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Written before UTF-8 text by some programs.
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Longest row that is read, in bytes: PostgreSQL's own limit for one value (its documentation, appendix K).
/// Anything longer is most likely not a row.
const LONGEST: usize = 1 << 30;

/// Reads the rows of a body, whoever wrote it.
///
/// JSON Lines and a JSON array are told apart by the first byte after white space, and compression is
/// recognised by the first bytes: neither the key nor the metadata has to be right. Only one row is in
/// memory at a time.
///
/// ```
/// # use highwater::backend::jsonl::{BodyError, BodyReader};
/// let mut reader = BodyReader::new("[\n  {\"a\": 1},\n  {\"a\": 2}\n]".as_bytes())?;
/// assert_eq!(reader.next_row()?, Some("{\"a\": 1}"));
/// assert_eq!(reader.next_row()?, Some("{\"a\": 2}"));
/// assert_eq!(reader.next_row()?, None);
/// # Ok::<(), BodyError>(())
/// ```
pub struct BodyReader<'a> {
    input: Box<dyn BufRead + Send + 'a>,
    form: Form,
    /// How many rows have been read.
    rows: u64,
    row: Vec<u8>,
    longest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Nothing has been read yet.
    Unknown,
    Lines,
    Array,
    Ended,
}

/// Why no more of a body can be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The bytes cannot be read or decompressed.
    #[error("the body cannot be read")]
    Read(#[source] io::Error),

    /// Neither JSON Lines nor a JSON array.
    #[error("the body holds no JSON rows: it starts with byte {first:#04x}, not with {{ or [")]
    NotRows { first: u8 },

    /// The body ends within a row, or it is an array without its closing bracket.
    #[error("the body is cut off after {}", crate::figures::count(*rows, "whole row"))]
    CutOff { rows: u64 },

    /// An array whose rows are not separated by commas, or with something after its end.
    #[error("the body is not a JSON array: byte {found:#04x} after {rows} rows")]
    Misplaced { rows: u64, found: u8 },

    /// A row that is not UTF-8, which JSON has to be.
    #[error("row {} of the body is not UTF-8", .rows + 1)]
    NotText { rows: u64 },

    /// A row that is longer than any row can be.
    #[error("row {} of the body is longer than {}", .rows + 1, crate::figures::bytes(*longest as u64))]
    TooLong { rows: u64, longest: usize },
}

impl<'a> BodyReader<'a> {
    /// A reader of a whole body, compressed or not. Reads its first bytes.
    ///
    /// # Errors
    /// [`BodyError::Read`] if the first bytes cannot be read.
    pub fn new(body: impl Read + Send + 'a) -> Result<Self, BodyError> {
        let mut body = body;
        let mut first = Vec::new();
        body.by_ref()
            .take(4)
            .read_to_end(&mut first)
            .map_err(BodyError::Read)?;
        let gzip = first.starts_with(&GZIP);
        let zstd = first.starts_with(&ZSTD);
        let whole = Cursor::new(first).chain(body);
        let input: Box<dyn BufRead + Send + 'a> = if gzip {
            Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(whole)))
        } else if zstd {
            let decoder = zstd::stream::read::Decoder::new(whole).map_err(BodyError::Read)?;
            Box::new(BufReader::new(decoder))
        } else {
            Box::new(BufReader::new(whole))
        };
        Ok(Self {
            input,
            form: Form::Unknown,
            rows: 0,
            row: Vec::new(),
            longest: LONGEST,
        })
    }

    /// Returns the next row, as it was written but on one line: in an array, line breaks between tokens and
    /// the indentation after them are left out. `None` at the end.
    ///
    /// The row is not parsed; a caller that needs it to be a JSON object has to check that.
    ///
    /// # Errors
    /// The rest of the body cannot be read; see [`BodyError`]. A part of a body, as returned by a ranged
    /// read, ends with [`BodyError::CutOff`] after its last whole row.
    pub fn next_row(&mut self) -> Result<Option<&str>, BodyError> {
        self.row.clear();
        if self.form == Form::Unknown {
            self.form = self.recognise()?;
        }
        let found = match self.form {
            Form::Lines => self.read_line()?,
            Form::Array => self.read_element()?,
            Form::Unknown | Form::Ended => false,
        };
        if !found {
            self.form = Form::Ended;
            return Ok(None);
        }
        let row =
            std::str::from_utf8(&self.row).map_err(|_| BodyError::NotText { rows: self.rows })?;
        self.rows += 1;
        Ok(Some(row.trim_matches(white_space)))
    }

    fn recognise(&mut self) -> Result<Form, BodyError> {
        if self.peek()? == Some(BYTE_ORDER_MARK[0]) {
            let mut mark = [0; 3];
            let read = self.input.read_exact(&mut mark);
            read.map_err(|error| self.failed(error))?;
            if mark != BYTE_ORDER_MARK {
                return Err(BodyError::NotRows { first: mark[0] });
            }
        }
        match self.peek_token()? {
            None => Ok(Form::Ended),
            Some(b'{') => Ok(Form::Lines),
            Some(b'[') => {
                self.input.consume(1);
                Ok(Form::Array)
            }
            Some(first) => Err(BodyError::NotRows { first }),
        }
    }

    /// Reads the next line that is not blank.
    fn read_line(&mut self) -> Result<bool, BodyError> {
        loop {
            self.row.clear();
            let within = self.longest as u64 + 1;
            let read = self
                .input
                .by_ref()
                .take(within)
                .read_until(b'\n', &mut self.row);
            if read.map_err(|error| self.failed(error))? == 0 {
                return Ok(false);
            }
            self.check_length()?;
            if self.row.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if !self.row.ends_with(b"\n") && !is_whole(&self.row) {
                return Err(BodyError::CutOff { rows: self.rows });
            }
            return Ok(true);
        }
    }

    /// Reads the next element of the array, or the end of the array, after which nothing may follow.
    fn read_element(&mut self) -> Result<bool, BodyError> {
        let rows = self.rows;
        match self.peek_token()? {
            None => return Err(BodyError::CutOff { rows }),
            Some(b']') => {
                self.input.consume(1);
                return self.nothing_follows();
            }
            Some(b',') if rows > 0 => self.input.consume(1),
            Some(_) if rows == 0 => {}
            Some(found) => return Err(BodyError::Misplaced { rows, found }),
        }
        match self.peek_token()? {
            None => Err(BodyError::CutOff { rows }),
            Some(found @ (b',' | b']')) => Err(BodyError::Misplaced { rows, found }),
            Some(_) => self.collect_element(),
        }
    }

    /// Collects an element up to the comma or bracket after it, which stays in the input.
    fn collect_element(&mut self) -> Result<bool, BodyError> {
        let mut structure = Structure::default();
        loop {
            let rows = self.rows;
            let bytes = match self.input.fill_buf() {
                Ok([]) if structure.is_complete() => return Ok(true),
                Ok([]) => return Err(BodyError::CutOff { rows }),
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.failed(error)),
            };
            let mut taken = 0;
            for &found in bytes {
                match structure.follow(found) {
                    Part::Content => self.row.push(found),
                    Part::Layout => {}
                    Part::Misplaced => return Err(BodyError::Misplaced { rows, found }),
                    Part::End => {
                        self.input.consume(taken);
                        return self.check_length().map(|()| true);
                    }
                }
                taken += 1;
            }
            self.input.consume(taken);
            self.check_length()?;
        }
    }

    const fn check_length(&self) -> Result<(), BodyError> {
        if self.row.len() > self.longest {
            return Err(BodyError::TooLong {
                rows: self.rows,
                longest: self.longest,
            });
        }
        Ok(())
    }

    fn nothing_follows(&mut self) -> Result<bool, BodyError> {
        let rows = self.rows;
        self.peek_token()?
            .map_or(Ok(false), |found| Err(BodyError::Misplaced { rows, found }))
    }

    /// Returns the next byte that is not white space, leaving it in the input; `None` at the end.
    fn peek_token(&mut self) -> Result<Option<u8>, BodyError> {
        loop {
            match self.peek()? {
                Some(byte) if byte.is_ascii_whitespace() => self.input.consume(1),
                other => return Ok(other),
            }
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, BodyError> {
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    /// A compressed body that ends early is cut off like any other.
    fn failed(&self, error: io::Error) -> BodyError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => BodyError::CutOff { rows: self.rows },
            _ => BodyError::Read(error),
        }
    }
}

const fn white_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

impl fmt::Debug for BodyReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader")
            .field("form", &self.form)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
