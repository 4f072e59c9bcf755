//! One table with everything about it, in tabs.

use super::Answer;
use super::doctor::Doctor;
use super::listing::Listing;
use super::scroll::{Direction, Scroll};
use super::viewer::{Source, Viewer};
use crate::backend::{
    backfill::BackfillPlan,
    edits::HistoryEntry,
    table_objects::listing::{ListedObject, ObjectPage},
};
use crate::vocabulary::{SequenceId, TableName};

/// A side of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    #[default]
    State,
    Objects,
    History,
    Preview,
    Findings,
    Columns,
}

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::State,
        Self::Objects,
        Self::History,
        Self::Preview,
        Self::Findings,
        Self::Columns,
    ];

    /// Its name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::State => "State",
            Self::Objects => "Objects",
            Self::History => "History",
            Self::Preview => "Next rows",
            Self::Findings => "Findings",
            Self::Columns => "Columns",
        }
    }

    /// The tab after it or before it, going round.
    #[must_use]
    pub const fn turn(self, direction: Direction) -> Self {
        Self::ALL[direction.turn(self as usize, Self::ALL.len())]
    }
}

/// The page of one table. What was fetched stays until it comes anew.
#[derive(Debug, Clone)]
pub struct TablePage {
    pub table: TableName,
    pub tab: Tab,
    /// The objects, newest first.
    pub objects: Listing,
    /// All versions of both parameters, newest first.
    pub history: Answer<Vec<HistoryEntry>>,
    /// The backfills of it that were interrupted, newest first.
    pub interrupted: Answer<Vec<BackfillPlan>>,
    /// What ingestion would write next; `None` until somebody looks.
    pub next_rows: Option<Viewer>,
    /// What is wrong with it; `None` until somebody looks.
    pub doctor: Option<Doctor>,
    /// The object that was looked for because the row of the table tells of it.
    pub sought: Option<SequenceId>,
    scrolls: [Scroll; Tab::ALL.len()],
}

impl TablePage {
    /// A page of which nothing has been fetched.
    #[must_use]
    pub fn new(table: TableName, tab: Tab) -> Self {
        Self {
            table,
            tab,
            objects: Listing::default(),
            history: Answer::Waiting,
            interrupted: Answer::Waiting,
            next_rows: None,
            doctor: None,
            sought: None,
            scrolls: [Scroll::default(); Tab::ALL.len()],
        }
    }

    /// The newest objects have arrived. The cursor stays on its object, above which there may be newer ones
    /// now.
    pub fn take_objects(&mut self, newest: ObjectPage) {
        let place = self.scrolls[Tab::Objects as usize].cursor;
        let before = self.objects.ready().and_then(|before| before.get(place));
        let before = before.map(|before| before.key.clone());
        self.objects.renew(newest);
        let same = |object: &ListedObject| Some(&object.key) == before.as_ref();
        let now = self.objects.ready();
        let now = now.and_then(|now| now.iter().position(same));
        self.scrolls[Tab::Objects as usize].cursor = now.unwrap_or(place);
    }

    /// The versions have arrived. The cursor stays on its version.
    pub fn take_history(&mut self, history: Vec<HistoryEntry>) {
        let place = self.scrolls[Tab::History as usize].cursor;
        let before = self.history.ready().and_then(|before| before.get(place));
        let same = |entry: &HistoryEntry| {
            before.is_some_and(|before| {
                (&before.parameter, before.version) == (&entry.parameter, entry.version)
            })
        };
        let now = history.iter().position(same);
        self.scrolls[Tab::History as usize].cursor = now.unwrap_or(place);
        self.history = Answer::Ready(history);
    }

    /// A viewer for what ingestion would write next.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        Viewer::new(Source::Preview(self.table.clone()))
    }

    /// The place in the tab in front.
    #[must_use]
    pub const fn scroll(&self) -> Scroll {
        self.scrolls[self.tab as usize]
    }

    /// The place in the tab in front.
    pub const fn scroll_mut(&mut self) -> &mut Scroll {
        &mut self.scrolls[self.tab as usize]
    }

    /// Lines of the tab in front, where it is a list.
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        match self.tab {
            Tab::Objects => Some(self.objects.len()),
            Tab::History => Some(self.history.ready().map_or(0, Vec::len)),
            Tab::Findings => Some(self.doctor.as_ref().map_or(0, Doctor::lines)),
            _ => None,
        }
    }

    /// The object under the cursor.
    #[must_use]
    pub fn object(&self) -> Option<&ListedObject> {
        if self.tab != Tab::Objects {
            return None;
        }
        self.objects.ready()?.get(self.scroll().cursor)
    }

    /// The version under the cursor.
    #[must_use]
    pub fn version(&self) -> Option<&HistoryEntry> {
        if self.tab != Tab::History {
            return None;
        }
        self.history.ready()?.get(self.scroll().cursor)
    }

    /// Whether no version of the same parameter is newer than `entry`.
    #[must_use]
    pub fn is_newest(&self, entry: &HistoryEntry) -> bool {
        let all = self.history.ready().into_iter().flatten();
        let same = all.filter(|other| other.parameter == entry.parameter);
        same.map(|other| other.version).max() == Some(entry.version)
    }

    /// What the same parameter held before `entry`, if the store still has it.
    #[must_use]
    pub fn before(&self, entry: &HistoryEntry) -> Option<&HistoryEntry> {
        self.history
            .ready()?
            .iter()
            .filter(|older| older.parameter == entry.parameter && older.version < entry.version)
            .max_by_key(|older| older.version)
    }

    /// Rows of the objects, oldest first, as far as they are known.
    #[must_use]
    pub fn rows_over_time(&self) -> Vec<u64> {
        let objects = self.objects.ready().map_or(&[][..], Vec::as_slice);
        objects
            .iter()
            .rev()
            .filter_map(|object| object.rows)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_go_round_in_both_directions() {
        assert_eq!(Tab::Columns.turn(Direction::Forward), Tab::State);
        for tab in Tab::ALL {
            let next = tab.turn(Direction::Forward);
            assert_eq!(next.turn(Direction::Backward), tab);
        }
    }
}
