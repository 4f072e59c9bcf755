//! Ranges of types that have an encoder.
//!
//! The binary form is that of `range_send`: flags, then the length and value of each bound that is not
//! infinite. The text is that of `range_out`, which quotes a bound that contains a space, as a JSON
//! string, in which these quotes are escaped.

use super::super::encoding::Encoding;
use super::super::error::ValueError;
use super::unread::Unread;
use super::{calendar, encode, fixed};

/// Flags of a range (PostgreSQL source, `rangetypes.h`).
const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const LOWER_INFINITE: u8 = 0x08;
const UPPER_INFINITE: u8 = 0x10;

/// Appends a range of values with this encoding.
///
/// # Errors
/// The bytes are not such a range.
pub(super) fn range(element: &Encoding, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let mut unread = Unread::new(bytes, "range");
    let flags = unread.byte()?;
    out.push(b'"');
    if flags & EMPTY != 0 {
        out.extend_from_slice(b"empty");
    } else {
        let has = |flag| flags & flag != 0;
        out.push(if has(LOWER_INCLUSIVE) { b'[' } else { b'(' });
        if !has(LOWER_INFINITE) {
            bound(element, present(&mut unread)?, out)?;
        }
        out.push(b',');
        if !has(UPPER_INFINITE) {
            bound(element, present(&mut unread)?, out)?;
        }
        out.push(if has(UPPER_INCLUSIVE) { b']' } else { b')' });
    }
    out.push(b'"');
    unread.finish()
}

/// Returns the bytes of the next bound, which is never NULL.
fn present<'a>(unread: &mut Unread<'a>) -> Result<&'a [u8], ValueError> {
    unread.part()?.ok_or_else(|| unread.damaged())
}

/// Appends a bound as printed by its type's output function, within a JSON string.
fn bound(element: &Encoding, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let start = out.len();
    match element {
        Encoding::Timestamp => calendar::timestamp(i64::from_be_bytes(fixed(bytes)?), "", out),
        Encoding::TimestampTz => {
            calendar::timestamp(i64::from_be_bytes(fixed(bytes)?), "+00", out);
        }
        _ => encode(element, bytes, out)?,
    }
    // Only JSON has a T between date and time.
    if let Some(between) = out[start..].iter().position(|&byte| byte == b'T') {
        out[start + between] = b' ';
    }
    if out[start..].contains(&b' ') {
        out.insert(start, b'\\');
        out.insert(out.len() - 1, b'\\');
    } else if out[start] == b'"' {
        out.pop();
        out.remove(start);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(element: &Encoding, flags: u8, bounds: &[&[u8]]) -> Result<String, ValueError> {
        let mut bytes = vec![flags];
        for bound in bounds {
            let length = i32::try_from(bound.len()).expect("short");
            bytes.extend(length.to_be_bytes());
            bytes.extend_from_slice(bound);
        }
        let mut out = Vec::new();
        range(element, &bytes, &mut out)?;
        Ok(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn bounds_are_inclusive_exclusive_or_infinite() {
        let (one, two) = (1_i32.to_be_bytes(), 2_i32.to_be_bytes());
        let int = |flags, bounds: &[&[u8]]| encoded(&Encoding::Int4, flags, bounds);
        assert_eq!(int(2, &[&one, &two]).as_deref(), Ok("\"[1,2)\""));
        assert_eq!(int(4, &[&one, &two]).as_deref(), Ok("\"(1,2]\""));
        assert_eq!(int(18, &[&one]).as_deref(), Ok("\"[1,)\""));
        assert_eq!(int(24, &[]).as_deref(), Ok("\"(,)\""));
        assert_eq!(int(1, &[]).as_deref(), Ok("\"empty\""));
    }

    #[test]
    fn what_has_a_space_in_it_is_quoted_and_a_time_has_one() {
        let time = (-1_i64).to_be_bytes();
        assert_eq!(
            encoded(&Encoding::TimestampTz, 18, &[&time]).as_deref(),
            Ok(r#""[\"1999-12-31 23:59:59.999999+00\",)""#)
        );
        let day = 0_i32.to_be_bytes();
        assert_eq!(
            encoded(&Encoding::Date, 18, &[&day]).as_deref(),
            Ok("\"[2000-01-01,)\"")
        );
        let forever = i64::MAX.to_be_bytes();
        assert_eq!(
            encoded(&Encoding::Timestamp, 18, &[&forever]).as_deref(),
            Ok("\"[infinity,)\"")
        );
    }

    #[test]
    fn what_is_cut_or_too_long_is_no_range() {
        let one = 1_i32.to_be_bytes();
        assert!(encoded(&Encoding::Int4, 2, &[&one]).is_err());
        assert!(encoded(&Encoding::Int4, 1, &[&one]).is_err());
        assert!(encoded(&Encoding::Int4, 18, &[&one[..3]]).is_err());
        assert!(range(&Encoding::Int4, &[], &mut Vec::new()).is_err());
        assert!(range(&Encoding::Int4, &[18, 0, 0, 0, 9, 1], &mut Vec::new()).is_err());
    }
}
