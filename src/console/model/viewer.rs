//! Looking at lines of JSON: what ingestion would write, or what an object holds.

use super::Answer;
use super::scroll::{Direction, Scroll};
use crate::console::json;
use crate::text;
use crate::vocabulary::{ObjectKey, TableName};

/// Rows that a preview or an object shows.
pub const LINES: usize = 500;
/// Columns that it is scrolled sideways by.
const SIDEWAYS: usize = 8;

/// Whose lines they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// What ingestion would write next.
    Preview(TableName),
    /// The first rows of an object.
    Object(TableName, ObjectKey),
}

impl Source {
    /// The table that the lines belong to.
    #[must_use]
    pub const fn table(&self) -> &TableName {
        match self {
            Self::Preview(table) | Self::Object(table, _) => table,
        }
    }
}

/// Lines with the place among them.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub source: Source,
    pub answer: Answer<Page>,
    /// Whether one value stands on a line, rather than one row.
    pub pretty: bool,
    pub scroll: Scroll,
    /// Columns scrolled to the right.
    pub column: usize,
    /// What is searched for; empty if nothing is.
    pub search: String,
}

/// The lines, and what is known of them as a whole.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Key, bounds and counts, a line each, safe to show.
    pub facts: Vec<String>,
    /// The key of the object that they are in, or will be.
    pub key: Option<String>,
    /// The lines as they are stored.
    pub lines: Vec<String>,
    /// What is said below them where there are more, a line each.
    pub rest: Vec<String>,
    /// The lines as they are shown.
    pub shown: Vec<ShownLine>,
    /// Columns of the longest of the stored ones.
    widest: usize,
}

/// A line on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    /// Which of the stored lines it belongs to; for what is said below them, one that is not there.
    pub line: usize,
    /// Safe to show.
    pub text: String,
}

impl Viewer {
    /// A viewer that waits for its lines.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self {
            source,
            answer: Answer::Waiting,
            pretty: false,
            scroll: Scroll::default(),
            column: 0,
            search: String::new(),
        }
    }

    /// The lines have arrived.
    pub fn fill(&mut self, key: Option<String>, facts: &[String], lines: Vec<String>) {
        let mut page = Page {
            key,
            facts: facts.iter().map(|fact| text::visible(fact)).collect(),
            lines,
            rest: Vec::new(),
            shown: Vec::new(),
            widest: 0,
        };
        page.lay_out(self.pretty);
        self.answer = Answer::Ready(page);
    }

    /// There are more lines than these: says so below the last.
    pub fn go_on(&mut self, rest: &[String]) {
        if let Answer::Ready(page) = &mut self.answer {
            page.rest = rest.iter().map(|line| text::visible(line)).collect();
            page.say_rest();
        }
    }

    /// Changes between one value and one row a line, and stays on the same row.
    pub fn toggle_pretty(&mut self) {
        self.pretty = !self.pretty;
        self.column = 0;
        let line = self.line().unwrap_or(0);
        if let Answer::Ready(page) = &mut self.answer {
            page.lay_out(self.pretty);
            self.scroll.cursor = page
                .shown
                .iter()
                .position(|shown| shown.line == line)
                .unwrap_or(0);
        }
    }

    /// Scrolls to the left.
    pub const fn left(&mut self) {
        self.column = self.column.saturating_sub(SIDEWAYS);
    }

    /// Scrolls to the right, as far as there is something to be seen.
    pub fn right(&mut self) {
        let widest = self.answer.ready().map_or(0, |page| {
            let rest = page.rest.iter().map(|line| text::width(line));
            rest.fold(page.widest, usize::max)
        });
        let most = widest.saturating_sub(SIDEWAYS).max(self.column);
        self.column = (self.column + SIDEWAYS).min(most);
    }

    /// Whether the lines are still to come.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self.answer, Answer::Waiting)
    }

    /// The lines as they are shown.
    #[must_use]
    pub fn shown(&self) -> &[ShownLine] {
        self.answer.ready().map_or(&[], |page| &page.shown)
    }

    /// Which stored line the cursor is on.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.shown().get(self.scroll.cursor).map(|shown| shown.line)
    }

    /// Lines above the text: the facts and a blank one.
    #[must_use]
    pub fn head(&self) -> usize {
        self.answer.ready().map_or(0, |page| page.facts.len() + 1)
    }

    /// Goes to the next place found, or the one before, and brings it into the `room` columns that a line has;
    /// `false` if there is none.
    pub fn find(&mut self, direction: Direction, room: usize) -> bool {
        let length = self.shown().len();
        let needle = self.search.to_lowercase();
        let mut at = self.scroll.cursor;
        let mut round = (0..length).map(|_| {
            at = direction.turn(at, length);
            at
        });
        let found = round.find(|at| self.shown()[*at].text.to_lowercase().contains(&needle));
        if let Some(at) = found {
            self.scroll.cursor = at;
            self.reveal(&needle, room);
        }
        found.is_some()
    }

    /// Scrolls sideways until the place found is in sight.
    fn reveal(&mut self, needle: &str, room: usize) {
        let shown = &self.shown()[self.scroll.cursor].text;
        let Some(at) = shown.to_lowercase().find(needle) else {
            return;
        };
        let before = shown.get(..at).map_or(0, text::width);
        if before < self.column || before + text::width(needle) > self.column + room {
            self.column = before.saturating_sub(room / 3);
        }
    }
}

