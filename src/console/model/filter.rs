//! Filters: text, and predicates over what is known of a table.

use std::time::Duration;

use super::row::Row;
use super::words::turned;
use crate::backend::finding::{Finding, FindingCode};
use crate::backend::status::State;
use crate::config::nearest;
use crate::vocabulary::Watermark;

/// The names that are compared with something, for messages.
const NAMES: &str = "pending held unreachable rows seq age written state: finding: job:";
/// Letters from which on a word is looked for in the names of findings, too: fewer are in most of them.
const WORD: usize = 4;
/// How bad a finding can be, by all its names.
const SEVERITIES: [&str; 4] = ["error", "warning", "note", "info"];

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

fn term(text: &str) -> Term {
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

/// Whether a word looks like a predicate: a name, and a sign after it.
fn is_predicate(word: &str) -> bool {
    let name = word.split([':', '<', '=', '>', '!']).next();
    let name = name.filter(|name| !name.is_empty() && name.len() < word.len());
    name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_'))
}

/// Why a word by which findings are picked makes no sense, where nothing that is found holds it.
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

/// What is wrong with a comparison.
enum Wrong {
    Name,
    Number,
    Age,
}

impl Wrong {
    /// Why `text` makes no sense, beginning with what was typed.
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
