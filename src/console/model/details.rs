//! Text about one thing: an error with its causes, a journal entry, the state of a table.

use super::Said;
use super::scroll::Scroll;
use crate::jobs::JobId;
use crate::text::wrap;

/// A page of text. Anything that came from outside is escaped before it is put in.
#[derive(Debug, Clone)]
pub struct Details {
    pub title: String,
    pub lines: Vec<Said>,
    /// What `y` copies.
    pub copy: String,
    /// The job that the page is about, so that the page can show its current state.
    pub job: Option<JobId>,
    pub scroll: Scroll,
}

impl Details {
    /// A page that `y` copies in full.
    #[must_use]
    pub fn new(title: impl Into<String>, lines: Vec<Said>) -> Self {
        let copy: Vec<&str> = lines.iter().map(|said| said.text.as_str()).collect();
        let copy = copy.join("\n");
        Self {
            title: title.into(),
            lines,
            copy,
            job: None,
            scroll: Scroll::default(),
        }
    }

    /// The lines wrapped for display.
    #[must_use]
    pub fn wrapped(&self, columns: usize) -> Vec<Said> {
        wrapped(&self.lines, columns)
    }
}

/// The lines of a plan, wrapped to a width. There may be ten thousand of them, and they are needed on every
/// key and every frame.
#[derive(Debug, Clone, Default)]
pub struct LaidOut {
    columns: usize,
    /// `None` if the lines have changed since.
    lines: Option<Vec<Said>>,
}

impl LaidOut {
    /// Discards the wrapped lines, as the lines have changed.
    pub fn forget(&mut self) {
        self.lines = None;
    }

    /// Whether the lines are wrapped to this width.
    #[must_use]
    pub const fn is_for(&self, columns: usize) -> bool {
        self.columns == columns && self.lines.is_some()
    }

    /// Wraps `lines` to a terminal of `columns` columns and keeps the result.
    pub fn keep(&mut self, lines: &[Said], columns: usize) {
        self.columns = columns;
        self.lines = Some(wrapped(lines, columns));
    }

    /// The lines wrapped to this width, if they are.
    #[must_use]
    pub fn at(&self, columns: usize) -> Option<&[Said]> {
        self.lines.as_deref().filter(|_| self.is_for(columns))
    }
}

/// Lines wrapped to a terminal of `columns` columns less the margins; continuation lines are indented.
#[must_use]
pub fn wrapped(lines: &[Said], columns: usize) -> Vec<Said> {
    let mut wrapped = Vec::new();
    for Said { tone, text } in lines {
        let body = text.trim_start();
        let indent = text.len() - body.len();
        let room = columns.saturating_sub(indent + 6);
        for (place, part) in wrap(body, room).iter().enumerate() {
            let hang = if place == 0 { indent } else { indent + 2 };
            wrapped.push(Said::new(*tone, format!("{:hang$}{part}", "")));
        }
    }
    wrapped
}