impl Page {
    /// Whether there are no more lines than these.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.rest.is_empty()
    }

    fn lay_out(&mut self, pretty: bool) {
        self.shown.clear();
        for (line, stored) in self.lines.iter().enumerate() {
            let safe = text::visible(stored);
            let texts = if pretty {
                json::pretty(&safe)
            } else {
                vec![safe]
            };
            self.shown
                .extend(texts.into_iter().map(|text| ShownLine { line, text }));
        }
        let longest = self.shown.iter().max_by_key(|shown| shown.text.len());
        self.widest = longest.map_or(0, |longest| text::width(&longest.text));
        self.say_rest();
    }

    /// Adds what is said below the lines where there are more.
    fn say_rest(&mut self) {
        let line = self.lines.len();
        let rest = self.rest.iter().cloned();
        self.shown.extend(rest.map(|text| ShownLine { line, text }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_goes_round_in_both_directions() {
        let mut viewer = Viewer::new(Source::Preview(TableName::parse("payment")));
        let lines = ["{\"a\":1}", "{\"b\":2}", "{\"A\":3}"];
        viewer.fill(None, &[], lines.map(str::to_owned).to_vec());
        viewer.search = "\"a\"".to_owned();
        assert!(viewer.find(Direction::Forward, 70));
        assert_eq!(viewer.scroll.cursor, 2);
        assert!(viewer.find(Direction::Forward, 70));
        assert_eq!(viewer.scroll.cursor, 0);
        assert!(viewer.find(Direction::Backward, 70));
        assert_eq!(viewer.scroll.cursor, 2);
        viewer.search = "z".to_owned();
        assert!(!viewer.find(Direction::Forward, 70));
    }
    #[test]
    fn what_is_found_is_in_sight_however_wide_the_terminal_is() {
        for room in [30, 70, 190] {
            for before in (0..400).step_by(7) {
                let mut viewer = Viewer::new(Source::Preview(TableName::parse("payment")));
                let line = format!("{}needle", "x".repeat(before));
                viewer.fill(None, &[], vec![line]);
                viewer.search = "needle".to_owned();
                assert!(viewer.find(Direction::Forward, room));
                let place = before.checked_sub(viewer.column).expect("not left of it");
                assert!(place + 6 <= room, "{before} in {room}");
                assert!(
                    before + 6 > room || viewer.column == 0,
                    "{before} in {room}"
                );
            }
        }
    }
}
