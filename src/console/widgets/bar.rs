//! A progress bar.

use ratatui::text::Span;

use crate::console::theme::Theme;

/// A bar of `columns` columns, of which `percent` per cent are done.
#[must_use]
pub fn bar(columns: usize, percent: u64, theme: &Theme) -> [Span<'static>; 2] {
    let halves = columns * 2 * usize::try_from(percent.min(100)).unwrap_or(100) / 100;
    let mut done = "━".repeat(halves / 2);
    if halves % 2 == 1 {
        done.push('╸');
    }
    let rest = "─".repeat(columns - halves.div_ceil(2));
    [
        Span::styled(done, theme.accent),
        Span::styled(rest, theme.dim),
    ]
}
