//! Dates and times, as printed by PostgreSQL in ISO 8601 (its source, `EncodeDateTime` with
//! `USE_XSD_DATES`).

use super::super::error::ValueError;
use super::digits::{four, two};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// Days between 0000-03-01, where the first year of the calendar arithmetic begins, and 2000-01-01.
const EPOCH_DAY: i64 = 730_425;

/// Days of 400 years, after which the Gregorian calendar repeats itself.
const DAYS_PER_ERA: i64 = 146_097;

/// Number of 400-year periods added, so that no day that can be sent is negative.
const ERAS_BEFORE: i64 = 15_000;

/// Zones are less than this many seconds from UTC (PostgreSQL source, `TZDISP_LIMIT`).
const ZONE_LIMIT: i32 = 16 * 3600;

/// A short text being assembled, with room for the longest timestamp.
struct Short {
    bytes: [u8; 64],
    len: usize,
}

impl Short {
    const fn quoted() -> Self {
        let mut bytes = [0; 64];
        bytes[0] = b'"';
        Self { bytes, len: 1 }
    }

    #[inline]
    fn push(&mut self, text: &[u8]) {
        self.bytes[self.len..self.len + text.len()].copy_from_slice(text);
        self.len += text.len();
    }

    /// Appends it with a closing quote. All bytes are copied, because a copy whose length is known at
    /// compile time needs no call, and those after the end are then cut off.
    #[inline]
    fn finish(mut self, out: &mut Vec<u8>) {
        self.push(b"\"");
        let end = out.len() + self.len;
        out.extend_from_slice(&self.bytes);
        out.truncate(end);
    }
}

/// Appends a date, given in days since 2000-01-01.
pub(super) fn date(days: i32, out: &mut Vec<u8>) {
    if infinite(
        i64::from(days),
        i64::from(i32::MIN),
        i64::from(i32::MAX),
        out,
    ) {
        return;
    }
    let mut text = Short::quoted();
    let before_christ = push_date(i64::from(days), &mut text);
    push_era(before_christ, &mut text);
    text.finish(out);
}

/// Appends a timestamp, given in microseconds since 2000-01-01, with `zone` as its offset.
pub(super) fn timestamp(micros: i64, zone: &str, out: &mut Vec<u8>) {
    if infinite(micros, i64::MIN, i64::MAX, out) {
        return;
    }
    let mut text = Short::quoted();
    let before_christ = push_date(micros.div_euclid(MICROS_PER_DAY), &mut text);
    text.push(b"T");
    push_time(micros.rem_euclid(MICROS_PER_DAY), &mut text);
    text.push(zone.as_bytes());
    push_era(before_christ, &mut text);
    text.finish(out);
}

/// Appends a time of day, given in microseconds since midnight; 24:00:00 is valid.
pub(super) fn time(micros: i64, out: &mut Vec<u8>) -> Result<(), ValueError> {
    let mut text = Short::quoted();
    push_time(time_of_day(micros)?, &mut text);
    text.finish(out);
    Ok(())
}

/// Appends a time of day with its zone, given as microseconds since midnight and seconds *west* of UTC.
pub(super) fn time_with_zone(bytes: &[u8; 12], out: &mut Vec<u8>) -> Result<(), ValueError> {
    let [t0, t1, t2, t3, t4, t5, t6, t7, zone @ ..] = *bytes;
    let micros = i64::from_be_bytes([t0, t1, t2, t3, t4, t5, t6, t7]);
    let west = i32::from_be_bytes(zone);
    if !(1 - ZONE_LIMIT..ZONE_LIMIT).contains(&west) {
        return Err(ValueError::Content { what: "time zone" });
    }
    let mut text = Short::quoted();
    push_time(time_of_day(micros)?, &mut text);
    push_zone(west, &mut text);
    text.finish(out);
    Ok(())
}

