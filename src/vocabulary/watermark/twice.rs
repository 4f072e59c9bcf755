//! Times that clocks show twice: those of the hour by which they are set back in autumn.

use chrono::{DateTime, LocalResult, TimeZone, Utc};
use chrono_tz::Tz;

use super::Watermark;

/// A span of time, `from <= at < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondPass {
    pub from: Watermark,
    pub to: Watermark,
}

/// The instants at which clocks in `timezone` show the time of `at` for the first and for the second time, if they
/// show it twice.
pub(super) fn both_times(at: Watermark, timezone: Tz) -> Option<[Watermark; 2]> {
    let local = at.to_datetime().with_timezone(&timezone).naive_local();
    let instant = |at: DateTime<Tz>| Watermark::from(at.with_timezone(&Utc));
    match timezone.from_local_datetime(&local) {
        LocalResult::Ambiguous(first, second) => Some([instant(first), instant(second)]),
        _ => None,
    }
}

/// The span around `at` in which clocks in `timezone` show times that they have shown before; `None` if `at` is not
/// in one.
pub(super) fn second_pass(at: Watermark, timezone: Tz) -> Option<SecondPass> {
    let first_time = |at: Watermark| {
        let [first, second] = both_times(at, timezone)?;
        (second == at).then_some(first)
    };
    let first = first_time(at)?;
    let length = at.micros() - first.micros();
    // The second pass began after `first`, and has not ended at `at`: its beginning is searched for in between.
    let (mut before, mut from) = (first, at);
    while let Some(middle) = Watermark::from_micros(before.micros().midpoint(from.micros()))
        && middle > before
    {
        if first_time(middle).is_some() {
            from = middle;
        } else {
            before = middle;
        }
    }
    let to = Watermark::from_micros(from.micros() + length)?;
    Some(SecondPass { from, to })
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn at(text: &str) -> Watermark {
        read(text, Tz::UTC).expect("a timestamp")
    }

    #[test]
    fn the_second_pass_lasts_as_long_as_clocks_were_set_back() {
        for (zone, inside, from, to) in [
            (
                Tz::Europe__London,
                "2026-10-25T01:59:59.999999Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T02:00:00Z",
            ),
            (
                Tz::America__New_York,
                "2026-11-01T06:00:00Z",
                "2026-11-01T06:00:00Z",
                "2026-11-01T07:00:00Z",
            ),
            (
                Tz::Australia__Lord_Howe,
                "2026-04-04T15:10:00Z",
                "2026-04-04T15:00:00Z",
                "2026-04-04T15:30:00Z",
            ),
        ] {
            let pass = SecondPass {
                from: at(from),
                to: at(to),
            };
            assert_eq!(second_pass(at(inside), zone), Some(pass), "{zone}");
            assert_eq!(second_pass(pass.from.predecessor(), zone), None, "{zone}");
            assert_eq!(second_pass(pass.to, zone), None, "{zone}");
        }
    }
}
