//! `numeric`, converted from its base-10,000 digits directly to text.

use super::super::error::ValueError;
use super::digits::four;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xc000;
const INFINITY: u16 = 0xd000;
const NEGATIVE_INFINITY: u16 = 0xf000;

/// Maximum number of digits after the point (PostgreSQL source, `NUMERIC_DSCALE_MASK`).
const MAX_SCALE: u16 = 0x3fff;

const DAMAGED: ValueError = ValueError::Content { what: "numeric" };

/// Appends a numeric in full precision, as printed by `numeric_out`; NaN and the infinities become
/// strings, because they are not JSON numbers.
///
/// The binary form (PostgreSQL source, `numeric_send`): number of digits, weight of the first digit
/// as a power of 10,000, sign, number of decimal digits after the point, then the digits in two
/// bytes each.
pub(super) fn numeric(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let Some((&[n0, n1, w0, w1, s0, s1, d0, d1], digits)) = bytes.split_first_chunk() else {
        return Err(ValueError::Size { found: bytes.len() });
    };
    let (count, weight) = (u16::from_be_bytes([n0, n1]), i16::from_be_bytes([w0, w1]));
    let (sign, scale) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    let (digits, rest) = digits.as_chunks::<2>();
    if digits.len() != usize::from(count) || !rest.is_empty() || scale > MAX_SCALE {
        return Err(DAMAGED);
    }
    let word: &[u8] = match sign {
        0 => b"",
        NEGATIVE => b"-",
        NAN => b"\"NaN\"",
        INFINITY => b"\"Infinity\"",
        NEGATIVE_INFINITY => b"\"-Infinity\"",
        _ => return Err(DAMAGED),
    };
    out.extend_from_slice(word);
    if word.len() > 1 {
        return Ok(());
    }
    let fraction_from = integral(digits, weight, out)?;
    fraction(digits, fraction_from, usize::from(scale), out)
}

/// Appends what comes before the point, and returns the index in `digits` of the first digit after
/// it, which is negative if zeros precede the first stored digit.
fn integral(digits: &[[u8; 2]], weight: i16, out: &mut Vec<u8>) -> Result<isize, ValueError> {
    let after = isize::from(weight) + 1;
    let Ok(before) = usize::try_from(weight) else {
        out.push(b'0');
        return Ok(after);
    };
    let first = four(value(*digits.first().unwrap_or(&[0, 0]))?);
    let leading = first.iter().take(3).take_while(|&&d| d == b'0').count();
    out.extend_from_slice(&first[leading..]);
    let end = out.len() + 4 * before;
    let stored = digits.get(1..).unwrap_or_default();
    groups(&stored[..stored.len().min(before)], out)?;
    out.resize(end, b'0');
    Ok(after)
}

/// Appends the point and `scale` decimal digits after it.
fn fraction(
    digits: &[[u8; 2]],
    from: isize,
    scale: usize,
    out: &mut Vec<u8>,
) -> Result<(), ValueError> {
    if scale == 0 {
        return Ok(());
    }
    out.push(b'.');
    let end = out.len() + scale;
    let zeros = usize::try_from(-from).map_or(0, |groups| scale.min(4 * groups));
    out.resize(out.len() + zeros, b'0');
    let stored =
        usize::try_from(from).map_or(digits, |from| digits.get(from..).unwrap_or_default());
    let shown = (scale - zeros).div_ceil(4);
    groups(&stored[..stored.len().min(shown)], out)?;
    out.resize(end, b'0');
    Ok(())
}

/// Appends base-10,000 digits, each as four decimal digits.
fn groups(digits: &[[u8; 2]], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let start = out.len();
    out.resize(start + 4 * digits.len(), b'0');
    let (texts, _) = out[start..].as_chunks_mut();
    for (text, digit) in texts.iter_mut().zip(digits) {
        *text = four(value(*digit)?);
    }
    Ok(())
}

/// Reads a base-10,000 digit.
#[inline]
fn value(digit: [u8; 2]) -> Result<u32, ValueError> {
    match u16::from_be_bytes(digit) {
        value @ 0..10_000 => Ok(u32::from(value)),
        _ => Err(DAMAGED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Result<String, ValueError> {
        let count = u16::try_from(digits.len()).expect("few digits");
        let mut bytes = count.to_be_bytes().to_vec();
        bytes.extend(weight.to_be_bytes());
        bytes.extend(sign.to_be_bytes());
        bytes.extend(scale.to_be_bytes());
        bytes.extend(digits.iter().flat_map(|digit| digit.to_be_bytes()));
        let mut out = Vec::new();
        numeric(&bytes, &mut out)?;
        Ok(String::from_utf8(out).expect("digits"))
    }

    #[test]
    fn digits_are_placed_by_weight_and_cut_by_scale() {
        let is =
            |value: Result<String, _>, expected: &str| assert_eq!(value.as_deref(), Ok(expected));
        is(printed(0, 0, 0, &[]), "0");
        is(printed(0, 0, 2, &[]), "0.00");
        is(printed(0, 0, 2, &[12, 3400]), "12.34");
        is(printed(1, NEGATIVE, 0, &[1, 5]), "-10005");
        is(printed(2, 0, 1, &[7]), "700000000.0");
        is(printed(-1, 0, 3, &[10]), "0.001");
        is(printed(-3, 0, 14, &[1234]), "0.00000000123400");
    }

    #[test]
    fn what_is_no_number_is_quoted() {
        assert_eq!(printed(0, NAN, 0, &[]).as_deref(), Ok("\"NaN\""));
        assert_eq!(printed(0, INFINITY, 0, &[]).as_deref(), Ok("\"Infinity\""));
        assert_eq!(
            printed(0, NEGATIVE_INFINITY, 0, &[]).as_deref(),
            Ok("\"-Infinity\"")
        );
    }

    #[test]
    fn a_digit_or_a_sign_that_cannot_be_is_refused() {
        assert_eq!(printed(0, 0, 0, &[10_000]), Err(DAMAGED));
        assert_eq!(printed(0, 1, 0, &[1]), Err(DAMAGED));
        assert_eq!(
            numeric(&[0; 7], &mut Vec::new()),
            Err(ValueError::Size { found: 7 })
        );
        assert_eq!(numeric(&[0; 9], &mut Vec::new()), Err(DAMAGED));
    }
}
