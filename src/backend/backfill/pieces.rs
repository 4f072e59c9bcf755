//! Cutting a range into chunks, leaving out what has been written already.

use std::time::Duration;

use crate::vocabulary::Watermark;

/// More chunks than this mean that their length is a mistake.
pub(super) const MOST: u64 = 100_000;

/// Rows `from <= ts < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub from: Watermark,
    pub to: Watermark,
}

/// How many chunks of `length` a span has, the last one perhaps shorter.
pub(super) fn count(span: Span, length: Duration) -> u64 {
    let micros = span.to.micros().abs_diff(span.from.micros());
    micros.div_ceil(u64::try_from(length.as_micros()).unwrap_or(u64::MAX).max(1))
}

/// The parts of `span` that no `covered` span holds, in order, cut into chunks. A chunk begins at a multiple
/// of `length` after the beginning of `span`, or where a covered span ends.
pub(super) fn pieces(span: Span, length: Duration, covered: &[Span]) -> Vec<Span> {
    let length = i64::try_from(length.as_micros()).unwrap_or(i64::MAX).max(1);
    let mut pieces = Vec::new();
    let mut from = span.from;
    while from < span.to {
        if let Some(there) = covered.iter().find(|c| c.from <= from && from < c.to) {
            from = there.to;
            continue;
        }
        let whole = (from.micros() - span.from.micros()) / length + 1;
        let end = span
            .from
            .micros()
            .saturating_add(whole.saturating_mul(length));
        let end = Watermark::from_micros(end).map_or(span.to, |end| end.min(span.to));
        let next = covered.iter().map(|c| c.from).filter(|c| *c > from).min();
        let to = next.map_or(end, |next| next.min(end));
        pieces.push(Span { from, to });
        from = to;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_micros(10);

    fn span(from: i64, to: i64) -> Span {
        let at = |micros| Watermark::from_micros(micros).expect("a timestamp");
        Span {
            from: at(from),
            to: at(to),
        }
    }

    #[test]
    fn a_range_is_cut_from_its_beginning_and_the_last_chunk_may_be_shorter() {
        let cut = pieces(span(5, 28), LENGTH, &[]);
        assert_eq!(cut, [span(5, 15), span(15, 25), span(25, 28)]);
        assert_eq!(count(span(5, 28), LENGTH), 3);
        assert_eq!(pieces(span(5, 5), LENGTH, &[]), []);
    }

    #[test]
    fn what_is_there_is_left_out_also_where_it_was_cut_otherwise() {
        let there = [span(5, 15), span(18, 21)];
        let cut = pieces(span(5, 28), LENGTH, &there);
        assert_eq!(cut, [span(15, 18), span(21, 25), span(25, 28)]);
        assert_eq!(pieces(span(5, 28), LENGTH, &[span(0, 99)]), []);
    }

    #[test]
    fn pieces_and_what_is_there_make_up_the_range() {
        for seed in 0..200_i64 {
            let there: Vec<Span> = (0..3)
                .map(|i| {
                    let from = i * 40 + (seed * 7 + i) % 13;
                    span(from, from + (seed * 3 + i) % 25 + 1)
                })
                .collect();
            let whole = span(seed % 11, 100 + seed % 17);
            let mut all = pieces(whole, LENGTH, &there);
            all.extend(
                there
                    .iter()
                    .filter(|c| c.to > whole.from && c.from < whole.to),
            );
            all.sort_unstable();
            let mut at = whole.from;
            for piece in all {
                assert!(
                    piece.from <= at && (piece.from == at || at == whole.from),
                    "{seed}"
                );
                at = piece.to;
            }
            assert!(at >= whole.to, "{seed}");
        }
    }
}
