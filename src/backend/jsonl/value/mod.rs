//! Encoding one field as one JSON value, with a file for each family of types.
//!
//! The input is PostgreSQL's binary form, as written by the type's send function; the output is
//! the text of its output function, with quotes where `row_to_json` puts them.

mod array;
mod bytes;
mod calendar;
mod composite;
mod decimal;
mod digits;
mod document;
mod float;
mod interval;
mod network;
mod range;
mod text;
mod unread;

use super::encoding::Encoding;
use super::error::ValueError;

pub(super) use text::text;

/// Appends the JSON of one field that is not NULL.
///
/// # Errors
/// The bytes are not a value of the type. `out` may then hold a part of it.
#[inline]
pub(super) fn encode(
    encoding: &Encoding,
    bytes: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), ValueError> {
    match encoding {
        Encoding::Bool => boolean(bytes, out)?,
        Encoding::Int2 => integer(i16::from_be_bytes(fixed(bytes)?), out),
        Encoding::Int4 => integer(i32::from_be_bytes(fixed(bytes)?), out),
        Encoding::Int8 => integer(i64::from_be_bytes(fixed(bytes)?), out),
        Encoding::Oid => {
            out.push(b'"');
            integer(u32::from_be_bytes(fixed(bytes)?), out);
            out.push(b'"');
        }
        Encoding::Float4 => float::float4(f32::from_be_bytes(fixed(bytes)?), out),
        Encoding::Float8 => float::float8(f64::from_be_bytes(fixed(bytes)?), out),
        Encoding::Numeric => decimal::numeric(bytes, out)?,
        Encoding::Text => text(bytes, out),
        Encoding::Uuid => bytes::uuid(&fixed(bytes)?, out),
        Encoding::Date => calendar::date(i32::from_be_bytes(fixed(bytes)?), out),
        Encoding::Time => calendar::time(i64::from_be_bytes(fixed(bytes)?), out)?,
        Encoding::TimeTz => calendar::time_with_zone(&fixed(bytes)?, out)?,
        Encoding::Timestamp => calendar::timestamp(i64::from_be_bytes(fixed(bytes)?), "", out),
        Encoding::TimestampTz => {
            calendar::timestamp(i64::from_be_bytes(fixed(bytes)?), "+00:00", out);
        }
        Encoding::Bytea => bytes::bytea(bytes, out),
        Encoding::Interval => interval::interval(bytes, out)?,
        Encoding::FiniteInterval => interval::finite(bytes, out)?,
        Encoding::Address => network::address(bytes, out)?,
        Encoding::Array(element) => array::array(element, bytes, out)?,
        Encoding::Range(element) => range::range(element, bytes, out)?,
        Encoding::Composite(fields) => composite::composite(fields, bytes, out)?,
        Encoding::Json | Encoding::Server => document::json(bytes, out),
        Encoding::Jsonb => document::jsonb(bytes, out)?,
    }
    Ok(())
}

/// A field of exactly `N` bytes.
#[inline]
fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], ValueError> {
    bytes
        .try_into()
        .map_err(|_| ValueError::Size { found: bytes.len() })
}

fn boolean(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let [byte] = fixed(bytes)?;
    let word: &[u8] = if byte == 0 { b"false" } else { b"true" };
    out.extend_from_slice(word);
    Ok(())
}

fn integer(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}
