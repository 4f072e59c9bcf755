//! Which changes to look for in the journal.

use super::JournalEntry;

/// Words that every entry must contain, and words that none may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalSearch {
    pub words: Vec<SearchWord>,
}

/// A word to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchWord {
    /// In lower case.
    pub text: String,
    /// Whether an entry must contain the word, rather than must not.
    pub is_wanted: bool,
}

impl JournalSearch {
    pub(super) fn is_met_by(&self, entry: &JournalEntry) -> bool {
        self.words
            .iter()
            .all(|word| entry.holds(&word.text) == word.is_wanted)
    }
}

impl JournalEntry {
    /// Whether `word`, in lower case, occurs in any text of the change; `profile:dev` is compared only with
    /// the beginning of the profile's name.
    #[must_use]
    pub fn holds(&self, word: &str) -> bool {
        if let Some(name) = word.strip_prefix("profile:") {
            return self.profile.to_lowercase().starts_with(name);
        }
        let table = self.table.to_string();
        let texts = [
            &table,
            &self.who,
            &self.profile,
            &self.action,
            &self.what,
            &self.after,
            &self.reason,
        ];
        let mut texts = texts.into_iter().chain(&self.before);
        texts.any(|text| text.to_lowercase().contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::journal::tests::edit;
    use crate::backend::journal::{Change, Journal};

    #[tokio::test]
    async fn what_is_looked_for_is_found_however_many_changes_are_newer() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::new(folder.path().join("journal.db"));
        for (number, reason) in ["Late corrections", "a run", "a run", "late, too"]
            .into_iter()
            .enumerate()
        {
            let change = Change {
                reason: reason.to_owned(),
                before: number
                    .checked_sub(1)
                    .map(|before| format!("after {before}")),
                ..edit(&number.to_string())
            };
            journal.note("dev", change).await.expect("noted");
        }
        for (limit, words, found) in [
            (2, vec![(true, "late")], vec!["3", "0"]),
            (1, vec![(true, "late")], vec!["3"]),
            (9, vec![(true, "late"), (false, "too")], vec!["0"]),
            (9, vec![(true, "profile:prod")], vec![]),
            (9, vec![(true, "after 1")], vec!["2"]),
            (
                2,
                vec![(true, "profile:de"), (false, "late")],
                vec!["2", "1"],
            ),
        ] {
            let words = words.into_iter().map(|(is_wanted, text)| SearchWord {
                text: text.to_owned(),
                is_wanted,
            });
            let search = JournalSearch {
                words: words.collect(),
            };
            let asked = format!("{search:?}");
            let entries = journal
                .newest(limit, search, &|_| ())
                .await
                .expect("entries");
            let after: Vec<&str> = entries.iter().map(|entry| entry.after.as_str()).collect();
            assert_eq!(after, found, "{asked}");
        }
    }
}
