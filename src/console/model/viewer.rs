//! Views lines of JSON: what ingestion would write, or what an object contains.

use super::Answer;
use super::scroll::{Direction, Scroll};
use crate::console::json;
use crate::text;
use crate::vocabulary::{ObjectKey, TableName};

/// Number of rows that a preview or an object shows.
pub const LINES: usize = 500;
/// Number of columns to scroll sideways at a time.
const SIDEWAYS: usize = 8;

/// The source of the lines.
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

/// The lines, and the position among them.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub source: Source,
    pub answer: Answer<Page>,
    /// Whether there is one value per line, rather than one row.
    pub pretty: bool,
    pub scroll: Scroll,
    /// Number of columns scrolled to the right.
    pub column: usize,
    /// The search text; empty if there is none.
    pub search: String,
}

/// The lines, and what is known about them as a whole.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Key, bounds and counts, one per line, safe to show.
    pub facts: Vec<String>,
    /// The key of the object that contains the lines, or will.
    pub key: Option<String>,
    /// The lines as stored.
    pub lines: Vec<String>,
    /// What to say below the lines if there are more, one per line.
    pub rest: Vec<String>,
    /// The lines as shown.
    pub shown: Vec<ShownLine>,
    /// Width of the widest line shown, not counting `rest`.
    widest: usize,
}

/// A line on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    /// Index of the stored line that it belongs to; past the last one for a line of `rest`.
    pub line: usize,
    /// Safe to show.
    pub text: String,
}

impl Viewer {
    /// A viewer that is waiting for its lines.
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

    /// Stores the lines.
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

    /// Says below the last line that there are more.
    pub fn go_on(&mut self, rest: &[String]) {
        if let Answer::Ready(page) = &mut self.answer {
            page.rest = rest.iter().map(|line| text::visible(line)).collect();
            page.say_rest();
        }
    }

    /// Switches between one value and one row per line, staying on the same row.
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

    /// Scrolls to the right, as long as there is something to see.
    pub fn right(&mut self) {
        let widest = self.answer.ready().map_or(0, |page| {
            let rest = page.rest.iter().map(|line| text::width(line));
            rest.fold(page.widest, usize::max)
        });
        let most = widest.saturating_sub(SIDEWAYS).max(self.column);
        self.column = (self.column + SIDEWAYS).min(most);
    }

    /// Whether the lines have yet to arrive.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self.answer, Answer::Waiting)
    }

    /// The lines as shown.
    #[must_use]
    pub fn shown(&self) -> &[ShownLine] {
        self.answer.ready().map_or(&[], |page| &page.shown)
    }

    /// Index of the stored line under the cursor.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.shown().get(self.scroll.cursor).map(|shown| shown.line)
    }

    /// Number of lines above the text: the facts and a blank line.
    #[must_use]
    pub fn head(&self) -> usize {
        self.answer.ready().map_or(0, |page| page.facts.len() + 1)
    }

    /// Goes to the next or previous line with a match, and brings the match within the `room` columns of a line.
    /// Returns `false` if there is none.
    pub fn find(&mut self, direction: Direction, room: usize) -> bool {
        let next = direction.turn(self.scroll.cursor, self.shown().len());
        self.find_from(next, direction, room)
    }

    /// Goes to the first line with a match, from the line under the cursor on.
    pub fn find_first(&mut self, room: usize) -> bool {
        self.find_from(self.scroll.cursor, Direction::Forward, room)
    }

    fn find_from(&mut self, line: usize, direction: Direction, room: usize) -> bool {
        let length = self.shown().len();
        let needle = self.search.to_lowercase();
        let lines = std::iter::successors(Some(line), |line| Some(direction.turn(*line, length)));
        let mut round = lines.take(length);
        let found = round.find(|at| self.shown()[*at].text.to_lowercase().contains(&needle));
        if let Some(at) = found {
            self.scroll.cursor = at;
            self.reveal(&needle, room);
        }
        found.is_some()
    }

    /// Scrolls sideways until the match is in sight.
    fn reveal(&mut self, needle: &str, room: usize) {
        // Measured in the same text as it is found in: lower case may take more bytes.
        let lower = self.shown()[self.scroll.cursor].text.to_lowercase();
        let Some(at) = lower.find(needle) else {
            return;
        };
        let before = text::width(&lower[..at]);
        if before < self.column || before + text::width(needle) > self.column + room {
            self.column = before.saturating_sub(room / 3);
        }
    }
}

impl Page {
    /// Whether these are all the lines.
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
        let widths = self.shown.iter().map(|shown| text::width(&shown.text));
        self.widest = widths.max().unwrap_or(0);
        self.say_rest();
    }

    /// Appends the lines of `rest`.
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
    fn the_end_of_the_widest_line_is_in_reach_whichever_line_has_the_most_bytes() {
        let mut viewer = Viewer::new(Source::Preview(TableName::parse("payment")));
        let (wide, long) = ("w".repeat(100), "\u{e9}".repeat(60));
        viewer.fill(None, &[], vec![wide, long]);
        for _ in 0..100 {
            viewer.right();
        }
        assert!(viewer.column + SIDEWAYS >= 100, "{}", viewer.column);
    }

    #[test]
    fn what_is_found_behind_letters_that_are_longer_in_lower_case_is_in_sight() {
        let mut viewer = Viewer::new(Source::Preview(TableName::parse("payment")));
        viewer.fill(None, &[], vec![format!("{}needle", "\u{130}".repeat(100))]);
        viewer.search = "needle".to_owned();
        assert!(viewer.find(Direction::Forward, 70));
        let place = 100_usize
            .checked_sub(viewer.column)
            .expect("not left of it");
        assert!(place + 6 <= 70, "{place}");
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
