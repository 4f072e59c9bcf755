//! `real` and `double precision`, as printed by PostgreSQL with `extra_float_digits = 1`.
//!
//! Both PostgreSQL and zmij look for the fewest digits that read back as the same value, with one
//! difference: PostgreSQL avoids a number that lies exactly half-way to a neighbour, because a
//! reader that does not round to even would take it for the neighbour (its source, `ryu_common.h`,
//! `STRICTLY_SHORTEST`). 1e23 is such a number, and is printed as 9.999999999999999e+22.

use std::str::FromStr;

/// Largest power of five that can divide a mantissa of 54 bits: no number with more trailing zeros
/// lies half-way between two floats.
const MAX_HALFWAY_ZEROS: i32 = 23;

/// A binary float, and how PostgreSQL prints it.
trait Printed: zmij::Float + FromStr + std::fmt::LowerExp + PartialEq + Copy {
    /// From this power of ten on, the scientific form is used.
    const SCIENTIFIC_FROM: i32;
    /// Number of digits that suffice to tell any two values apart.
    const DIGITS: usize;

    /// Whether both PostgreSQL and zmij print numbers of this size in fixed form, the same except
    /// for a trailing `.0`.
    fn is_plain(self) -> bool;

    /// The value as mantissa × 2^exponent.
    fn parts(self) -> Parts;
}

struct Parts {
    mantissa: u64,
    exponent: i32,
    /// Whether the neighbour below is only half as far away as the one above.
    lower_is_closer: bool,
}

impl Printed for f32 {
    const SCIENTIFIC_FROM: i32 = 6;
    const DIGITS: usize = 9;

    fn is_plain(self) -> bool {
        (1e-4..1e6).contains(&self.abs()) || self == 0.0
    }

    fn parts(self) -> Parts {
        let bits = self.to_bits();
        Parts::new(u64::from(bits & 0x007f_ffff), (bits >> 23) & 0xff, 23, 150)
    }
}

impl Printed for f64 {
    const SCIENTIFIC_FROM: i32 = 15;
    const DIGITS: usize = 17;

    fn is_plain(self) -> bool {
        (1e-4..1e15).contains(&self.abs()) || self == 0.0
    }

    fn parts(self) -> Parts {
        let bits = self.to_bits();
        let exponent = (bits >> 52) as u32 & 0x7ff;
        Parts::new(bits & 0x000f_ffff_ffff_ffff, exponent, 52, 1075)
    }
}

impl Parts {
    const fn new(fraction: u64, exponent: u32, fraction_bits: u32, bias: i32) -> Self {
        let normal = exponent != 0;
        let hidden = if normal { 1 << fraction_bits } else { 0 };
        let exponent = exponent.cast_signed();
        Self {
            mantissa: fraction | hidden,
            exponent: if normal { exponent } else { 1 } - bias,
            lower_is_closer: fraction == 0 && exponent > 1,
        }
    }
}

/// A decimal number, digits × 10^exponent, whose digits have no trailing zeros.
#[derive(Clone, Copy)]
struct Decimal {
    digits: u64,
    exponent: i32,
}

pub(super) fn float4(value: f32, out: &mut Vec<u8>) {
    if value.is_finite() {
        finite(value, out);
    } else {
        not_finite(value.into(), out);
    }
}

pub(super) fn float8(value: f64, out: &mut Vec<u8>) {
    if value.is_finite() {
        finite(value, out);
    } else {
        not_finite(value, out);
    }
}

#[cold]
fn not_finite(value: f64, out: &mut Vec<u8>) {
    let word: &[u8] = if value.is_nan() {
        b"\"NaN\""
    } else if value > 0.0 {
        b"\"Infinity\""
    } else {
        b"\"-Infinity\""
    };
    out.extend_from_slice(word);
}

fn finite<F: Printed>(value: F, out: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(value);
    if value.is_plain() {
        let digits = shortest.strip_suffix(".0").unwrap_or(shortest);
        out.extend_from_slice(digits.as_bytes());
        return;
    }
    let unsigned = shortest.strip_prefix('-').unwrap_or(shortest);
    if unsigned.len() < shortest.len() {
        out.push(b'-');
    }
    let mut decimal = Decimal::read(unsigned);
    if decimal.is_halfway(&value.parts()) {
        decimal = decimal.next_longer(value);
    }
    decimal.print(F::SCIENTIFIC_FROM, out);
}

impl Decimal {
    /// Reads the output of a formatter: digits, perhaps a point, perhaps an exponent.
    fn read(text: &str) -> Self {
        let (number, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let fraction = number.find('.').map_or(0, |point| number.len() - point - 1);
        let mut digits = number
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0, |digits, byte| digits * 10 + u64::from(byte - b'0'));
        let mut exponent =
            exponent.parse().unwrap_or(0) - i32::try_from(fraction).unwrap_or(i32::MAX);
        while digits != 0 && digits.is_multiple_of(10) {
            digits /= 10;
            exponent += 1;
        }
        Self { digits, exponent }
    }

