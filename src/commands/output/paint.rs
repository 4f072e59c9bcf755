//! The few colours of a command's output.

use std::borrow::Cow;

/// The meaning of a piece of text, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    #[default]
    Plain,
    /// A heading.
    Strong,
    /// Less important than the text beside it.
    Faint,
    Good,
    Notice,
    Bad,
}

impl Tone {
    /// SGR parameters (ECMA-48, 8.3.117). Uses only the sixteen basic colours, which every terminal
    /// theme makes readable.
    const fn sgr(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Faint => Some("2"),
            Self::Good => Some("32"),
            Self::Notice => Some("33"),
            Self::Bad => Some("31"),
        }
    }
}

/// `text` in its tone, if colours are wanted.
#[must_use]
pub fn paint(text: &str, tone: Tone, colour: bool) -> Cow<'_, str> {
    match tone.sgr() {
        Some(sgr) if colour && !text.is_empty() => {
            Cow::Owned(format!("\u{1b}[{sgr}m{text}\u{1b}[0m"))
        }
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_nothing_is_added() {
        assert_eq!(paint("failed", Tone::Bad, false), "failed");
        assert_eq!(
            paint("failed", Tone::Bad, true),
            "\u{1b}[31mfailed\u{1b}[0m"
        );
        assert_eq!(paint("failed", Tone::Plain, true), "failed");
    }
}
