//! A cursor in a list, and the visible part of the list.

/// Position in a list of lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    pub cursor: usize,
    /// The first line shown.
    pub offset: usize,
}

/// A movement of the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Up(usize),
    Down(usize),
    First,
    Last,
}

impl Step {
    /// The line that the step leads to, from `cursor` in a list of `length` lines.
    #[must_use]
    pub fn from(self, cursor: usize, length: usize) -> usize {
        let last = length.saturating_sub(1);
        match self {
            // The list may have become shorter in the meantime.
            Self::Up(lines) => cursor.min(last).saturating_sub(lines),
            Self::Down(lines) => cursor.saturating_add(lines).min(last),
            Self::First => 0,
            Self::Last => last,
        }
    }
}

impl Scroll {
    /// Moves the cursor in a list of `length` lines, of which `height` are shown.
    pub fn step(&mut self, step: Step, length: usize, height: usize) {
        self.cursor = step.from(self.cursor, length);
        self.keep(length, height);
    }

    /// Scrolls text without a cursor, never past the end.
    pub fn page(&mut self, step: Step, length: usize, height: usize) {
        let most = length.saturating_sub(height.max(1));
        self.offset = step.from(self.offset, most + 1);
        self.cursor = self.offset;
    }

    /// Keeps the cursor within the list and in sight.
    pub fn keep(&mut self, length: usize, height: usize) {
        let height = height.max(1);
        self.cursor = self.cursor.min(length.saturating_sub(1));
        self.offset = self
            .offset
            .min(self.cursor)
            .max((self.cursor + 1).saturating_sub(height))
            .min(length.saturating_sub(height));
    }
}

/// The direction in which something moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}

impl Direction {
    /// The neighbour of `place` in this direction among `length` places, wrapping around; 0 if
    /// there are none.
    #[must_use]
    pub const fn turn(self, place: usize, length: usize) -> usize {
        match (self, length) {
            (_, 0) => 0,
            (Self::Forward, _) => (place + 1) % length,
            (Self::Backward, _) => (place + length - 1) % length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_in_the_list_and_in_sight() {
        let mut scroll = Scroll::default();
        scroll.step(Step::Last, 100, 10);
        assert_eq!((scroll.cursor, scroll.offset), (99, 90));
        scroll.step(Step::Up(5), 100, 10);
        assert_eq!((scroll.cursor, scroll.offset), (94, 90));
        scroll.keep(20, 10);
        assert_eq!((scroll.cursor, scroll.offset), (19, 10));
        scroll.keep(0, 10);
        assert_eq!((scroll.cursor, scroll.offset), (0, 0));
    }

    #[test]
    fn text_that_has_become_shorter_is_not_scrolled_past_its_end() {
        let mut scroll = Scroll::default();
        scroll.page(Step::Last, 100, 10);
        assert_eq!(scroll.offset, 90);
        scroll.page(Step::Up(0), 30, 10);
        assert_eq!(scroll.offset, 20);
        scroll.page(Step::Up(1), 12, 10);
        assert_eq!(scroll.offset, 1);
        scroll.page(Step::Up(0), 5, 10);
        assert_eq!(scroll.offset, 0);
    }

    #[test]
    fn a_turn_goes_round_in_both_directions() {
        assert_eq!(Direction::Forward.turn(0, 3), 1);
        assert_eq!(Direction::Forward.turn(2, 3), 0);
        assert_eq!(Direction::Backward.turn(0, 3), 2);
        assert_eq!(Direction::Backward.turn(2, 3), 1);
        assert_eq!(Direction::Backward.turn(0, 0), 0);
    }
}
