//! Everything that is not a result, on stderr.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};

use super::error::CommandError;
use super::output::paint::{Tone, paint};
use crate::text::visible;

/// The one way to stderr. A stderr that cannot be written is nobody's loss.
#[derive(Debug, Clone, Copy)]
pub struct Notes {
    quiet: bool,
    colour: bool,
}

impl Notes {
    /// stderr as it is now; coloured only if it is a terminal and `colour` allows it.
    #[must_use]
    pub fn new(quiet: bool, colour: bool) -> Self {
        let colour = colour && io::stderr().is_terminal();
        Self { quiet, colour }
    }

    /// Something good to know, unless quiet is wanted.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// Something that must be seen: what is about to be written, a question.
    pub fn say(&self, text: &str) {
        let lines: Vec<_> = text.lines().map(visible).collect();
        let _ = writeln!(io::stderr().lock(), "{}", lines.join("\n"));
    }

    /// An error as one block: what happened, its causes, what to do next.
    pub fn error(&self, error: &CommandError) {
        self.block(&error.chain(), error.next_step().as_deref());
    }

    /// Several errors, each once: a party that is down fails every table alike.
    pub fn errors(&self, errors: &[CommandError]) {
        let mut seen = HashSet::new();
        for error in errors {
            if seen.insert(error.chain()) {
                self.error(error);
            }
        }
    }

    /// `error: …`, the causes below it, `next: …`.
    pub fn block(&self, chain: &[String], next: Option<&str>) {
        let _ = io::stderr()
            .lock()
            .write_all(block(chain, next, self.colour).as_bytes());
    }
}

fn block(chain: &[String], next: Option<&str>, colour: bool) -> String {
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
    if let Some(next) = next {
        let label = paint("next:", Tone::Strong, colour);
        let _ = writeln!(text, "{label} {}", shown(next));
    }
    text
}

/// Line breaks that an error brings along stay, indented; anything else is made visible.
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
        assert_eq!(block(&chain, Some("try again"), false), expected);
    }
}
