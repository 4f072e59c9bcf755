//! PostgreSQL rows to JSON Lines, and JSON Lines back to rows.
//!
//! **The rule.** An encoded line is, byte for byte, what PostgreSQL prints for
//! `row_to_json(t)::text` under [`SESSION_SETTINGS`]. There is one exception: line breaks between
//! the tokens of a JSON value (PostgreSQL keeps those of a `json` column as they were typed) become
//! spaces, because they would end the line. Bytes that are no UTF-8, which only a database in `SQL_ASCII`
//! can hold, are refused by the server before they get here.
//!
//! **How.** Rows arrive as `COPY (SELECT …) TO STDOUT (FORMAT binary)` (PostgreSQL documentation,
//! COPY, "Binary Format"). [`Encoding`] decides for every type between a native encoder and
//! `to_json(col)::text`, which works for every type and leaves the work to the server;
//! [`TupleReader`] takes the stream apart into tuples; [`Row`] looks into one; [`LineEncoder`] makes
//! it a line; [`BodyWriter`] makes lines the body of an object, and [`BodyReader`] reads one back.
//! Nothing is parsed into a tree, and numbers never pass through a binary float.

mod body;
mod catalog_type;
mod column;
mod encoding;
mod error;
mod framing;
mod label;
mod line;
mod row;
mod tuple;
mod value;

pub use body::{BodyError, BodyReader, BodyWriter, Compressor};
pub use catalog_type::{CatalogField, CatalogType, Parts};
pub use column::Column;
pub use encoding::{Encoding, Field};
pub use error::{DecodeError, ValueError};
pub use line::LineEncoder;
pub use row::Row;
pub use tuple::TupleReader;

/// Settings of a session, by name, under which columns are selected. They fix the text of what the
/// server encodes itself, and they are what the native encoders print.
pub const SESSION_SETTINGS: [(&str, &str); 5] = [
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO"),
    ("IntervalStyle", "iso_8601"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "1"),
];