/// Writes `infinity` or `-infinity` if `value` is one of the two ends of its range, and returns whether
/// it was.
fn infinite(value: i64, lowest: i64, highest: i64, out: &mut Vec<u8>) -> bool {
    let word: &[u8] = if value == highest {
        b"\"infinity\""
    } else if value == lowest {
        b"\"-infinity\""
    } else {
        return false;
    };
    out.extend_from_slice(word);
    true
}

fn time_of_day(micros: i64) -> Result<i64, ValueError> {
    if (0..=MICROS_PER_DAY).contains(&micros) {
        Ok(micros)
    } else {
        Err(ValueError::Content {
            what: "time of day",
        })
    }
}

/// Writes year, month and day, and returns whether the year is BC.
#[inline]
fn push_date(days: i64, text: &mut Short) -> bool {
    let (year, month, day) = civil(days);
    let ([m0, m1], [d0, d1]) = (two(month), two(day));
    // The year before 1 is 1 BC.
    let shown = if year > 0 { year } else { 1 - year };
    if let Ok(shown @ 0..10_000) = u32::try_from(shown) {
        let [y0, y1, y2, y3] = four(shown);
        text.push(&[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1]);
    } else {
        text.push(itoa::Buffer::new().format(shown).as_bytes());
        text.push(&[b'-', m0, m1, b'-', d0, d1]);
    }
    year <= 0
}

/// Returns year, month and day.
///
/// The arithmetic is that of the proleptic Gregorian calendar with years that begin in March, so that a
/// leap day is the last day of its year. It divides by powers of two where the range of the dividend
/// allows that (C. Neri and L. Schneider, "Euclidean affine functions and their application to calendar
/// algorithms", 2023).
#[inline]
const fn civil(days: i64) -> (i64, u32, u32) {
    /// 2^32 / (4 * 365.25): gives the year and the day of a century from four times its days.
    const PER_YEAR: u64 = 2_939_745;
    /// 2^16 / 30.6: gives the month and the day of a year from its days.
    const PER_MONTH: u32 = 2_141;
    let quarters = 4 * (days + EPOCH_DAY + ERAS_BEFORE * DAYS_PER_ERA).cast_unsigned() + 3;
    let (century, quarters) = (quarters / 146_097, quarters % 146_097);
    let scaled = PER_YEAR * (quarters | 3);
    let year = 100 * century + (scaled >> 32);
    let day = (scaled & 0xffff_ffff) / PER_YEAR / 4;
    let scaled = PER_MONTH * low(day.cast_signed()) + 197_913;
    let (month, day) = (scaled >> 16, (scaled & 0xffff) / PER_MONTH + 1);
    let year = year.cast_signed() - 400 * ERAS_BEFORE;
    if month > 12 {
        (year + 1, month - 12, day)
    } else {
        (year, month, day)
    }
}

fn push_era(before_christ: bool, text: &mut Short) {
    if before_christ {
        text.push(b" BC");
    }
}

/// Writes hours, minutes, seconds, and the fraction without trailing zeros.
#[inline]
fn push_time(micros: i64, text: &mut Short) {
    push_clock(low(micros / MICROS_PER_SECOND), text);
    let fraction = low(micros % MICROS_PER_SECOND);
    if fraction != 0 {
        let mut digits = *b" .------";
        digits[2..4].copy_from_slice(&two(fraction / 10_000));
        digits[4..].copy_from_slice(&four(fraction));
        let differing = u64::from_be_bytes(digits) ^ u64::from_be_bytes([b'0'; 8]);
        let zeros = differing.trailing_zeros() / 8;
        text.push(&digits[1..]);
        text.len -= zeros as usize;
    }
}

#[inline]
fn push_clock(seconds: u32, text: &mut Short) {
    let minutes = seconds / 60;
    let ([h0, h1], [m0, m1]) = (two(minutes / 60), two(minutes % 60));
    let [s0, s1] = two(seconds % 60);
    text.push(&[h0, h1, b':', m0, m1, b':', s0, s1]);
}

