//! Everything that is not a result, on stderr.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};

use super::error::CommandError;
use super::output::paint::{Tone, paint};
use super::status_line::stderr;
use crate::text::visible;

/// The one way to stderr. Errors in writing to it are ignored.
#[derive(Debug, Clone, Copy)]
pub struct Notes {
    quiet: bool,
    colour: bool,
}

impl Notes {
    /// stderr in its current state; coloured only if it is a terminal and `colour` allows it.
    #[must_use]
    pub fn new(quiet: bool, colour: bool) -> Self {
        let colour = colour && io::stderr().is_terminal();
        Self { quiet, colour }
    }

    /// Prints information, unless `--quiet` was given.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Prints what must be seen: what is about to be written, a question.
    pub fn say(&self, text: &str) {
        let lines: Vec<_> = text.lines().map(visible).collect();
        let _ = writeln!(stderr().lock(), "{}", lines.join("\n"));
    }

    /// Prints an error as one block: what happened, its causes, what to do next.
    pub fn error(&self, error: &CommandError) {
        self.block(&error.chain(), error.next_step().as_deref());
    }

    /// Prints several errors, like [`Self::shown`].
    pub fn errors(&self, errors: &[CommandError]) {
        self.shown(errors.iter().map(Shown::from));
    }

    /// Prints several errors, similar ones only once: a service that is down fails every table.
    pub fn shown(&self, errors: impl IntoIterator<Item = Shown>) {
        let told = alike(errors);
        for (i, (error, others)) in told.iter().enumerate() {
            let next = error.next.as_deref().filter(|_| ends_a_run(&told, i));
            put(&block(&error.chain, *others, next, self.colour));
        }
    }

    /// Prints `error: …`, the causes below it, and `next: …`.
    pub fn block(&self, chain: &[String], next: Option<&str>) {
        put(&block(chain, 0, next, self.colour));
    }
}

fn put(text: &str) {
    let _ = stderr().lock().write_all(text.as_bytes());
}

/// An error as shown on stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub chain: Vec<String>,
    pub next: Option<String>,
    /// Whether the remedy concerns a service and not a table. The same error of another table, which differs only in the
    /// names of parameters and keys, then adds nothing.
    pub of_service: bool,
}

impl From<&CommandError> for Shown {
    fn from(error: &CommandError) -> Self {
        Self {
            chain: error.chain(),
            next: error.next_step(),
            of_service: error.is_of_service(),
        }
    }
}

impl Shown {
    fn is_like(&self, other: &Self) -> bool {
        let same_remedy = self.of_service && other.of_service && self.next.is_some();
        self.text() == other.text() || same_remedy && self.next == other.next
    }

    /// The error with its causes in one line, as the report of a table has it from the beginning.
    fn text(&self) -> String {
        self.chain.join(": ")
    }
}

/// The first of each group of similar errors, with the number of others in the group whose texts differ.
fn alike(errors: impl IntoIterator<Item = Shown>) -> Vec<(Shown, usize)> {
    let mut groups: Vec<(Shown, HashSet<String>)> = Vec::new();
    for error in errors {
        match groups.iter_mut().find(|(first, _)| first.is_like(&error)) {
            Some((first, _)) if first.text() == error.text() => {}
            Some((_, others)) => {
                others.insert(error.text());
            }
            None => groups.push((error, HashSet::new())),
        }
    }
    let counted = groups.into_iter();
    counted
        .map(|(first, others)| (first, others.len()))
        .collect()
}

/// Whether the next error has a different remedy: a remedy shared by consecutive errors is printed once, after the
/// last.
fn ends_a_run(told: &[(Shown, usize)], at: usize) -> bool {
    let of = |at: usize| told.get(at).and_then(|(error, _)| error.next.as_deref());
    of(at) != of(at + 1)
}

fn block(chain: &[String], others: usize, next: Option<&str>, colour: bool) -> String {
    let mut text = String::new();
    for (i, line) in chain.iter().enumerate() {
        let label = if i == 0 {
            paint("error:", Tone::Bad, colour)
        } else {
            "  caused by:".into()
        };
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{label} {}", shown(line));
    }
    if others > 0 {
        let _ = writeln!(text, "  and {others} more like it");
    }
    if let Some(next) = next {
        let label = paint("next:", Tone::Strong, colour);
        let _ = writeln!(text, "{label} {}", shown(next));
    }
    text
}

/// Line breaks within an error are kept, indented; other control characters are made visible.
fn shown(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(visible).collect();
    lines.join("\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_block_with_its_causes_and_what_to_do() {
        let chain = ["it failed".to_owned(), "because\u{1b}[2J".to_owned()];
        let expected = "\
error: it failed
  caused by: because\\u{1b}[2J
next: try again
";
        assert_eq!(block(&chain, 0, Some("try again"), false), expected);
    }

    #[test]
    fn an_error_in_one_line_and_the_same_with_its_causes_apart_are_one() {
        let error = |chain: &[&str]| Shown {
            chain: chain.iter().map(|part| (*part).to_owned()).collect(),
            next: Some("try again".to_owned()),
            of_service: true,
        };
        let told = alike([
            error(&["it failed: no answer"]),
            error(&["it failed", "no answer"]),
        ]);
        assert_eq!(told, [(error(&["it failed: no answer"]), 0)]);
    }

    #[test]
    fn what_the_same_step_puts_right_is_told_once_and_what_has_to_be_read_each_time() {
        let error = |of_service: bool, what: &str, next: &str| Shown {
            chain: vec![what.to_owned()],
            next: Some(next.to_owned()),
            of_service,
        };
        let told = alike([
            error(true, "listing a", "create the bucket"),
            error(true, "listing b", "create the bucket"),
            error(true, "listing b", "create the bucket"),
            error(false, "encoding a", "read the cause; and check"),
            error(false, "encoding b", "read the cause; and check"),
            error(false, "no a", "check the spelling"),
            error(false, "no b", "check the spelling"),
            error(true, "listing c", "create the bucket"),
        ]);
        let groups: Vec<(&str, usize)> = told
            .iter()
            .map(|(first, others)| (first.chain[0].as_str(), *others))
            .collect();
        let expected = [
            ("listing a", 2),
            ("encoding a", 0),
            ("encoding b", 0),
            ("no a", 0),
            ("no b", 0),
        ];
        assert_eq!(groups, expected);
        let steps: Vec<&str> = (0..told.len())
            .filter(|at| ends_a_run(&told, *at))
            .filter_map(|at| told[at].0.next.as_deref())
            .collect();
        let once = [
            "create the bucket",
            "read the cause; and check",
            "check the spelling",
        ];
        assert_eq!(steps, once);
        let shown = block(&["listing a".to_owned()], 2, Some("create it"), false);
        assert_eq!(
            shown,
            "error: listing a\n  and 2 more like it\nnext: create it\n"
        );
    }
}
