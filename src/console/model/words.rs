//! Words by which lines of a list are picked.

use crate::backend::journal::{JournalSearch, SearchWord};

/// What was typed, word by word. All of them must hold of a line; `!` in front turns a word round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// As it was typed.
    pub text: String,
    words: Vec<SearchWord>,
}

impl Words {
    /// Reads what was typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let word = |word: &str| {
            let (is_wanted, word) = turned(word);
            SearchWord {
                text: word.to_lowercase(),
                is_wanted,
            }
        };
        Self {
            text: text.trim().to_owned(),
            words: text.split_whitespace().map(word).collect(),
        }
    }

    /// Whether they let everything through.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words, in small letters and without their signs.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }

    /// The same as a search of the journal.
    #[must_use]
    pub fn as_search(&self) -> JournalSearch {
        JournalSearch {
            words: self.words.clone(),
        }
    }

    /// Whether a line is shown of which a single word holds or does not; the words are in small letters.
    #[must_use]
    pub fn match_by(&self, holds: impl Fn(&str) -> bool) -> bool {
        self.words
            .iter()
            .all(|word| holds(&word.text) == word.is_wanted)
    }

    /// Whether a line with these texts is shown: each word is in one of them.
    #[must_use]
    pub fn match_in(&self, texts: &[&str]) -> bool {
        let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        self.match_by(|word| texts.iter().any(|text| text.contains(word)))
    }
}

/// Whether a word is to hold, and the word without the `!` that turns it round. A sign alone is a word.
#[must_use]
pub fn turned(word: &str) -> (bool, &str) {
    match word.strip_prefix('!') {
        Some(rest) if !rest.is_empty() => (false, rest),
        _ => (true, word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_hold_and_one_that_is_turned_round_must_not() {
        let line = ["payment", "Stuck-Sequence"];
        let shows = |text: &str| Words::parse(text).match_in(&line);
        assert!(shows("") && shows("  ") && Words::parse(" ").is_empty());
        assert!(shows("pay STUCK") && shows("!staff"));
        assert!(!shows("pay staff") && !shows("!pay"));
        // A sign that is still to be followed by a word.
        assert!(!shows("!"));
    }
}