/// Writes an offset from UTC with no more parts than it needs: `+01`, `-03:30`, `+00:19:32`.
fn push_zone(west: i32, text: &mut Short) {
    text.push(if west <= 0 { b"+" } else { b"-" });
    let offset = west.unsigned_abs();
    let start = text.len;
    push_clock(offset, text);
    text.len = if !offset.is_multiple_of(60) {
        text.len
    } else if !offset.is_multiple_of(3600) {
        start + 5
    } else {
        start + 2
    };
}

/// Converts a number that the arithmetic has made small and non-negative.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "every caller passes a part of a date or of a day, below a million"
)]
const fn low(value: i64) -> u32 {
    value as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated(days: i32) -> String {
        let mut out = Vec::new();
        date(days, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    fn stamped(micros: i64, zone: &str) -> String {
        let mut out = Vec::new();
        timestamp(micros, zone, &mut out);
        String::from_utf8(out).expect("ASCII")
    }

    fn zoned(micros: i64, west: i32) -> Result<String, ValueError> {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&micros.to_be_bytes());
        bytes[8..].copy_from_slice(&west.to_be_bytes());
        let mut out = Vec::new();
        time_with_zone(&bytes, &mut out)?;
        Ok(String::from_utf8(out).expect("ASCII"))
    }

    #[test]
    fn dates_reach_from_4713_bc_to_the_year_5874897() {
        assert_eq!(dated(0), "\"2000-01-01\"");
        assert_eq!(dated(59), "\"2000-02-29\"");
        assert_eq!(dated(-730_119), "\"0001-01-01\"");
        assert_eq!(dated(-730_120), "\"0001-12-31 BC\"");
        assert_eq!(dated(-2_451_545), "\"4714-11-24 BC\"");
        assert_eq!(dated(2_145_031_948), "\"5874897-12-31\"");
        assert_eq!(dated(i32::MAX), "\"infinity\"");
        assert_eq!(dated(i32::MIN), "\"-infinity\"");
    }

    #[test]
    fn every_day_of_a_thousand_years_has_its_date() {
        let first = chrono::NaiveDate::from_ymd_opt(1599, 12, 31).expect("a day");
        let epoch = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day");
        let days = first.iter_days().take(365_250);
        for (days, day) in (first.signed_duration_since(epoch).num_days()..).zip(days) {
            let days = i32::try_from(days).expect("few");
            assert_eq!(dated(days), format!("\"{day}\""));
        }
    }

    #[test]
    fn a_fraction_has_no_zeros_at_its_end() {
        assert_eq!(stamped(0, ""), "\"2000-01-01T00:00:00\"");
        assert_eq!(stamped(123_000, ""), "\"2000-01-01T00:00:00.123\"");
        assert_eq!(
            stamped(-1, "+00:00"),
            "\"1999-12-31T23:59:59.999999+00:00\""
        );
        assert_eq!(stamped(100_001, ""), "\"2000-01-01T00:00:00.100001\"");
        assert_eq!(stamped(i64::MIN, ""), "\"-infinity\"");
    }

    #[test]
    fn no_number_of_days_or_microseconds_is_too_large() {
        for value in [i64::MIN + 1, i64::MAX - 1] {
            assert!(stamped(value, "+00:00").starts_with('"'));
        }
        assert!(dated(i32::MIN + 1).ends_with(" BC\""));
    }

    #[test]
    fn a_zone_is_east_of_utc_where_it_is_sent_as_negative() {
        assert_eq!(zoned(0, 0).as_deref(), Ok("\"00:00:00+00\""));
        assert_eq!(zoned(0, -3600).as_deref(), Ok("\"00:00:00+01\""));
        assert_eq!(zoned(0, 12_600).as_deref(), Ok("\"00:00:00-03:30\""));
        assert_eq!(
            zoned(MICROS_PER_DAY, -1172).as_deref(),
            Ok("\"24:00:00+00:19:32\"")
        );
        assert!(zoned(-1, 0).is_err());
        assert!(zoned(0, ZONE_LIMIT).is_err());
        assert!(zoned(0, i32::MIN).is_err());
    }
}
