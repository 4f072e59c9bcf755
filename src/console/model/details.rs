//! Text about one thing: an error with its causes, a journal entry, where a table stands.

use super::Tone;
use super::scroll::Scroll;
use crate::jobs::JobId;
use crate::text::wrap;

/// A page of text. Everything that came from outside is made visible when it is put in.
#[derive(Debug, Clone)]
pub struct Details {
    pub title: String,
    pub lines: Vec<(Tone, String)>,
    /// What `y` copies.
    pub copy: String,
    /// The job that it is about: it says what has become of it by now.
    pub job: Option<JobId>,
    pub scroll: Scroll,
}

impl Details {
    /// A page; `y` copies all of it.
    #[must_use]
    pub fn new(title: impl Into<String>, lines: Vec<(Tone, String)>) -> Self {
        let copy: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
        let copy = copy.join("\n");
        Self {
            title: title.into(),
            lines,
            copy,
            job: None,
            scroll: Scroll::default(),
        }
    }

    /// The lines as they are shown.
    #[must_use]
    pub fn wrapped(&self, columns: usize) -> Vec<(Tone, String)> {
        wrapped(&self.lines, columns)
    }
}

/// The lines of a plan as they are wrapped to a width. There may be ten thousand of them, and every key and
/// every frame asks.
#[derive(Debug, Clone, Default)]
pub struct LaidOut {
    columns: usize,
    /// `None` where they have changed since.
    lines: Option<Vec<(Tone, String)>>,
}

impl LaidOut {
    /// The lines are others now.
    pub fn forget(&mut self) {
        self.lines = None;
    }

    /// Whether they are here for this width.
    #[must_use]
    pub const fn is_for(&self, columns: usize) -> bool {
        self.columns == columns && self.lines.is_some()
    }

    /// Keeps `lines` wrapped to a terminal of `columns` columns.
    pub fn keep(&mut self, lines: &[(Tone, String)], columns: usize) {
        self.columns = columns;
        self.lines = Some(wrapped(lines, columns));
    }

    /// The lines for this width, if they are here for it.
    #[must_use]
    pub fn at(&self, columns: usize) -> Option<&[(Tone, String)]> {
        self.lines.as_deref().filter(|_| self.is_for(columns))
    }
}

/// Lines wrapped to a terminal of `columns` columns, margins left out; those that go on are
/// indented.
#[must_use]
pub fn wrapped(lines: &[(Tone, String)], columns: usize) -> Vec<(Tone, String)> {
    let mut wrapped = Vec::new();
    for (tone, text) in lines {
        let body = text.trim_start();
        let indent = text.len() - body.len();
        let room = columns.saturating_sub(indent + 6);
        for (place, part) in wrap(body, room).iter().enumerate() {
            let hang = if place == 0 { indent } else { indent + 2 };
            wrapped.push((*tone, format!("{:hang$}{part}", "")));
        }
    }
    wrapped
}
