//! The framing of a binary COPY: header, tuples, trailer.

use super::error::DecodeError;

/// First bytes of every binary COPY (PostgreSQL documentation, COPY, "File Header").
const SIGNATURE: [u8; 11] = *b"PGCOPY\n\xff\r\n\0";

/// Signature, flags, and the length of the header's extension.
const FIXED_HEADER: usize = SIGNATURE.len() + 8;

/// Flags that a reader has to know; bit 16 would put an oid in front of every tuple.
const CRITICAL_FLAGS: u32 = 0xffff_0000;

/// In place of a tuple's number of fields: the end of the stream.
pub(super) const TRAILER: i16 = -1;

/// What lies at the beginning of some bytes; sizes in bytes.
pub(super) enum Found {
    Whole(usize),
    Trailer,
    /// Not all of it has arrived yet.
    Part,
}

/// The size of the header that `bytes` start with.
pub(super) fn header(bytes: &[u8]) -> Result<Found, DecodeError> {
    let seen = bytes.len().min(SIGNATURE.len());
    if bytes[..seen] != SIGNATURE[..seen] {
        return Err(DecodeError::Signature);
    }
    let Some((flags, rest)) = bytes
        .get(SIGNATURE.len()..)
        .and_then(<[u8]>::split_first_chunk)
    else {
        return Ok(Found::Part);
    };
    let flags = u32::from_be_bytes(*flags);
    if flags & CRITICAL_FLAGS != 0 {
        return Err(DecodeError::Flags { flags });
    }
    let Some(extension) = rest.first_chunk() else {
        return Ok(Found::Part);
    };
    let length = i32::from_be_bytes(*extension);
    let extension = usize::try_from(length).map_err(|_| DecodeError::Length { length })?;
    Ok(whole(FIXED_HEADER + extension, bytes))
}

/// The size of the tuple that `bytes` start with. Asked for every row.
#[inline]
pub(super) fn tuple(bytes: &[u8], columns: usize) -> Result<Found, DecodeError> {
    let Some((count, mut rest)) = bytes.split_first_chunk() else {
        return Ok(Found::Part);
    };
    let found = i16::from_be_bytes(*count);
    if found == TRAILER {
        return Ok(Found::Trailer);
    }
    if usize::try_from(found) != Ok(columns) {
        return Err(DecodeError::FieldCount {
            expected: columns,
            found,
        });
    }
    for _ in 0..columns {
        let Some((length, after)) = rest.split_first_chunk() else {
            return Ok(Found::Part);
        };
        let length = i32::from_be_bytes(*length);
        let size = match length {
            -1 => 0,
            _ => usize::try_from(length).map_err(|_| DecodeError::Length { length })?,
        };
        let Some(after) = after.get(size..) else {
            return Ok(Found::Part);
        };
        rest = after;
    }
    Ok(Found::Whole(bytes.len() - rest.len()))
}

const fn whole(size: usize, bytes: &[u8]) -> Found {
    if bytes.len() < size {
        Found::Part
    } else {
        Found::Whole(size)
    }
}
