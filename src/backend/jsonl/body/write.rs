//! Lines to a body, as a stream of bytes.

use std::fmt;
use std::io::{self, Write as _};

use flate2::write::GzEncoder;
use zstd::stream::write::Encoder as ZstdEncoder;

use super::super::error::DecodeError;
use super::super::line::LineEncoder;
use crate::config::{BodyFormat, Compression};

/// Lines are compressed in blocks of about this many bytes.
const BLOCK: usize = 64 << 10;

/// Puts the lines of a batch together to the body of an object.
///
/// Memory is bounded by the caller: when [`Self::ready`] has become enough for a part, the bytes
/// are [taken](Self::take), and writing goes on.
pub struct BodyWriter {
    format: BodyFormat,
    rows: u64,
    /// What has been written and not been taken; with compression, not been compressed.
    plain: Vec<u8>,
    compressor: Compressor,
}

/// A compressor keeps what it has produced in its own buffer until it is taken.
enum Compressor {
    None,
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(ZstdEncoder<'static, Vec<u8>>),
}

impl BodyWriter {
    /// A writer of an empty body.
    ///
    /// # Errors
    /// The compressor cannot be set up.
    pub fn new(format: BodyFormat, compression: Compression) -> io::Result<Self> {
        let compressor = match compression {
            Compression::None => Compressor::None,
            Compression::Gzip => {
                Compressor::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::default()))
            }
            Compression::Zstd => Compressor::Zstd(ZstdEncoder::new(
                Vec::new(),
                zstd::DEFAULT_COMPRESSION_LEVEL,
            )?),
        };
        Ok(Self {
            format,
            rows: 0,
            plain: Vec::new(),
            compressor,
        })
    }

    /// Encodes one tuple and appends its line. Where the tuple is wrong, nothing is appended.
    ///
    /// # Errors
    /// [`WriteError::Row`] for a tuple that cannot be decoded, [`WriteError::Compress`] where the
    /// compressor fails.
    pub fn write_row(&mut self, encoder: &LineEncoder, tuple: &[u8]) -> Result<(), WriteError> {
        let start = self.plain.len();
        self.open_line();
        if let Err(error) = encoder.encode_row(tuple, &mut self.plain) {
            self.plain.truncate(start);
            return Err(error.into());
        }
        Ok(self.close_line()?)
    }

    /// Appends one line that is JSON already, without its line break.
    ///
    /// # Errors
    /// The compressor fails.
    pub fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.open_line();
        self.plain.extend_from_slice(line);
        self.close_line()
    }

    /// How many rows have been written.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// How many bytes of the body are ready to be taken.
    #[must_use]
    pub fn ready(&self) -> usize {
        match &self.compressor {
            Compressor::None => self.plain.len(),
            Compressor::Gzip(encoder) => encoder.get_ref().len(),
            Compressor::Zstd(encoder) => encoder.get_ref().len(),
        }
    }

    /// Takes the bytes that are ready. `spare` takes their place, and is emptied before: handing
    /// back a used buffer saves its allocation.
    pub fn take(&mut self, mut spare: Vec<u8>) -> Vec<u8> {
        spare.clear();
        let buffer = match &mut self.compressor {
            Compressor::None => &mut self.plain,
            Compressor::Gzip(encoder) => encoder.get_mut(),
            Compressor::Zstd(encoder) => encoder.get_mut(),
        };
        std::mem::replace(buffer, spare)
    }

    /// Ends the body, and returns what of it has not been taken.
    ///
    /// # Errors
    /// The compressor fails.
    pub fn finish(mut self) -> io::Result<Vec<u8>> {
        if self.format == BodyFormat::JsonArray {
            let end: &[u8] = if self.rows == 0 { b"[]" } else { b"]" };
            self.plain.extend_from_slice(end);
        }
        self.compress()?;
        match self.compressor {
            Compressor::None => Ok(self.plain),
            Compressor::Gzip(encoder) => encoder.finish(),
            Compressor::Zstd(encoder) => encoder.finish(),
        }
    }

    fn open_line(&mut self) {
        if self.format == BodyFormat::JsonArray {
            let start: &[u8] = if self.rows == 0 { b"[" } else { b",\n" };
            self.plain.extend_from_slice(start);
        }
    }

    fn close_line(&mut self) -> io::Result<()> {
        if self.format == BodyFormat::Jsonl {
            self.plain.push(b'\n');
        }
        self.rows += 1;
        if self.plain.len() >= BLOCK {
            self.compress()?;
        }
        Ok(())
    }

    /// Hands what has been written to the compressor, if there is one.
    fn compress(&mut self) -> io::Result<()> {
        match &mut self.compressor {
            Compressor::None => return Ok(()),
            Compressor::Gzip(encoder) => encoder.write_all(&self.plain)?,
            Compressor::Zstd(encoder) => encoder.write_all(&self.plain)?,
        }
        self.plain.clear();
        Ok(())
    }
}

impl fmt::Debug for BodyWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyWriter")
            .field("format", &self.format)
            .field("rows", &self.rows)
            .field("ready", &self.ready())
            .finish_non_exhaustive()
    }
}

/// Why a row could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The tuple is not one of the encoder's columns.
    #[error(transparent)]
    Row(#[from] DecodeError),

    /// The compressor failed.
    #[error("the body cannot be compressed")]
    Compress(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::super::BodyReader;
    use super::*;

    fn body(format: BodyFormat, lines: &[&str]) -> String {
        let mut writer = BodyWriter::new(format, Compression::None).expect("no compressor");
        for line in lines {
            writer.write_line(line.as_bytes()).expect("no compressor");
        }
        String::from_utf8(writer.finish().expect("no compressor")).expect("text")
    }

    #[test]
    fn lines_end_with_a_line_break_and_elements_of_an_array_are_separated_by_one() {
        let lines = ["{\"a\":1}", "{\"a\":2}"];
        assert_eq!(body(BodyFormat::Jsonl, &lines), "{\"a\":1}\n{\"a\":2}\n");
        assert_eq!(
            body(BodyFormat::JsonArray, &lines),
            "[{\"a\":1},\n{\"a\":2}]"
        );
        assert_eq!(body(BodyFormat::Jsonl, &[]), "");
        assert_eq!(body(BodyFormat::JsonArray, &[]), "[]");
    }

    #[test]
    fn a_body_taken_in_parts_is_read_back_whole_in_every_form() {
        for format in [BodyFormat::Jsonl, BodyFormat::JsonArray] {
            for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
                let mut writer = BodyWriter::new(format, compression).expect("a compressor");
                let mut body = Vec::new();
                for row in 0..20_000 {
                    let line = format!("{{\"row\":{row},\"square\":{}}}", row * row);
                    writer.write_line(line.as_bytes()).expect("memory");
                    if writer.ready() > 10_000 {
                        body.extend(writer.take(Vec::new()));
                    }
                }
                assert_eq!(writer.rows(), 20_000);
                body.extend(writer.finish().expect("memory"));

                let mut reader = BodyReader::new(body.as_slice()).expect("a body");
                let mut rows = 0;
                while let Some(row) = reader.next_row().expect("a row") {
                    assert_eq!(
                        row,
                        format!("{{\"row\":{rows},\"square\":{}}}", rows * rows)
                    );
                    rows += 1;
                }
                assert_eq!(rows, 20_000, "{format:?} {compression:?}");
            }
        }
    }
}
