//! A spinner, shown while something is being waited for.

use crate::vocabulary::Watermark;

const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/// How long each frame is shown, in microseconds.
const FRAME: i64 = 100_000;

/// The frame at this time.
#[must_use]
pub fn spinner(now: Watermark) -> &'static str {
    let frame = now.micros().div_euclid(FRAME).rem_euclid(10);
    FRAMES[usize::try_from(frame).unwrap_or(0)]
}
