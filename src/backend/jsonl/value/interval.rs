//! `interval` under `IntervalStyle = iso_8601`.

use super::super::error::ValueError;
use super::digits::two;
use super::{fixed, integer};

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Appends an interval, given as microseconds, days and months, as written by `interval_send`. The longest and
/// the shortest are infinite (PostgreSQL source, `INTERVAL_IS_NOBEGIN`).
///
/// # Errors
/// The bytes are not an interval.
pub(super) fn interval(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let text: &[u8] = match parts(bytes)? {
        (i64::MAX, i32::MAX, i32::MAX) => b"\"infinity\"",
        (i64::MIN, i32::MIN, i32::MIN) => b"\"-infinity\"",
        _ => return finite(bytes, out),
    };
    out.extend_from_slice(text);
    Ok(())
}

/// Appends an interval that cannot be infinite. Zero fields are left out, and each field has its own sign
/// (PostgreSQL source, `EncodeInterval`).
///
/// # Errors
/// The bytes are not an interval.
pub(super) fn finite(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let (time, days, months) = parts(bytes)?;
    if (time, days, months) == (0, 0, 0) {
        out.extend_from_slice(b"\"PT0S\"");
        return Ok(());
    }
    out.extend_from_slice(b"\"P");
    part(months / 12, b'Y', out);
    part(months % 12, b'M', out);
    part(days, b'D', out);
    clock(time, out);
    out.push(b'"');
    Ok(())
}

/// Returns microseconds, days and months.
fn parts(bytes: &[u8]) -> Result<(i64, i32, i32), ValueError> {
    let bytes: [u8; 16] = fixed(bytes)?;
    let [time @ .., _, _, _, _, _, _, _, _] = bytes;
    let [_, _, _, _, _, _, _, _, d0, d1, d2, d3, m0, m1, m2, m3] = bytes;
    Ok((
        i64::from_be_bytes(time),
        i32::from_be_bytes([d0, d1, d2, d3]),
        i32::from_be_bytes([m0, m1, m2, m3]),
    ))
}

fn clock(time: i64, out: &mut Vec<u8>) {
    if time == 0 {
        return;
    }
    out.push(b'T');
    part(time / HOUR, b'H', out);
    part(time % HOUR / MINUTE, b'M', out);
    let rest = time % MINUTE;
    if rest == 0 {
        return;
    }
    if rest < 0 {
        out.push(b'-');
    }
    let (seconds, micros) = (
        rest.unsigned_abs() / 1_000_000,
        rest.unsigned_abs() % 1_000_000,
    );
    integer(seconds, out);
    if micros != 0 {
        out.push(b'.');
        let micros = u32::try_from(micros).unwrap_or_default();
        for pair in [micros / 10_000, micros / 100, micros] {
            out.extend_from_slice(&two(pair));
        }
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    out.push(b'S');
}

fn part<T: itoa::Integer + Default + PartialEq>(value: T, unit: u8, out: &mut Vec<u8>) {
    if value != T::default() {
        integer(value, out);
        out.push(unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(months: i32, days: i32, time: i64) -> String {
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend(days.to_be_bytes());
        bytes.extend(months.to_be_bytes());
        let mut out = Vec::new();
        interval(&bytes, &mut out).expect("an interval");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn zero_fields_are_left_out_and_each_has_its_sign() {
        assert_eq!(encoded(0, 0, 0), "\"PT0S\"");
        assert_eq!(encoded(14, 3, 0), "\"P1Y2M3D\"");
        assert_eq!(encoded(-14, 3, -4 * HOUR), "\"P-1Y-2M3DT-4H\"");
        assert_eq!(encoded(0, 0, 90 * SECOND + 500_000), "\"PT1M30.5S\"");
        assert_eq!(encoded(0, 0, -1), "\"PT-0.000001S\"");
        assert_eq!(encoded(0, 0, MINUTE), "\"PT1M\"");
    }
}
