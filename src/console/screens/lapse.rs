//! How far a timestamp was moved, in two units: rounded down to one, 1 h 59 min would read 1 h.

const SECOND: i64 = 1_000_000;

/// A duration in microseconds, in its two largest units: `1 h 59 min`, `2 h`, `3 d 4 h`.
#[must_use]
pub fn in_words(micros: i64) -> String {
    let (first, second) = parts(micros);
    let (number, unit, _) = first;
    match second {
        Some((rest, smaller, _)) => format!("{number} {unit} {rest} {smaller}"),
        None => format!("{number} {unit}"),
    }
}

/// The same in as few columns as possible: `1h59m`, `2 h`.
#[must_use]
pub fn in_short(micros: i64) -> String {
    let (first, second) = parts(micros);
    let (number, unit, sign) = first;
    match second {
        Some((rest, _, smaller)) => format!("{number}{sign}{rest}{smaller}"),
        None => format!("{number} {unit}"),
    }
}

type Part = (i64, &'static str, char);

/// The two largest units; there is no second one if it is zero, or if there are a thousand days or
/// more.
fn parts(micros: i64) -> (Part, Option<Part>) {
    let seconds = micros.max(0) / SECOND;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let (first, second) = match seconds {
        0..60 => ((seconds, "s", 's'), (0, "s", 's')),
        60..3_600 => ((minutes, "min", 'm'), (seconds % 60, "s", 's')),
        3_600..86_400 => ((hours, "h", 'h'), (minutes % 60, "min", 'm')),
        _ => ((days, "d", 'd'), (hours % 24, "h", 'h')),
    };
    (
        first,
        Some(second).filter(|(rest, ..)| *rest > 0 && days < 1_000),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_by_two_units() {
        for (seconds, words, short) in [
            (9, "9 s", "9 s"),
            (119, "1 min 59 s", "1m59s"),
            (7_199, "1 h 59 min", "1h59m"),
            (7_200, "2 h", "2 h"),
            (90_000, "1 d 1 h", "1d1h"),
            (1_000 * 86_400 + 3_600, "1000 d", "1000 d"),
        ] {
            assert_eq!(in_words(seconds * SECOND), words);
            assert_eq!(in_short(seconds * SECOND), short);
        }
    }
}
