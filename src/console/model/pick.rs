//! The lines of a list that a filter lets through, found once and not in every frame: each of them may have
//! many texts to look into.

use super::words::Words;

/// A filter, and the places of the lines that it lets through.
#[derive(Debug, Clone, Default)]
pub struct Pick {
    words: Words,
    places: Vec<usize>,
}

impl Pick {
    /// What every line shown must hold.
    #[must_use]
    pub const fn words(&self) -> &Words {
        &self.words
    }

    /// Picks by other words, of the same lines.
    pub fn by<T>(&mut self, words: Words, lines: &[T], holds: impl Fn(&T, &str) -> bool) {
        self.words = words;
        self.from(lines, holds);
    }

    /// Picks from other lines, by the same words.
    pub fn from<T>(&mut self, lines: &[T], holds: impl Fn(&T, &str) -> bool) {
        let matches = |line: &T| self.words.match_by(|word| holds(line, word));
        let lines = lines.iter().enumerate();
        self.places = lines
            .filter(|(_, line)| matches(line))
            .map(|(place, _)| place)
            .collect();
    }

    /// How many lines it lets through.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.places.len()
    }

    /// Those of `lines` that it lets through.
    pub fn of<'a, T>(&'a self, lines: &'a [T]) -> impl Iterator<Item = &'a T> {
        self.places.iter().filter_map(|place| lines.get(*place))
    }

    /// The line at a place among those.
    #[must_use]
    pub fn at<'a, T>(&self, lines: &'a [T], place: usize) -> Option<&'a T> {
        lines.get(*self.places.get(place)?)
    }
}
