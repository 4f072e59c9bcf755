//! Words that filter the lines of a list.

use crate::backend::journal::{JournalSearch, SearchWord};

/// A filter as words. A line must match all of them; `!` in front of a word negates it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The text as typed.
    pub text: String,
    words: Vec<SearchWord>,
}

impl Words {
    /// Parses the text as typed.
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

    /// Whether everything matches.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words in lower case, without any `!`.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| word.text.as_str())
    }

    /// The same words, as a search of the journal.
    #[must_use]
    pub fn as_search(&self) -> JournalSearch {
        JournalSearch {
            words: self.words.clone(),
        }
    }

    /// Whether a line matches, given whether it `holds` a single lower-case word.
    #[must_use]
    pub fn match_by(&self, holds: impl Fn(&str) -> bool) -> bool {
        self.words
            .iter()
            .all(|word| holds(&word.text) == word.is_wanted)
    }

    /// Whether a line with these texts matches: each word is looked for in all of them.
    #[must_use]
    pub fn match_in(&self, texts: &[&str]) -> bool {
        let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        self.match_by(|word| texts.iter().any(|text| text.contains(word)))
    }
}

/// Whether a word is wanted, and the word without the `!` that negates it. A lone `!` is a word.
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
        // The user has yet to type the word after the sign.
        assert!(!shows("!"));
    }
}
