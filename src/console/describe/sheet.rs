//! Names and values, laid out on a page of a given width.

use super::Lines;
use crate::console::model::{Said, Tone};
use crate::text::width;

/// Width of the names if values are next to them.
const NAMES: usize = 14;
/// Below this width, each name takes only the room it needs.
const NARROW: usize = 60;
/// Columns that the margins of a page take.
const MARGINS: usize = 6;
/// Separator between two values on a line.
const GAP: &str = "   ";
/// Maximum number of values in a line of bars.
const BARS: usize = 40;

/// A page being laid out.
#[derive(Debug)]
pub struct Sheet {
    pub lines: Lines,
    columns: usize,
}

impl Sheet {
    /// An empty page for a terminal of `columns` columns.
    #[must_use]
    pub const fn new(columns: usize) -> Self {
        Self {
            lines: Lines::new(),
            columns,
        }
    }

    const fn is_narrow(&self) -> bool {
        self.columns < NARROW
    }

    const fn indent(&self) -> usize {
        if self.is_narrow() { 2 } else { NAMES }
    }

    const fn room(&self) -> usize {
        self.columns.saturating_sub(MARGINS)
    }

    /// Adds a name with its value, which goes on the next line if both do not fit on one.
    pub fn field(&mut self, name: &str, value: &str) {
        let names = if self.is_narrow() {
            width(name) + 2
        } else {
            NAMES
        };
        let line = format!("{name:names$}{value}");
        if self.is_narrow() && width(&line) > self.room() {
            self.lines.push(Said::plain(name));
            self.lines.push(Said::plain(format!("  {value}")));
        } else {
            self.lines.push(Said::plain(line));
        }
    }

    /// Adds more about the value, on a line of its own.
    pub fn below(&mut self, tone: Tone, text: &str) {
        let indent = self.indent();
        let text = format!("{:indent$}{text}", "");
        self.lines.push(Said::new(tone, text));
    }

    /// Adds more to the last line if there is room, otherwise on a line of its own.
    pub fn beside(&mut self, text: &str) {
        let room = self.room();
        match self.lines.last_mut() {
            Some(last) if width(&last.text) + GAP.len() + width(text) <= room => {
                last.text.push_str(GAP);
                last.text.push_str(text);
            }
            _ => self.below(Tone::Dim, text),
        }
    }

    /// Number of values that fit in a line of bars.
    #[must_use]
    pub const fn bars(&self) -> usize {
        let room = self.columns.saturating_sub(MARGINS + self.indent());
        if room < BARS { room } else { BARS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(columns: usize) -> Vec<String> {
        let mut sheet = Sheet::new(columns);
        sheet.field("timestamp", "2026-05-16 10:50:30.123456");
        sheet.beside("3 h ago");
        sheet.below(Tone::Dim, "by ada");
        sheet.field("sequence id", "101");
        sheet.lines.into_iter().map(|said| said.text).collect()
    }

    #[test]
    fn a_name_stands_above_a_value_that_has_no_room_beside_it() {
        let wide = [
            "timestamp     2026-05-16 10:50:30.123456   3 h ago",
            "              by ada",
            "sequence id   101",
        ];
        assert_eq!(page(80), wide);
        let narrow = [
            "timestamp",
            "  2026-05-16 10:50:30.123456",
            "  3 h ago",
            "  by ada",
            "sequence id  101",
        ];
        assert_eq!(page(40), narrow);
    }
}
