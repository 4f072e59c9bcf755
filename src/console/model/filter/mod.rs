//! Filters: text, and predicates on what is known about a table.

mod reading;

pub use reading::complaint_of_findings;

use super::row::Row;
use crate::backend::finding::Finding;
use crate::vocabulary::Watermark;

/// Length from which a word is also looked for in the codes of findings: shorter words are in most of
/// them.
const WORD: usize = 4;

/// The filter that tables must match to be shown. All its terms must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The text as typed.
    pub text: String,
    terms: Vec<Term>,
}

/// One word of a filter; `!` in front negates it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    wanted: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    /// The name contains it, in any case, or the code of a finding about the table does.
    Text(String),
    Number(Number, Comparison, u64),
    /// In microseconds.
    Age(Age, Comparison, i64),
    State(String),
    Finding(String),
    Job(Work),
    /// A predicate that is invalid, for this reason; nothing matches it.
    Unreadable(String),
}

/// The state of a table's jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// The last job that ended has failed, even while another try is running: a user who retries many
    /// tables sees the ones that still fail.
    Failed,
    /// A job is running or waiting for its turn.
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
    /// Age of the watermark.
    Timestamp,
    /// Age of the last object.
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
    /// Parses the text as typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            text: text.trim().to_owned(),
            terms: text.split_whitespace().map(reading::term).collect(),
        }
    }

    /// Whether everything matches.
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

    /// Why the first invalid predicate is invalid.
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
    /// Splits the comparison off the start of `text`.
    fn read(text: &str) -> Option<(Self, &str)> {
        // Longer signs come before the shorter signs they begin with.
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
