//! The bodies of objects: lines put together, compressed, and read back.

mod compress;
mod read;
mod rows;
mod write;

use crate::config::{BodyFormat, Compression};

pub use compress::Compressor;
pub use read::{BodyError, BodyReader};
pub use write::BodyWriter;

impl BodyFormat {
    /// The `Content-Type` of an object in this format.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/x-ndjson",
            Self::JsonArray => "application/json",
        }
    }
}

impl Compression {
    /// The `Content-Encoding` of an object (RFC 9110, 8.4; RFC 8878); `None` without compression.
    #[must_use]
    pub const fn content_encoding(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}
