//! The framing of a binary COPY: header, tuples, trailer.

use super::error::DecodeError;

/// First bytes of every binary COPY (PostgreSQL documentation, COPY, "File Header").
const SIGNATURE: [u8; 11] = *b"PGCOPY\n\xff\r\n\0";

/// Signature, flags, and the length of the header's extension.
const FIXED_HEADER: usize = SIGNATURE.len() + 8;

/// Flags that a reader must understand; bit 16 would put an oid in front of every tuple.
const CRITICAL_FLAGS: u32 = 0xffff_0000;

/// Marks the end of the stream, in place of a tuple's number of fields.
pub(super) const TRAILER: i16 = -1;

/// What some bytes begin with; sizes in bytes.
pub(super) enum Found {
    Whole(usize),
    Trailer,
    /// Not all of it has arrived yet.
    Part,
}

/// Finds the size of the header at the beginning of `bytes`.
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

/// Finds the size of the tuple at the beginning of `bytes`. Called for every row.
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
