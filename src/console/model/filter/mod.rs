//! Filters: text, and predicates over what is known of a table.

mod reading;

pub use reading::complaint_of_findings;

use super::row::Row;
use crate::backend::finding::Finding;
use crate::vocabulary::Watermark;

/// Letters from which on a word is looked for in the names of findings, too: fewer are in most of them.
const WORD: usize = 4;

/// What the tables shown must match. All terms must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// As it was typed.
    pub text: String,
    terms: Vec<Term>,
}

/// One word of a filter; `!` in front of it turns it round.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    wanted: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// The name contains it, in any case, or what is found about the table is called so.
    Text(String),
    Number(Number, Comparison, u64),
    /// In microseconds.
    Age(Age, Comparison, i64),
    State(String),
    Finding(String),
    Job(Work),
    /// A predicate that cannot be read, for this reason; nothing matches it.
    Unreadable(String),
}

/// What is the matter with the jobs of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// The last one that ended has failed, also while another try is at work: who tries many tables again
    /// sees those that still fail.
    Failed,
    /// One is at work, or waits for its turn.
    Running,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Pending,
    Held,
    Unreachable,
    /// Rows of the last object.
    Rows,
    SequenceId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    /// Of the watermark.
    Timestamp,
    /// Of the last object.
    Written,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    Other,
    AtLeast,
    Greater,
}

impl Filter {
    /// Reads what was typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            text: text.trim().to_owned(),
            terms: text.split_whitespace().map(reading::term).collect(),
        }
    }

    /// Whether it lets everything through.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a table is shown.
    #[must_use]
    pub fn matches(&self, row: &Row, now: Watermark) -> bool {
        self.terms
            .iter()
            .all(|term| term.test.matches(row, now) == term.wanted)
    }

    /// Why the first predicate that makes no sense makes none.
    #[must_use]
    pub fn complaint(&self) -> Option<&str> {
        self.terms.iter().find_map(|term| match &term.test {
            Test::Unreadable(why) => Some(why.as_str()),
            _ => None,
        })
    }
}

impl Test {
    fn matches(&self, row: &Row, now: Watermark) -> bool {
        match self {
            Self::Text(text) => {
                let is_found = |finding: &Finding| finding.code.as_str().contains(text.as_str());
                row.digest().lower.contains(text.as_str())
                    || text.len() >= WORD && row.findings().iter().any(is_found)
            }
            Self::Number(what, comparison, number) => what
                .of(row)
                .is_some_and(|value| comparison.holds(&value, number)),
            Self::Age(what, comparison, age) => what
                .of(row)
                .is_some_and(|at| comparison.holds(&(now.micros() - at.micros()), age)),
            Self::State(word) => row
                .state()
                .is_some_and(|state| state.as_str().starts_with(word.as_str())),
            Self::Finding(code) => row
                .findings()
                .iter()
                .any(|finding| finding.code.as_str().starts_with(code.as_str())),
            Self::Job(Work::Failed) => row.last_setback().is_some(),
            Self::Job(Work::Running) => row.job.is_some(),
            Self::Unreadable(_) => false,
        }
    }
}

impl Work {
    const ALL: [(&str, Self); 2] = [("failed", Self::Failed), ("running", Self::Running)];
}

impl Number {
    fn of(self, row: &Row) -> Option<u64> {
        let counts = row.counts().map(|counts| &counts.value);
        match self {
            Self::Pending => counts.map(|counts| counts.pending),
            Self::Held => counts?.held,
            Self::Unreachable => counts?.unreachable,
            Self::Rows => row.last_object()?.rows,
            Self::SequenceId => row.status().sequence_id().map(|id| id.0),
        }
    }
}

impl Age {
    fn of(self, row: &Row) -> Option<Watermark> {
        match self {
            Self::Timestamp => row.timestamp(),
            Self::Written => row.last_object().map(|last| last.modified),
        }
    }
}

impl Comparison {
    /// The comparison at the start of `text`, and what comes after it.
    fn read(text: &str) -> Option<(Self, &str)> {
        // The longer spelling first: one begins with the other.
        [
            ("<=", Self::AtMost),
            (">=", Self::AtLeast),
            ("!=", Self::Other),
            ("<", Self::Less),
            (">", Self::Greater),
            ("=", Self::Equal),
        ]
        .into_iter()
        .find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?)))
    }

    fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::Other => left != right,
            Self::AtLeast => left >= right,
            Self::Greater => left > right,
        }
    }
}
