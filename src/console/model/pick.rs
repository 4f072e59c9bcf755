//! The lines of a list that a filter lets through, computed once rather than in every frame: each line may
//! have many texts to search.

use super::words::Words;

/// A filter, and the indices of the lines that it lets through.
#[derive(Debug, Clone, Default)]
pub struct Pick {
    words: Words,
    places: Vec<usize>,
}

impl Pick {
    /// What every line shown must contain.
    #[must_use]
    pub const fn words(&self) -> &Words {
        &self.words
    }

    /// Filters the same lines by other words.
    pub fn by<T>(&mut self, words: Words, lines: &[T], holds: impl Fn(&T, &str) -> bool) {
        self.words = words;
        self.from(lines, holds);
    }

    /// Filters other lines by the same words.
    pub fn from<T>(&mut self, lines: &[T], holds: impl Fn(&T, &str) -> bool) {
        let matches = |line: &T| self.words.match_by(|word| holds(line, word));
        let lines = lines.iter().enumerate();
        self.places = lines
            .filter(|(_, line)| matches(line))
            .map(|(place, _)| place)
            .collect();
    }

    /// Number of lines that the filter lets through.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.places.len()
    }

    /// The lines of `lines` that the filter lets through.
    pub fn of<'a, T>(&'a self, lines: &'a [T]) -> impl Iterator<Item = &'a T> {
        self.places.iter().filter_map(|place| lines.get(*place))
    }

    /// The line at a position among the lines that the filter lets through.
    #[must_use]
    pub fn at<'a, T>(&self, lines: &'a [T], place: usize) -> Option<&'a T> {
        lines.get(*self.places.get(place)?)
    }
}
