//! Turning PostgreSQL rows into JSON Lines, and JSON Lines back into rows.
//!
//! **The rule.** An encoded line is, byte for byte, what PostgreSQL prints for `row_to_json(t)::text`
//! under [`SESSION_SETTINGS`]. There is one exception: line breaks between the tokens of a JSON value
//! (PostgreSQL keeps those of a `json` column as they were typed) become spaces, because they would end
//! the line. Bytes that are not UTF-8, which only a database in `SQL_ASCII` can hold, are refused by the
//! server before they get here.
//!
//! **How.** Rows arrive as `COPY (SELECT …) TO STDOUT (FORMAT binary)` (PostgreSQL documentation, COPY,
//! "Binary Format"). For every type, [`Encoding`] chooses between a native encoder and
//! `to_json(col)::text`, which works for every type and leaves the work to the server. [`TupleReader`]
//! splits the stream into tuples; [`Row`] gives access to the fields of one; [`LineEncoder`] makes it a
//! line; [`BodyWriter`] assembles lines into the body of an object, and [`BodyReader`] reads a body back.
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

/// The session settings, by name, under which columns are selected. They determine the text of what the
/// server encodes itself, and the native encoders print the same.
pub const SESSION_SETTINGS: [(&str, &str); 6] = [
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO"),
    ("IntervalStyle", "iso_8601"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "1"),
    ("quote_all_identifiers", "off"),
];
