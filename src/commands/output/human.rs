//! Numbers as people read them.

use std::time::Duration;

/// `1204` as `1,204`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A size with three significant digits at most: `378 MB`, decimal units as S3 bills them.
#[must_use]
pub fn bytes(n: u64) -> String {
    scaled(n, &["B", "kB", "MB", "GB", "TB", "PB"])
}

/// A large number in short: `1.1 M`.
#[must_use]
pub fn short(n: u64) -> String {
    scaled(n, &["", "k", "M", "G", "T", "P"])
        .trim_end()
        .to_owned()
}

fn scaled(n: u64, units: &[&str]) -> String {
    let mut unit = 0;
    // Rounding to three digits for a reader: what a float loses does not show.
    #[expect(clippy::cast_precision_loss)]
    let mut value = n as f64;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(unit > 0 && value < 9.95);
    format!("{value:.decimals$} {}", units[unit])
}

/// A duration by its two largest units: `9 s`, `4 min 10 s`, `2 h 5 min`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, min, s) => format!("{min} min {s} s"),
        (h, min, _) => format!("{h} h {min} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_204), "1,204");
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn sizes_are_rounded_to_what_a_reader_takes_in() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_000), "1.0 kB");
        assert_eq!(bytes(378_000_000), "378 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(short(1_100_000), "1.1 M");
        assert_eq!(short(12), "12");
    }

    #[test]
    fn durations_show_two_units() {
        let text = |seconds| duration(Duration::from_secs(seconds));
        assert_eq!(text(9), "9 s");
        assert_eq!(text(250), "4 min 10 s");
        assert_eq!(text(7_500), "2 h 5 min");
    }
}
