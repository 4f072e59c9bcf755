//! A line of bars: a trend at a glance.

const BARS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Levels of a spark. The full bar is left out, as it would touch the line above.
const LEVELS: u64 = 6;

/// One bar for each value. Zero is the lowest bar and anything above zero is higher: pending rows
/// never look like none. If all values are equal, the bars are of middle height.
#[must_use]
pub fn spark(values: &[u64]) -> String {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let is_flat = values.iter().all(|value| *value == most);
    let level = |value: u64| {
        let steps = u128::from(value) * u128::from(LEVELS);
        usize::try_from(steps.div_ceil(u128::from(most))).unwrap_or(0)
    };
    values
        .iter()
        .map(|value| BARS[if is_flat { 3 } else { level(*value) }])
        .collect()
}

/// Bars `lines` high, the top line first.
#[must_use]
pub fn bars(values: &[u64], lines: usize) -> Vec<String> {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let eighths = |value: u64| -> usize {
        let full = u128::try_from(lines * 8).unwrap_or(u128::MAX);
        usize::try_from((u128::from(value) * full).div_ceil(u128::from(most))).unwrap_or(0)
    };
    (0..lines)
        .rev()
        .map(|line| {
            let column = |value: &u64| match eighths(*value).saturating_sub(line * 8) {
                0 => " ",
                part => BARS[part.min(8) - 1],
            };
            values.iter().map(column).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_never_shown_as_nothing() {
        assert_eq!(spark(&[0, 1, 1_000_000]), "▁▂▇");
        assert_eq!(spark(&[0, 0]), "▁▁");
        assert_eq!(spark(&[u64::MAX, 0]), "▇▁");
        assert_eq!(spark(&[5, 5]), "▄▄");
        assert_eq!(spark(&[]), "");
    }

    #[test]
    fn bars_stand_on_each_other() {
        assert_eq!(bars(&[0, 8, 12, 16], 2), ["  ▄█", " ███"]);
        assert_eq!(bars(&[0, 1_000], 1), [" █"]);
    }
}
