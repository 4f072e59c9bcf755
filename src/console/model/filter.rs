//! Filters: text, and predicates over what is known of a table.

use std::time::Duration;

use super::row::Row;
use crate::backend::Watermark;

/// The predicates, for messages and the help.
pub const PREDICATES: &str =
    "pending held unreachable rows seq age written (with < <= = != >= >), state:WORD, finding:CODE";

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
    /// The name contains it, in any case.
    Text(String),
    Number(Number, Comparison, u64),
    /// In microseconds.
    Age(Age, Comparison, i64),
    State(String),
    Finding(String),
    /// A predicate that cannot be read; nothing matches it.
    Unreadable(String),
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
            terms: text.split_whitespace().map(term).collect(),
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

    /// The first predicate that makes no sense.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        self.terms.iter().find_map(|term| match &term.test {
            Test::Unreadable(text) => Some(format!("{text} is no predicate; {PREDICATES}")),
            _ => None,
        })
    }
}

impl Test {
    fn matches(&self, row: &Row, now: Watermark) -> bool {
        match self {
            Self::Text(text) => row.digest().lower.contains(text.as_str()),
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
            Self::Unreadable(_) => false,
        }
    }
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

fn term(text: &str) -> Term {
    let (wanted, text) = match text.strip_prefix('!') {
        Some(rest) if !rest.is_empty() => (false, rest),
        _ => (true, text),
    };
    Term {
        wanted,
        test: test(text),
    }
}

fn test(text: &str) -> Test {
    if let Some(word) = text.strip_prefix("state:") {
        return Test::State(word.to_lowercase());
    }
    if let Some(code) = text.strip_prefix("finding:") {
        return Test::Finding(code.to_lowercase());
    }
    let Some(at) = text.find(['<', '=', '>', '!']) else {
        return Test::Text(text.to_lowercase());
    };
    let (name, rest) = text.split_at(at);
    Comparison::read(rest)
        .and_then(|(comparison, value)| predicate(name, comparison, value))
        .unwrap_or_else(|| Test::Unreadable(text.to_owned()))
}

fn predicate(name: &str, comparison: Comparison, value: &str) -> Option<Test> {
    let number = |what| Some(Test::Number(what, comparison, number(value)?));
    let since = |what| Some(Test::Age(what, comparison, age(value)?));
    match name {
        "pending" => number(Number::Pending),
        "held" => number(Number::Held),
        "unreachable" => number(Number::Unreachable),
        "rows" => number(Number::Rows),
        "seq" => number(Number::SequenceId),
        "age" => since(Age::Timestamp),
        "written" => since(Age::Written),
        _ => None,
    }
}

fn number(text: &str) -> Option<u64> {
    text.replace([',', '_'], "").parse().ok()
}

fn age(text: &str) -> Option<i64> {
    let age: Duration = humantime::parse_duration(text).ok()?;
    i64::try_from(age.as_micros()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_text_or_typed_predicates() {
        let number = |what, comparison, number| Test::Number(what, comparison, number);
        assert_eq!(test("Pay"), Test::Text("pay".to_owned()));
        assert_eq!(
            test("pending>0"),
            number(Number::Pending, Comparison::Greater, 0)
        );
        assert_eq!(
            test("held=1,204"),
            number(Number::Held, Comparison::Equal, 1_204)
        );
        assert_eq!(
            test("seq<=7"),
            number(Number::SequenceId, Comparison::AtMost, 7)
        );
        assert_eq!(test("rows!=7"), number(Number::Rows, Comparison::Other, 7));
        assert_eq!(
            test("age>=2h"),
            Test::Age(Age::Timestamp, Comparison::AtLeast, 7_200_000_000)
        );
        assert_eq!(test("state:pend"), Test::State("pend".to_owned()));
        assert!(!term("!pay").wanted && term("!").wanted);
        assert!(Filter::parse("age>soon").complaint().is_some());
        assert!(Filter::parse("pay pending>0").complaint().is_none());
    }
}
