//! Compressing the bytes of a body.

use std::fmt;
use std::io::{self, Write as _};

use flate2::write::GzEncoder;
use zstd::stream::write::Encoder as ZstdEncoder;

use crate::config::Compression;

/// A compressor of one body. Its output is handed out with each step, so that it holds no more than
/// its window.
pub struct Compressor(Encoder);

enum Encoder {
    Gzip(GzEncoder<Vec<u8>>),
    Zstd(ZstdEncoder<'static, Vec<u8>>),
}

impl Compressor {
    /// A compressor of an empty body; `None` if bodies are not compressed.
    ///
    /// # Errors
    /// The compressor cannot be set up.
    pub fn new(compression: Compression) -> io::Result<Option<Self>> {
        let encoder = match compression {
            Compression::None => return Ok(None),
            Compression::Gzip => {
                Encoder::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::default()))
            }
            Compression::Zstd => {
                let level = zstd::DEFAULT_COMPRESSION_LEVEL;
                Encoder::Zstd(ZstdEncoder::new(Vec::new(), level)?)
            }
        };
        Ok(Some(Self(encoder)))
    }

    /// Takes the next bytes, and returns the output that is ready, which is often none.
    ///
    /// # Errors
    /// The compressor fails.
    pub fn compress(&mut self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let ready = match &mut self.0 {
            Encoder::Gzip(encoder) => {
                encoder.write_all(plain)?;
                encoder.get_mut()
            }
            Encoder::Zstd(encoder) => {
                encoder.write_all(plain)?;
                encoder.get_mut()
            }
        };
        Ok(std::mem::take(ready))
    }

    /// Ends the body, and returns the rest of the output.
    ///
    /// # Errors
    /// The compressor fails.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        match self.0 {
            Encoder::Gzip(encoder) => encoder.finish(),
            Encoder::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl fmt::Debug for Compressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Encoder::Gzip(_) => "Compressor::Gzip",
            Encoder::Zstd(_) => "Compressor::Zstd",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::BodyReader;
    use super::*;

    #[test]
    fn a_body_compressed_in_parts_is_read_back_whole() {
        for compression in [Compression::Gzip, Compression::Zstd] {
            let mut compressor = Compressor::new(compression)
                .expect("memory")
                .expect("a compressor");
            let mut body = Vec::new();
            for row in 0..20_000 {
                let line = format!("{{\"row\":{row},\"square\":{}}}\n", row * row);
                body.extend(compressor.compress(line.as_bytes()).expect("memory"));
            }
            body.extend(compressor.finish().expect("memory"));

            let mut reader = BodyReader::new(body.as_slice()).expect("a body");
            let mut rows = 0;
            while let Some(row) = reader.next_row().expect("a row") {
                let square = rows * rows;
                assert_eq!(row, format!("{{\"row\":{rows},\"square\":{square}}}"));
                rows += 1;
            }
            assert_eq!(rows, 20_000, "{compression:?}");
        }
    }

    #[test]
    fn without_compression_there_is_no_compressor() {
        assert!(Compressor::new(Compression::None).expect("none").is_none());
    }
}
