//! Filters: text, and predicates over what is known of a table.

use std::time::Duration;

use super::row::Row;
use crate::backend::Watermark;

/// What the tables shown must match. All terms must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// As it was typed.
    pub text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    /// The name contains it, in any case.
    Text(String),
    Pending(Comparison, u64),
    Held(Comparison, u64),
    /// Age of the watermark, in microseconds.
    Age(Comparison, i64),
    State(String),
    /// A predicate that cannot be read; nothing matches it.
    Unreadable(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    Equal,
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

    /// Whether a table is shown.
    #[must_use]
    pub fn matches(&self, row: &Row, now: Watermark) -> bool {
        self.terms.iter().all(|term| term.matches(row, now))
    }

    /// The first predicate that makes no sense.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        self.terms.iter().find_map(|term| match term {
            Term::Unreadable(text) => Some(format!("{text} is no predicate")),
            _ => None,
        })
    }
}

impl Term {
    fn matches(&self, row: &Row, now: Watermark) -> bool {
        let status = &row.status;
        match self {
            Self::Text(text) => status.table.to_string().to_lowercase().contains(text),
            Self::Pending(comparison, number) => status
                .counts()
                .is_some_and(|counts| comparison.holds(&counts.pending, number)),
            Self::Held(comparison, number) => status
                .counts()
                .and_then(|counts| counts.held)
                .is_some_and(|held| comparison.holds(&held, number)),
            Self::Age(comparison, age) => status
                .timestamp()
                .is_some_and(|at| comparison.holds(&(now.micros() - at.micros()), age)),
            Self::State(word) => row
                .state()
                .is_some_and(|state| state.as_str().starts_with(word.as_str())),
            Self::Unreadable(_) => false,
        }
    }
}

impl Comparison {
    fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Less => left < right,
            Self::Equal => left == right,
            Self::Greater => left > right,
        }
    }
}

fn term(text: &str) -> Term {
    if let Some(word) = text.strip_prefix("state:") {
        return Term::State(word.to_lowercase());
    }
    let Some(at) = text.find(['<', '=', '>']) else {
        return Term::Text(text.to_lowercase());
    };
    let comparison = match text.as_bytes()[at] {
        b'<' => Comparison::Less,
        b'=' => Comparison::Equal,
        _ => Comparison::Greater,
    };
    let value = &text[at + 1..];
    let read = match &text[..at] {
        "pending" => number(value).map(|number| Term::Pending(comparison, number)),
        "held" => number(value).map(|number| Term::Held(comparison, number)),
        "age" => age(value).map(|age| Term::Age(comparison, age)),
        _ => None,
    };
    read.unwrap_or_else(|| Term::Unreadable(text.to_owned()))
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
        assert_eq!(term("Pay"), Term::Text("pay".to_owned()));
        assert_eq!(term("pending>0"), Term::Pending(Comparison::Greater, 0));
        assert_eq!(term("held=1,204"), Term::Held(Comparison::Equal, 1_204));
        assert_eq!(
            term("age>2h"),
            Term::Age(Comparison::Greater, 7_200_000_000)
        );
        assert_eq!(term("state:pend"), Term::State("pend".to_owned()));
        assert!(Filter::parse("age>soon").complaint().is_some());
        assert!(Filter::parse("pay pending>0").complaint().is_none());
    }
}