    /// Whether this number lies exactly half-way between the value of `parts` and a neighbour.
    ///
    /// That point is (2·mantissa ± 1) × 2^(exponent − 1), an odd number times a power of two. A
    /// number with digits after the point never lies there: the value itself would then have no
    /// more digits than that number, and would be closer.
    fn is_halfway(self, parts: &Parts) -> bool {
        if !(1..=MAX_HALFWAY_ZEROS).contains(&self.exponent) {
            return false;
        }
        let zeros = self.exponent.unsigned_abs();
        let product = u128::from(self.digits) * u128::from(5_u64.pow(zeros));
        let twos = product.trailing_zeros();
        let odd = product >> twos;
        let power = (zeros + twos).cast_signed();
        let mantissa = u128::from(parts.mantissa);
        let regular = power == parts.exponent - 1 && odd.abs_diff(2 * mantissa) == 1;
        let closer = power == parts.exponent - 2 && odd == 4 * mantissa - 1;
        regular || (parts.lower_is_closer && closer)
    }

    /// Returns the shortest number with more digits than this one that reads back as `value` and is
    /// not half-way to a neighbour either.
    #[cold]
    fn next_longer<F: Printed>(self, value: F) -> Self {
        let length = self.digits.ilog10() as usize + 1;
        (length..F::DIGITS)
            .filter_map(|after_first| {
                let text = format!("{value:.after_first$e}");
                let reads_back = text.parse().is_ok_and(|read: F| read == value);
                reads_back.then(|| Self::read(text.trim_start_matches('-')))
            })
            .find(|longer| !longer.is_halfway(&value.parts()))
            .unwrap_or(self)
    }

    /// Writes the number: in fixed form from 10^-4 on and below 10^`scientific_from`, otherwise in
    /// scientific form with a sign and at least two digits in its exponent.
    fn print(self, scientific_from: i32, out: &mut Vec<u8>) {
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(self.digits).as_bytes();
        let after_first = i32::try_from(digits.len() - 1).unwrap_or(i32::MAX);
        let magnitude = self.exponent + after_first;
        if (-4..scientific_from).contains(&magnitude) {
            fixed(digits, self.exponent, magnitude, out);
        } else {
            scientific(digits, magnitude, out);
        }
    }
}

fn fixed(digits: &[u8], exponent: i32, magnitude: i32, out: &mut Vec<u8>) {
    let zeros = |count: i32| std::iter::repeat_n(b'0', usize::try_from(count).unwrap_or(0));
    if magnitude < 0 {
        out.extend_from_slice(b"0.");
        out.extend(zeros(-magnitude - 1));
        out.extend_from_slice(digits);
    } else if exponent >= 0 {
        out.extend_from_slice(digits);
        out.extend(zeros(exponent));
    } else {
        let (before, after) = digits.split_at(digits.len() - exponent.unsigned_abs() as usize);
        out.extend_from_slice(before);
        out.push(b'.');
        out.extend_from_slice(after);
    }
}

fn scientific(digits: &[u8], magnitude: i32, out: &mut Vec<u8>) {
    let (first, rest) = digits.split_at(1);
    out.extend_from_slice(first);
    if !rest.is_empty() {
        out.push(b'.');
        out.extend_from_slice(rest);
    }
    out.extend_from_slice(if magnitude < 0 { b"e-" } else { b"e+" });
    let power = magnitude.unsigned_abs();
    if power < 10 {
        out.push(b'0');
    }
    out.extend_from_slice(itoa::Buffer::new().format(power).as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eight(value: f64) -> String {
        let mut out = Vec::new();
        float8(value, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    fn four(value: f32) -> String {
        let mut out = Vec::new();
        float4(value, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn the_form_changes_where_postgresql_changes_it() {
        assert_eq!(eight(0.0), "0");
        assert_eq!(eight(-0.0), "-0");
        assert_eq!(eight(1.5), "1.5");
        assert_eq!(eight(1e-4), "0.0001");
        assert_eq!(eight(1e-5), "1e-05");
        assert_eq!(eight(123_456_789_012_345.0), "123456789012345");
        assert_eq!(eight(1e15), "1e+15");
        assert_eq!(eight(-1.5e300), "-1.5e+300");
        assert_eq!(four(999_999.0), "999999");
        assert_eq!(four(1e6), "1e+06");
        assert_eq!(four(1.0e-5), "1e-05");
        assert_eq!(four(f32::MAX), "3.4028235e+38");
    }

    #[test]
    fn what_is_no_number_is_quoted() {
        assert_eq!(eight(f64::NAN.copysign(-1.0)), "\"NaN\"");
        assert_eq!(four(f32::INFINITY), "\"Infinity\"");
        assert_eq!(eight(f64::NEG_INFINITY), "\"-Infinity\"");
    }

    // From PostgreSQL's own tests (float8.sql, float4.sql), which compare these numbers with other
    // printers.
    #[test]
    fn a_number_half_way_to_a_neighbour_is_avoided() {
        let bits = |bits| eight(f64::from_bits(bits));
        assert_eq!(bits(0x44b5_2d02_c7e1_4af5), "9.999999999999997e+22");
        assert_eq!(bits(0x44b5_2d02_c7e1_4af6), "9.999999999999999e+22");
        assert_eq!(bits(0x44b5_2d02_c7e1_4af7), "1.0000000000000001e+23");
        assert_eq!(bits(0x0000_0000_0000_0001), "5e-324");
        assert_eq!(four(f32::from_bits(0x0000_0001)), "1e-45");
    }

    proptest! {
        #[test]
        fn every_double_reads_back(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(eight(value).parse::<f64>().expect("a number").to_bits(), bits);
        }

        #[test]
        fn every_float_reads_back(bits: u32) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(four(value).parse::<f32>().expect("a number").to_bits(), bits);
        }
    }
}
