//! Parses a filter into terms, and says why a word is invalid.

use std::time::Duration;

use super::super::words::turned;
use super::{Age, Comparison, Number, Term, Test, Work};
use crate::backend::finding::FindingCode;
use crate::backend::status::State;
use crate::config::nearest;

/// The names of predicates, for messages.
const NAMES: &str = "pending held unreachable rows seq age written state: finding: job:";
/// The severities of findings, by all their names.
const SEVERITIES: [&str; 4] = ["error", "warning", "note", "info"];

pub(super) fn term(text: &str) -> Term {
    let (wanted, text) = turned(text);
    Term {
        wanted,
        test: test(text),
    }
}

fn test(text: &str) -> Test {
    if let Some(word) = text.strip_prefix("state:") {
        return state(word.to_lowercase());
    }
    if let Some(code) = text.strip_prefix("finding:") {
        return finding(code.to_lowercase());
    }
    if let Some(word) = text.strip_prefix("job:") {
        return job(&word.to_lowercase());
    }
    let Some(at) = text.find(['<', '=', '>', '!']) else {
        if is_predicate(text) {
            return Test::Unreadable(no_predicate(text));
        }
        return Test::Text(text.to_lowercase());
    };
    let (name, rest) = text.split_at(at);
    let read = Comparison::read(rest).map_or_else(
        || Err(no_predicate(text)),
        |(comparison, value)| {
            predicate(name, comparison, value).map_err(|kind| kind.of(text, value))
        },
    );
    read.unwrap_or_else(Test::Unreadable)
}

/// Whether a word looks like a predicate: a name followed by a sign.
fn is_predicate(word: &str) -> bool {
    let name = word.split([':', '<', '=', '>', '!']).next();
    let name = name.filter(|name| !name.is_empty() && name.len() < word.len());
    name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_'))
}

/// Why a word of a filter for findings is invalid, to be shown if no finding matches it.
#[must_use]
pub fn complaint_of_findings(word: &str) -> Option<String> {
    if let Some(code) = word.strip_prefix("finding:") {
        return match finding(code.to_owned()) {
            Test::Unreadable(why) => Some(why),
            _ => None,
        };
    }
    if let Some(severity) = word.strip_prefix("severity:") {
        let is_known = SEVERITIES.iter().any(|known| known.starts_with(severity));
        return (!is_known).then(|| format!("{word} is not one of error, warning, note"));
    }
    is_predicate(word)
        .then(|| format!("{word} is not a predicate here; there are finding: severity:"))
}

fn state(word: String) -> Test {
    let words = State::ALL.map(State::as_str);
    if words.iter().any(|known| known.starts_with(&word)) {
        return Test::State(word);
    }
    Test::Unreadable(format!("state:{word} is not one of {}", words.join(", ")))
}

fn job(word: &str) -> Test {
    let mut known = Work::ALL.into_iter();
    let found = known.find(|(known, _)| known.starts_with(word));
    found.map_or_else(
        || Test::Unreadable(format!("job:{word} is not one of failed, running")),
        |(_, work)| Test::Job(work),
    )
}

fn finding(code: String) -> Test {
    let mut codes = FindingCode::ALL.iter().map(|known| known.as_str());
    if codes.any(|known| known.starts_with(&code)) {
        return Test::Finding(code);
    }
    let known = FindingCode::ALL.iter().map(|known| known.as_str());
    let meant = nearest(&code, known).map_or_else(String::new, |meant| format!("; {meant}?"));
    Test::Unreadable(format!("finding:{code} is unknown{meant}"))
}

/// The invalid part of a comparison.
enum Wrong {
    Name,
    Number,
    Age,
}

impl Wrong {
    /// Why `text` is invalid, starting with what was typed.
    fn of(self, text: &str, value: &str) -> String {
        match (self, value) {
            (Self::Name, _) => no_predicate(text),
            (Self::Number, "") => format!("{text} lacks a number"),
            (Self::Number, _) => format!("{value} is not a number"),
            (Self::Age, "") => format!("{text} lacks an age, like 2h"),
            (Self::Age, _) => format!("{value} is not an age like 2h"),
        }
    }
}

fn no_predicate(text: &str) -> String {
    format!("{text} is not a predicate; there are {NAMES}")
}

fn predicate(name: &str, comparison: Comparison, value: &str) -> Result<Test, Wrong> {
    let number = |what| match number(value) {
        Some(number) => Ok(Test::Number(what, comparison, number)),
        None => Err(Wrong::Number),
    };
    let since = |what| match age(value) {
        Some(age) => Ok(Test::Age(what, comparison, age)),
        None => Err(Wrong::Age),
    };
    match name {
        "pending" => number(Number::Pending),
        "held" => number(Number::Held),
        "unreachable" => number(Number::Unreachable),
        "rows" => number(Number::Rows),
        "seq" => number(Number::SequenceId),
        "age" => since(Age::Timestamp),
        "written" => since(Age::Written),
        _ => Err(Wrong::Name),
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
    use super::super::Filter;
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

    #[test]
    fn a_complaint_begins_with_what_is_wrong_and_is_short() {
        for (text, complaint) in [
            ("pending>1k", "1k is not a number"),
            ("pending>", "pending> lacks a number"),
            ("age>soon", "soon is not an age like 2h"),
            (
                "pendig>1",
                "pendig>1 is not a predicate; there are pending held",
            ),
            (
                "severity:error",
                "severity:error is not a predicate; there are pending held",
            ),
            (
                "foo:bar",
                "foo:bar is not a predicate; there are pending held",
            ),
            (
                "!state:pnding",
                "state:pnding is not one of needs-attention, ",
            ),
            ("job:done", "job:done is not one of failed, running"),
            (
                "finding:stuck-sequense",
                "finding:stuck-sequense is unknown; stuck-sequence?",
            ),
        ] {
            let filter = Filter::parse(text);
            let told = filter.complaint().unwrap_or_default();
            assert!(told.starts_with(complaint), "{text}: {told}");
        }
        for text in [
            "state:",
            "state:UP",
            "finding:stuck",
            "!finding:",
            "!job:fail",
            "1:2",
            ":x",
        ] {
            assert_eq!(Filter::parse(text).complaint(), None, "{text}");
        }
    }
}
