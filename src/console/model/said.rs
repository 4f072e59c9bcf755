//! A line of text with its tone.

use crate::text::wrap;

/// The tone of a line of text, which determines its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Text,
    Strong,
    Dim,
    Ok,
    Warning,
    Error,
}

/// A line of text, and the tone in which it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub tone: Tone,
    pub text: String,
}

impl Said {
    /// `text` in this tone.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
        }
    }

    /// An empty line.
    #[must_use]
    pub fn blank() -> Self {
        Self::plain("")
    }

    /// `text` in the tone of everything else.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(Tone::Text, text)
    }

    /// What matters here.
    #[must_use]
    pub fn strong(text: impl Into<String>) -> Self {
        Self::new(Tone::Strong, text)
    }

    /// What is incidental.
    #[must_use]
    pub fn dim(text: impl Into<String>) -> Self {
        Self::new(Tone::Dim, text)
    }

    /// What is as it should be.
    #[must_use]
    pub fn ok(text: impl Into<String>) -> Self {
        Self::new(Tone::Ok, text)
    }

    /// What should be looked at.
    #[must_use]
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Tone::Warning, text)
    }

    /// What is wrong.
    #[must_use]
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Tone::Error, text)
    }

    /// The line in parts of at most `columns` columns.
    pub fn wrapped(&self, columns: usize) -> impl Iterator<Item = Self> {
        let parts = wrap(&self.text, columns).into_iter();
        parts.map(|part| Self::new(self.tone, part.trim_end()))
    }
}
