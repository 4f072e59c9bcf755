//! Arrays of types that have an encoder.
//!
//! The binary form is that of `array_send`: the number of dimensions, a flag, the element's type, the
//! length and lower bound of each dimension, then the elements, each preceded by its length, or -1 for
//! NULL. The text is that of `array_to_json`, which ignores lower bounds.

use super::super::encoding::Encoding;
use super::super::error::ValueError;
use super::encode;
use super::unread::Unread;

/// Maximum number of dimensions in PostgreSQL (`MAXDIM`).
const MOST_DIMENSIONS: usize = 6;

/// Appends an array of elements with this encoding.
///
/// # Errors
/// The bytes are not such an array.
pub(super) fn array(element: &Encoding, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let mut unread = Unread::new(bytes, "array");
    let dimensions = usize::try_from(unread.int()?).map_err(|_| unread.damaged())?;
    let (_has_null, _element_type) = (unread.int()?, unread.oid()?);
    let mut lengths = [0; MOST_DIMENSIONS];
    let lengths = lengths
        .get_mut(..dimensions)
        .ok_or_else(|| unread.damaged())?;
    for length in &mut *lengths {
        *length = unread.int()?;
        let _lower_bound = unread.int()?;
    }
    if lengths.iter().any(|length| *length <= 0) || lengths.is_empty() {
        out.extend_from_slice(b"[]");
    } else {
        dimension(element, lengths, &mut unread, out)?;
    }
    unread.finish()
}

fn dimension(
    element: &Encoding,
    lengths: &[i32],
    unread: &mut Unread<'_>,
    out: &mut Vec<u8>,
) -> Result<(), ValueError> {
    let Some((length, inner)) = lengths.split_first() else {
        return match unread.part()? {
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
            Some(bytes) => encode(element, bytes, out),
        };
    };
    for place in 0..*length {
        out.push(if place == 0 { b'[' } else { b',' });
        dimension(element, inner, unread, out)?;
    }
    out.push(b']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(ints: &[i32]) -> Result<String, ValueError> {
        let bytes: Vec<u8> = ints.iter().flat_map(|int| int.to_be_bytes()).collect();
        let mut out = Vec::new();
        array(&Encoding::Int4, &bytes, &mut out)?;
        Ok(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn dimensions_are_nested_and_bounds_forgotten() {
        assert_eq!(encoded(&[0, 0, 23]).as_deref(), Ok("[]"));
        assert_eq!(
            encoded(&[1, 1, 23, 3, 7, 4, 1, -1, 4, 3]).as_deref(),
            Ok("[1,null,3]")
        );
        let square = [2, 0, 23, 2, 1, 2, 1, 4, 1, 4, 2, 4, 3, 4, 4];
        assert_eq!(encoded(&square).as_deref(), Ok("[[1,2],[3,4]]"));
    }

    #[test]
    fn what_is_cut_or_too_long_is_no_array() {
        assert!(encoded(&[1, 0, 23, 2, 1, 4, 1]).is_err());
        assert!(encoded(&[1, 0, 23, 1, 1, 4, 1, 4, 2]).is_err());
        assert!(encoded(&[7, 0, 23]).is_err());
        assert!(encoded(&[-1, 0, 23]).is_err());
        assert!(encoded(&[1, 0, 23, i32::MAX, 1, -1]).is_err());
    }
}
